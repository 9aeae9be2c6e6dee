#include "node/config/strict_json.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "node/config/nearest.h"

namespace bourse::config {
namespace {

const nlohmann::json& EmptyObject() {
  static const nlohmann::json empty = nlohmann::json::object();
  return empty;
}

// Sees each key as the parser does: in the parsed value a second one would have replaced the first.
class KeyWatch {
 public:
  bool operator()(int depth, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    if (event == nlohmann::json::parse_event_t::object_start) {
      keys_.resize(static_cast<std::size_t>(depth) + 2);
      keys_.back().clear();
    }
    if (event == nlohmann::json::parse_event_t::key) {
      keys_.resize(static_cast<std::size_t>(depth) + 1);
      const auto key = parsed.get<std::string>();
      if (!keys_.back().insert(key).second && twice_.empty()) twice_ = key;
    }
    return true;
  }
  [[nodiscard]] const std::string& twice() const { return twice_; }

 private:
  std::vector<std::set<std::string>> keys_;
  std::string twice_;
};

// Remembers where parsing stopped.
std::string WhereItEnds(std::string_view text) {
  std::size_t good = 0;
  // The parser without exceptions keeps no position; the SAX interface does.
  struct Sax : nlohmann::json_sax<nlohmann::json> {
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception&) override {
      at = position;
      return false;
    }
    std::size_t at = 0;
  } sax;
  (void)nlohmann::json::sax_parse(text, &sax);
  good = std::min(sax.at, text.size());
  const auto line =
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(good), '\n');
  return absl::StrCat("line ", line + 1);
}

}  // namespace

bool ParseDecimal(std::string_view text, std::uint64_t* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

absl::StatusOr<nlohmann::json> ParseJson(std::string_view text) {
  KeyWatch watch;
  nlohmann::json json = nlohmann::json::parse(text, std::ref(watch), /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    return absl::InvalidArgumentError(absl::StrCat("not JSON; see ", WhereItEnds(text)));
  }
  if (!watch.twice().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the key \"", watch.twice(), "\" is there twice"));
  }
  return json;
}

StrictObject::StrictObject(const nlohmann::json& json, std::string path, std::string* error)
    : json_(&json), path_(std::move(path)), error_(error) {
  if (json_->is_object()) return;
  if (error_->empty())
    *error_ = absl::StrCat(path_.empty() ? "the file" : path_, ": not an object");
  json_ = &EmptyObject();
}

std::string StrictObject::PathOf(const std::string& key) const {
  return path_.empty() ? key : absl::StrCat(path_, ".", key);
}

void StrictObject::Fail(const std::string& key, std::string_view text) {
  if (error_->empty()) *error_ = absl::StrCat(PathOf(key), ": ", std::string(text));
}

const nlohmann::json* StrictObject::Find(const std::string& key) {
  asked_.push_back(key);
  const auto it = json_->find(key);
  if (it == json_->end()) {
    Fail(key, "missing");
    return nullptr;
  }
  return &*it;
}

std::string StrictObject::String(const std::string& key) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return "";
  if (!value->is_string()) {
    Fail(key, "expected text in quotes");
    return "";
  }
  return value->get<std::string>();
}

std::uint64_t StrictObject::U64(const std::string& key) {
  const nlohmann::json* value = Find(key);
  std::uint64_t out = 0;
  if (value == nullptr) return out;
  if (!value->is_string() || !ParseDecimal(value->get_ref<const std::string&>(), &out)) {
    Fail(key, "expected a whole number in quotes, as \"1000\"");
    return 0;
  }
  return out;
}

std::uint32_t StrictObject::U32(const std::string& key) {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return 0;
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() > 0xffffffffu) {
    Fail(key, "expected a whole number without quotes");
    return 0;
  }
  return value->get<std::uint32_t>();
}

StrictObject StrictObject::Object(const std::string& key) {
  const nlohmann::json* value = Find(key);
  return {value == nullptr ? EmptyObject() : *value, PathOf(key), error_};
}

void StrictObject::Each(const std::string& key, const std::function<void(StrictObject&)>& read) {
  const nlohmann::json* list = Find(key);
  if (list == nullptr) return;
  if (!list->is_array()) return Fail(key, "expected a list");
  for (std::size_t i = 0; i < list->size() && error_->empty(); ++i) {
    StrictObject object((*list)[i], absl::StrCat(PathOf(key), "[", i, "]"), error_);
    read(object);
    object.Finish();
  }
}

void StrictObject::EachU64(
    const std::string& key,
    const std::function<void(const std::string& name, std::uint64_t value)>& read) {
  StrictObject object = Object(key);
  for (const auto& [name, value] : object.json_->items()) read(name, object.U64(name));
}

void StrictObject::Finish() {
  for (const auto& [key, value] : json_->items()) {
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
      Fail(key, absl::StrCat("unknown key", DidYouMean(key, asked_)));
    }
  }
}

}  // namespace bourse::config
