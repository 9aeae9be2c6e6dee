// OrderLoad: signed orders, made beforehand and sent over streams; and what cores do that only
// check signatures, the yardstick of a node.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "bourse/v1/services.grpc.pb.h"
#include "common/ed25519.h"
#include "common/hash.h"
#include "common/transaction.h"
#include "tests/bench/measure.h"

namespace bourse::bench {

[[nodiscard]] std::shared_ptr<grpc::Channel> Connect(const std::string& address);
[[nodiscard]] v1::NodeStatus StatusOf(const std::string& address);

// Signs transactions of one network for the accounts of BenchNetwork.
class Signer {
 public:
  Signer(const std::string& genesis_hash, std::uint32_t accounts);
  [[nodiscard]] v1::SubmitRequest Sign(std::uint32_t account, std::vector<Operation> operations);
  // The nonce of an account's next transaction; and to go on from another one.
  [[nodiscard]] std::uint64_t next_nonce(std::uint32_t account) const { return nonces_[account]; }
  void SkipTo(std::uint32_t account, std::uint64_t nonce) { nonces_[account] = nonce; }

 private:
  Hash256 genesis_hash_;
  std::vector<KeyPair> keys_;
  std::vector<std::uint64_t> nonces_;
};

[[nodiscard]] PlaceOrder Order(std::uint32_t n, std::uint64_t price);

struct LoadOptions {
  std::uint32_t transactions = 20'000;
  std::uint32_t per_transaction = 1;  // orders
  std::uint32_t accounts = 500;
  std::uint32_t streams = 4;
};

// Of a program: --transactions and so on.
void AddLoadOptions(LoadOptions* options, CLI::App* app);

// Orders around one price, so that about every second one trades; one stream's share a row.
[[nodiscard]] std::vector<std::vector<v1::SubmitRequest>> MakeLoad(const LoadOptions& options,
                                                                   Signer& signer);

// Sends each row over a stream of its own, row i to addresses[i mod their number], and reads all
// answers. Returns the seconds it took. Fails if any is not final.
[[nodiscard]] double RunLoad(const std::vector<std::string>& addresses,
                             const std::vector<std::vector<v1::SubmitRequest>>& load);

struct Latency {
  double p50_ms, p99_ms;
};

// Sends an account's orders one by one, each when the last one is final, to any of the addresses.
[[nodiscard]] Latency Probe(const std::vector<std::string>& addresses, std::uint32_t account,
                            std::uint32_t count, Signer& signer);

// Signatures that all cores check in a second, doing nothing else.
[[nodiscard]] double VerificationsPerSecond();

}  // namespace bourse::bench
