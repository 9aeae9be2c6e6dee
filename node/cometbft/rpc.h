// Rpc: what a node asks of its engine, by CometBFT's JSON-RPC over HTTP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/hash.h"
#include "common/units.h"

namespace bourse::cometbft {

struct RpcOptions {
  std::string host;  // numeric
  std::uint16_t port = 0;
  std::uint32_t timeout_ms = 10'000;  // of a call
};

struct EngineStatus {
  Height height;  // of its last block
  bool catching_up = false;
  bool is_validator = false;
};

// A header of CometBFT's, and what its block is called.
struct EngineHeader {
  Height height;
  Hash256 hash;
  std::string chain_id;
  TimeMicros time;    // rounded down
  Hash256 data_hash;  // of the block's transactions
  Hash256 app_hash;   // of the block before
};

// Keeps connections that are not in use for later calls. Thread-safe; calls block.
//
// Errors of each call: kUnavailable, with the address, if the engine does not answer; kInternal if
// it answers what makes no sense.
class Rpc {
 public:
  explicit Rpc(RpcOptions options);
  ~Rpc();

  // Hands over a transaction, and waits for CheckTx. kAlreadyExists: the engine knows these bytes;
  // they are in its queue or in a block. kResourceExhausted: its queue is full. Else CheckTx's.
  [[nodiscard]] absl::Status Broadcast(const std::string& encoded);

  [[nodiscard]] absl::StatusOr<EngineStatus> Status();

  // Of so many heights from `first` to `last`, in order, as the engine hands out at once; at least
  // one. kNotFound: it has no such block.
  [[nodiscard]] absl::StatusOr<std::vector<EngineHeader>> Headers(Height first, Height last);

  // All calls fail from now on, those under way at once.
  void Stop();

  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  class Connection;

  // The body of the answer.
  [[nodiscard]] absl::StatusOr<std::string> Call(const std::string& body);
  [[nodiscard]] absl::Status Unavailable(const std::string& why) const;

  const RpcOptions options_;
  const std::string address_;
  std::mutex mutex_;  // guards the three below
  std::vector<std::shared_ptr<Connection>> idle_;
  std::vector<std::shared_ptr<Connection>> busy_;
  bool stopped_ = false;
};

}  // namespace bourse::cometbft
