// Server: where the engine's connections end. CometBFT opens four (consensus, mempool, query,
// snapshot), asks on each without waiting, and expects the answers in the order of its questions.
//
//   reader ─► handle(request, reply) ─► … any thread … ─► reply(response) ─► in order ─► writer
//
// Two threads a connection; what one waits for holds up no other. A connection that has too much
// under way is not read until answers are out.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bourse/abci/abci.pb.h"

namespace bourse::cometbft {

struct ServerOptions {
  // A Unix socket that only the node's user can reach; a socket that is left there is replaced.
  std::string unix_path;
  // Without: TCP, of this computer alone. 0: any free port.
  std::uint16_t loopback_port = 0;
};

class Server {
 public:
  // Once, on any thread, also after the connection has gone.
  using Reply = std::function<void(abci::Response)>;

  struct Hooks {
    // On the connection's thread; it must not block.
    std::function<void(abci::Request, Reply)> handle;
    // A connection has ended: OK if the engine closed it.
    std::function<void(const absl::Status&)> closed;
  };

  // Errors say what an operator can do.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                                     Hooks hooks);
  ~Server() { Stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Ends all connections, and waits for their threads. Not from a hook.
  void Stop();

  // What the engine's proxy_app is.
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  class Connection;

  Server(int fd, std::string address, Hooks hooks)
      : fd_(fd), address_(std::move(address)), hooks_(std::move(hooks)) {}
  void Accept();
  void Adopt(int fd);

  const int fd_;
  const std::string address_;
  const Hooks hooks_;
  std::mutex mutex_;  // guards the two below
  std::list<std::shared_ptr<Connection>> connections_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace bourse::cometbft
