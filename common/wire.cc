#include "common/wire.h"

#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"

namespace bourse::wire {
namespace {

constexpr std::string_view kNoZero = "0 is written by leaving the field out";

}  // namespace

MessageReader::MessageReader(std::string_view bytes, std::string* error)
    : left_(bytes), error_(error) {
  ReadTag();
}

MessageReader::MessageReader(MessageReader* parent, std::uint32_t field, std::string_view name,
                             int index)
    : index_(index), name_(name), parent_(parent), error_(parent->error_) {
  left_ = parent->ReadBytes(field, name);
  if (ok()) ReadTag();
}

std::uint64_t MessageReader::U64(std::uint32_t field, std::string_view name) {
  if (!At(field, Type::kVarint, name)) return 0;
  const std::uint64_t value = ReadVarint(name);
  if (value == 0) Fail(name, kNoZero);
  ReadTag();
  return value;
}

std::uint32_t MessageReader::U32(std::uint32_t field, std::string_view name) {
  const std::uint64_t value = U64(field, name);
  if (value > std::numeric_limits<std::uint32_t>::max()) Fail(name, "over 32 bits");
  return static_cast<std::uint32_t>(value);
}

bool MessageReader::Bool(std::uint32_t field, std::string_view name) {
  const std::uint64_t value = U64(field, name);
  if (value > 1) Fail(name, "true is written as 1");
  return value == 1;
}

std::uint8_t MessageReader::Enum(std::uint32_t field, std::string_view name, std::uint8_t max) {
  if (!At(field, Type::kVarint, name)) {
    Fail(name, "missing");
    return 0;
  }
  const std::uint64_t value = ReadVarint(name);
  if (value == 0 || value > max) {
    // An enum is a signed number.
    Fail(name, absl::StrCat("unknown value ", static_cast<std::int64_t>(value)));
  }
  ReadTag();
  return static_cast<std::uint8_t>(value);
}

std::string_view MessageReader::Bytes(std::uint32_t field, std::string_view name) {
  if (!At(field, Type::kBytes, name)) return {};
  const std::string_view value = ReadBytes(field, name);
  if (value.empty()) Fail(name, "an empty value is written by leaving the field out");
  return value;
}

void MessageReader::Exactly(std::uint32_t field, std::string_view name,
                            std::span<std::uint8_t> out) {
  const std::string_view value =
      At(field, Type::kBytes, name) ? ReadBytes(field, name) : std::string_view();
  if (value.size() != out.size()) {
    Fail(name, absl::StrCat("must have ", out.size(), " bytes, has ", value.size()));
    return;
  }
  std::memcpy(out.data(), value.data(), out.size());
}

std::uint64_t MessageReader::OneofU64(std::uint32_t field, std::string_view name) {
  if (!At(field, Type::kVarint, name)) return 0;
  const std::uint64_t value = ReadVarint(name);
  ReadTag();
  return value;
}

void MessageReader::Finish() {
  if (field_ == 0) return;
  Fail({}, field_ <= asked_ ? absl::StrCat("field ", field_, " is repeated or out of order")
                            : absl::StrCat("unknown field ", field_));
}

void MessageReader::Fail(std::string_view name, std::string_view text) {
  if (!ok()) return;
  std::string where = Path();
  if (!name.empty()) where.append(where.empty() ? "" : ".").append(name);
  if (!where.empty()) where.append(": ");
  *error_ = where.append(text);
  for (MessageReader* reader = this; reader != nullptr; reader = reader->parent_) {
    reader->left_ = {};
    reader->field_ = 0;
  }
}

// What At says of a field that is not what was asked for.
void MessageReader::CheckNotAt(std::uint32_t field, Type type, std::string_view name) {
  if (field_ < field) {
    Finish();
  } else if (field_ == field) {
    Fail(name,
         absl::StrCat("wire type ", static_cast<int>(type_), ", must be ", static_cast<int>(type)));
  }
}

void MessageReader::ReadTagThere() {
  const std::uint64_t tag = ReadVarint({});
  if (!ok()) return;
  field_ = tag >> 3;
  type_ = static_cast<std::uint8_t>(tag & 7);
  if (field_ == 0) Fail({}, "field number 0");
}

std::uint64_t MessageReader::ReadLongVarint(std::string_view name) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < left_.size() && i < 10; ++i) {
    const auto byte = static_cast<std::uint8_t>(left_[i]);
    if (i == 9 && byte > 1) break;
    value |= std::uint64_t{byte & 0x7fu} << (7 * i);
    if (byte >= 0x80) continue;
    if (byte == 0 && i > 0) {
      Fail(name, "a number with leading zeros");
      return 0;
    }
    left_.remove_prefix(i + 1);
    return value;
  }
  Fail(name, left_.size() < 10 ? "ends within a number" : "a number over 64 bits");
  return 0;
}

// The bytes of the field whose tag was read last.
std::string_view MessageReader::ReadBytes(std::uint32_t field, std::string_view name) {
  if (!At(field, Type::kBytes, name)) return {};
  const std::uint64_t size = ReadVarint(name);
  if (size > left_.size()) {
    Fail(name, absl::StrCat("a length of ", size, " where ", left_.size(), " bytes are left"));
    return {};
  }
  const std::string_view value = left_.substr(0, static_cast<std::size_t>(size));
  left_.remove_prefix(value.size());
  ReadTag();
  return value;
}

std::size_t MessageReader::Repeated(std::size_t most) const {
  const auto byte_at = [this](std::size_t i) { return static_cast<std::uint8_t>(left_[i]); };
  std::size_t count = 0, at = 0;
  while (count < most && at < left_.size()) {
    std::size_t size = 0;
    for (int shift = 0; shift < 28 && at < left_.size(); shift += 7) {
      const std::uint8_t byte = byte_at(at++);
      size |= std::size_t{byte & 0x7fu} << shift;
      if (byte < 0x80) break;
    }
    ++count;
    at += size;
    if (at >= left_.size() || byte_at(at) != (field_ << 3 | type_)) break;
    ++at;
  }
  return count;
}

std::string MessageReader::Path() const {
  std::string path = parent_ == nullptr ? "" : parent_->Path();
  if (!path.empty()) path.append(".");
  path.append(name_);
  if (index_ != kNoIndex) absl::StrAppend(&path, "[", index_, "]");
  return path;
}

void MessageWriter::U64(std::uint32_t field, std::uint64_t value) {
  if (value != 0) OneofU64(field, value);
}

void MessageWriter::Bytes(std::uint32_t field, std::string_view value) {
  if (!value.empty()) Message(field, value);
}

void MessageWriter::Bytes(std::uint32_t field, std::span<const std::uint8_t> value) {
  Bytes(field, std::string_view(reinterpret_cast<const char*>(value.data()), value.size()));
}

void MessageWriter::OneofU64(std::uint32_t field, std::uint64_t value) {
  Tag(field, Type::kVarint);
  Varint(value);
}

void MessageWriter::Message(std::uint32_t field, std::string_view message) {
  Tag(field, Type::kBytes);
  Varint(message.size());
  out_.append(message);
}

void MessageWriter::Tag(std::uint32_t field, Type type) {
  Varint(std::uint64_t{field} << 3 | static_cast<std::uint8_t>(type));
}

void MessageWriter::Varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
  out_.push_back(static_cast<char>(value));
}

}  // namespace bourse::wire
