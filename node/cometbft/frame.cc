#include "node/cometbft/frame.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bourse::cometbft {
namespace {

// Of lengths up to kMaxFrameBytes, and a little more.
constexpr std::size_t kMaxLengthBytes = 4;

struct Length {
  std::size_t value = 0;
  std::size_t bytes = 0;  // that it takes; 0: it is not there in whole
};

absl::StatusOr<Length> ReadLength(std::string_view bytes) {
  Length out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == kMaxLengthBytes) break;
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    out.value |= std::size_t{byte & 0x7fu} << (7 * i);
    if (byte < 0x80) {
      out.bytes = i + 1;
      break;
    }
  }
  if (out.value > kMaxFrameBytes || (out.bytes == 0 && bytes.size() >= kMaxLengthBytes)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a message of the engine is longer than ", kMaxFrameBytes, " bytes"));
  }
  return out;
}

}  // namespace

void FrameReader::Add(std::string_view bytes) {
  buffer_.erase(0, read_);
  read_ = 0;
  buffer_.append(bytes);
}

absl::StatusOr<std::optional<std::string_view>> FrameReader::Next() {
  const std::string_view left = std::string_view(buffer_).substr(read_);
  const absl::StatusOr<Length> length = ReadLength(left);
  if (!length.ok()) return length.status();
  if (length->bytes == 0 || left.size() - length->bytes < length->value) {
    return std::optional<std::string_view>();
  }
  read_ += length->bytes + length->value;
  return std::optional(left.substr(length->bytes, length->value));
}

void AppendFrame(std::string_view message, std::string* out) {
  std::uint64_t length = message.size();
  for (; length >= 0x80; length >>= 7) out->push_back(static_cast<char>(length | 0x80));
  out->push_back(static_cast<char>(length));
  out->append(message);
}

}  // namespace bourse::cometbft
