#include "node/cometbft/rpc.h"

#include <httplib.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace bourse::cometbft {
namespace {

using Json = nlohmann::json;

absl::Status Senseless(std::string_view what) {
  return absl::InternalError(
      absl::StrCat("the engine's answer makes no sense: ", std::string(what)));
}

std::string Text(const Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key) || !object[key].is_string()) return "";
  return object[key].get<std::string>();
}

const Json& At(const Json& object, const char* key) {
  static const Json none;
  return object.is_object() && object.contains(key) ? object[key] : none;
}

bool ReadHash(const Json& object, const char* key, Hash256* out) {
  return FromHex(absl::AsciiStrToLower(Text(object, key)), out);
}

bool ReadHeight(const Json& object, const char* key, Height* out) {
  std::uint64_t number = 0;
  if (!absl::SimpleAtoi(Text(object, key), &number)) return false;
  *out = Height(number);
  return true;
}

bool ReadTime(const std::string& text, TimeMicros* out) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return false;
  *out =
      TimeMicros(static_cast<std::uint64_t>(std::max<std::int64_t>(0, absl::ToUnixMicros(time))));
  return true;
}

bool ReadHeader(const Json& meta, EngineHeader* out) {
  const Json& header = At(meta, "header");
  out->chain_id = Text(header, "chain_id");
  return ReadHash(At(meta, "block_id"), "hash", &out->hash) &&
         ReadHeight(header, "height", &out->height) && ReadTime(Text(header, "time"), &out->time) &&
         ReadHash(header, "data_hash", &out->data_hash) &&
         ReadHash(header, "app_hash", &out->app_hash);
}

// What the engine itself refuses, by the texts of CometBFT 0.38.
absl::Status RefusalOf(const Json& error) {
  const std::string text = absl::StrCat(Text(error, "message"), ": ", Text(error, "data"));
  if (text.find("already exists in cache") != std::string::npos) {
    return absl::AlreadyExistsError("the engine has the transaction already");
  }
  if (text.find("mempool is full") != std::string::npos) {
    return absl::ResourceExhaustedError("the engine's queue is full; try again shortly");
  }
  return absl::UnavailableError(absl::StrCat("the engine did not take the transaction: ", text));
}

std::string RequestOf(const char* method, Json params) {
  return Json({{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", std::move(params)}})
      .dump();
}

absl::StatusOr<Json> ResultOf(const absl::StatusOr<std::string>& body) {
  if (!body.ok()) return body.status();
  Json json = Json::parse(*body, nullptr, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("error")) {
    return absl::NotFoundError(absl::StrCat("the engine refuses: ", Text(json["error"], "message"),
                                            ": ", Text(json["error"], "data")));
  }
  if (!json.is_object() || !json.contains("result")) return Senseless("no result");
  return Json(std::move(json["result"]));
}

}  // namespace

class Rpc::Connection {
 public:
  explicit Connection(const RpcOptions& options) : client_(options.host, options.port) {
    const auto seconds = static_cast<time_t>(options.timeout_ms / 1'000);
    const auto micros = static_cast<time_t>(options.timeout_ms % 1'000 * 1'000);
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_connection_timeout(seconds, micros);
    client_.set_read_timeout(seconds, micros);
    client_.set_write_timeout(seconds, micros);
  }
  httplib::Client& client() { return client_; }

 private:
  httplib::Client client_;
};

Rpc::Rpc(RpcOptions options)
    : options_(std::move(options)), address_(absl::StrCat(options_.host, ":", options_.port)) {}

Rpc::~Rpc() = default;

absl::Status Rpc::Unavailable(const std::string& why) const {
  return absl::UnavailableError(
      absl::StrCat("the engine, CometBFT, does not answer at ", address_, ": ", why));
}

absl::StatusOr<std::string> Rpc::Call(const std::string& body) {
  std::shared_ptr<Connection> connection;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return Unavailable("the node is stopping");
    if (idle_.empty()) {
      connection = std::make_shared<Connection>(options_);
    } else {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
    busy_.push_back(connection);
  }
  const httplib::Result result = connection->client().Post("/", body, "application/json");
  {
    const std::lock_guard lock(mutex_);
    busy_.erase(std::find(busy_.begin(), busy_.end(), connection));
    if (result) idle_.push_back(std::move(connection));
  }
  if (!result) return Unavailable(httplib::to_string(result.error()));
  return result->body;
}

absl::Status Rpc::Broadcast(const std::string& encoded) {
  const absl::StatusOr<std::string> body =
      Call(RequestOf("broadcast_tx_sync", {{"tx", absl::Base64Escape(encoded)}}));
  if (!body.ok()) return body.status();
  const Json json = Json::parse(*body, nullptr, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("error")) return RefusalOf(json["error"]);
  const Json& result = At(json, "result");
  const Json& code = At(result, "code");
  if (!code.is_number_unsigned()) return Senseless("broadcast_tx_sync without a code");
  if (code == 0) return absl::OkStatus();
  return absl::Status(static_cast<absl::StatusCode>(code.get<int>()), Text(result, "log"));
}

absl::StatusOr<EngineStatus> Rpc::Status() {
  const absl::StatusOr<Json> result = ResultOf(Call(RequestOf("status", Json::object())));
  if (!result.ok()) return result.status();
  EngineStatus out;
  const Json& sync = At(*result, "sync_info");
  if (!ReadHeight(sync, "latest_block_height", &out.height)) return Senseless("status");
  out.catching_up = At(sync, "catching_up") == true;
  out.is_validator = Text(At(*result, "validator_info"), "voting_power") != "0";
  return out;
}

absl::StatusOr<std::vector<EngineHeader>> Rpc::Headers(Height first, Height last) {
  constexpr std::uint64_t kAtOnce = 20;
  const std::uint64_t end = std::min(last.value(), first.value() + kAtOnce - 1);
  const absl::StatusOr<Json> result =
      ResultOf(Call(RequestOf("blockchain", {{"minHeight", std::to_string(first.value())},
                                             {"maxHeight", std::to_string(end)}})));
  if (!result.ok()) return result.status();
  std::vector<EngineHeader> out;
  for (const Json& meta : At(*result, "block_metas")) {
    out.emplace_back();
    if (!ReadHeader(meta, &out.back())) return Senseless("a header");
  }
  std::reverse(out.begin(), out.end());
  if (out.empty()) return absl::NotFoundError("the engine has no such blocks");
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i].height.value() != first.value() + i) return Senseless("headers out of order");
  }
  return out;
}

void Rpc::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& connection : busy_) connection->client().stop();
}

}  // namespace bourse::cometbft
