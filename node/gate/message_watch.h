// MessageWatch: where the messages of one call end (the length prefix of gRPC
// over HTTP/2: one byte of flags, four of length, big-endian).
//
// Pure, 8 bytes. It knows how much of a message is outstanding, not what it says:
// that tells an honest small frame, which brings a whole message, from a message
// in a thousand crumbs, which costs its receiver fifty times its size.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace bourse::gate {

class MessageWatch {
 public:
  // Takes the next bytes of the call's DATA. If a message ended in them: how many
  // came after the last one's end.
  std::optional<std::size_t> Consume(std::span<const std::uint8_t> bytes) {
    std::optional<std::size_t> after_end;
    while (!bytes.empty()) {
      if (prefix_have_ < kPrefix) {
        if (prefix_have_ > 0) left_ = left_ << 8 | bytes.front();
        ++prefix_have_;
        bytes = bytes.subspan(1);
      } else {
        const std::size_t count = std::min<std::size_t>(bytes.size(), left_);
        left_ -= static_cast<std::uint32_t>(count);
        bytes = bytes.subspan(count);
      }
      if (prefix_have_ == kPrefix && left_ == 0) {
        prefix_have_ = 0;
        after_end = bytes.size();
      }
    }
    return after_end;
  }

  // Some bytes of a message have come, and some have not.
  [[nodiscard]] bool unfinished() const { return prefix_have_ != 0; }

 private:
  static constexpr std::uint8_t kPrefix = 5;

  std::uint32_t left_ = 0;        // of the message; its length while the prefix comes
  std::uint8_t prefix_have_ = 0;  // bytes; 0 between two messages
};

}  // namespace bourse::gate
