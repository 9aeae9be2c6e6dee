// FakeEngine: CometBFT's RPC, as a test says what it answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>

#include "node/cometbft/rpc.h"

namespace httplib {
class Server;
}

namespace bourse::cometbft::testing {

// Thread-safe. REQUIRES: whoever calls it has ended before it does.
class FakeEngine {
 public:
  // The body of its answer to a call. Called on threads of its own, of several calls at once.
  using Answer =
      std::function<std::string(const std::string& method, const nlohmann::json& params)>;

  explicit FakeEngine(Answer answer);
  ~FakeEngine();
  FakeEngine(const FakeEngine&) = delete;
  FakeEngine& operator=(const FakeEngine&) = delete;

  // Where it is.
  [[nodiscard]] RpcOptions rpc() const;
  // How many calls came, and over how many connections.
  [[nodiscard]] int calls() const;
  [[nodiscard]] std::size_t connections() const;

 private:
  const std::unique_ptr<httplib::Server> server_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;  // guards the two below
  int calls_ = 0;
  std::set<int> ports_;  // of those who called
  std::thread thread_;
};

// Bodies: of an answer with this result, and of one with an error.
[[nodiscard]] std::string ResultBody(const nlohmann::json& result);
[[nodiscard]] std::string ErrorBody(const std::string& message, const std::string& data);

}  // namespace bourse::cometbft::testing
