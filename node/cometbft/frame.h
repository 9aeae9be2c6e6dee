// Frames: how ABCI's messages follow each other on a connection, each after its length, an unsigned
// varint.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace bourse::cometbft {

// A block has 4 MiB at most; InitChain brings a whole genesis.
inline constexpr std::size_t kMaxFrameBytes = 67'108'864;

// Takes a stream of bytes apart. Not thread-safe.
class FrameReader {
 public:
  void Add(std::string_view bytes);

  // The next message that is there in whole, until the next Add; nothing: more bytes are needed.
  // kInvalidArgument: what no engine sends; the stream is lost.
  [[nodiscard]] absl::StatusOr<std::optional<std::string_view>> Next();

 private:
  std::string buffer_;
  std::size_t read_ = 0;  // of the buffer
};

void AppendFrame(std::string_view message, std::string* out);

}  // namespace bourse::cometbft
