// Wire: a connected, non-blocking socket, with or without TLS.
//
// No call ever blocks. What cannot be done now says what to wait for. Not
// thread-safe; used on the loop's thread alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "node/gate/tls.h"

namespace bourse::gate {

struct IoResult {
  enum class Kind : std::uint8_t {
    kDone,
    kWantRead,   // try again when the socket can be read
    kWantWrite,  // try again when it can be written
    kEnd,        // of what the other side sends
    kFailed,
  };

  Kind kind = Kind::kDone;
  std::size_t count = 0;  // bytes, of kDone
  bool drained = false;   // a read emptied the socket: wait before the next
};

class Wire {
 public:
  virtual ~Wire() = default;

  // The socket, which the caller owns and closes after the Wire is gone.
  [[nodiscard]] virtual int fd() const = 0;
  // To be repeated until kDone; count is unused.
  virtual IoResult Handshake() = 0;
  // REQUIRES: `buffer` and `bytes` are not empty, the handshake is done.
  virtual IoResult Read(std::span<std::uint8_t> buffer) = 0;
  virtual IoResult Write(std::span<const std::uint8_t> bytes) = 0;
  // Says that nothing more will be written; what fails is left alone.
  virtual void ShutdownWrite() = 0;
  // Of the certificate that the other side showed.
  [[nodiscard]] virtual std::optional<PeerKey> peer_key() const = 0;
};

std::unique_ptr<Wire> MakePlainWire(int fd);

// Which side of TLS is ours. Null without memory.
enum class TlsSide : std::uint8_t { kServer, kClient };
std::unique_ptr<Wire> MakeTlsWire(int fd, std::shared_ptr<const TlsContext> tls, TlsSide side);

}  // namespace bourse::gate
