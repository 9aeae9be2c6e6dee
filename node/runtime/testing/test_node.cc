#include "node/runtime/testing/test_node.h"

#include <latch>
#include <utility>

#include "common/check.h"
#include "common/transaction.h"
#include "node/exchange/exchange.h"
#include "node/runtime/clock.h"

namespace bourse::runtime::testing {
namespace {

constexpr char kLogFolder[] = "/consensus";

}  // namespace

KeyPair Key(std::uint8_t number) { return KeyPair::FromSeed(std::array<std::uint8_t, 32>{number}); }

KeyPair ValidatorKey(std::size_t validator) {
  return Key(static_cast<std::uint8_t>(100 + validator));
}

ledger::Genesis TestGenesis(std::size_t validators) {
  ledger::Genesis genesis;
  genesis.chain_name = "test";
  genesis.time = TimeMicros(1);
  genesis.fees.per_transaction = 1;
  genesis.assets = {{"BRS", 0, {}, 1'000'000'000}};
  genesis.accounts = {{Key(1).public_key(), {{0, 1'000'000}}},
                      {Key(2).public_key(), {{0, 1'000'000}}}};
  for (std::size_t i = 0; i < validators; ++i) {
    genesis.validators.push_back({"v" + std::to_string(i), ValidatorKey(i).public_key()});
  }
  return genesis;
}

std::string EncodedTransfer(const Hash256& genesis_hash, std::uint8_t from, std::uint64_t nonce,
                            std::uint64_t valid_us) {
  const KeyPair key = Key(from);
  Transaction transaction;
  transaction.genesis_hash = genesis_hash;
  transaction.account = transaction.signer = key.public_key();
  transaction.nonce = Nonce(nonce);
  transaction.valid_until = TimeMicros(ReadClock().wall.value() + valid_us);
  Transfer transfer;
  transfer.to = Key(from == 1 ? 2 : 1).public_key();
  transfer.asset = ledger::MakeAssetId({}, "BRS");
  transfer.amount = Atoms(1);
  transaction.operations.emplace_back(transfer);
  const std::string body = EncodeTransaction(transaction);
  const std::string message = SigningBytes(transaction.genesis_hash, AsBytes(body));
  return EncodeSignedTransaction(body, key.Sign(AsBytes(message)));
}

api::SubmitResult SubmitAndWait(Node& node, const std::string& encoded, bool wait,
                                absl::Time deadline) {
  api::SubmitResult out;
  std::latch done{1};
  node.Submit(encoded, {wait, deadline, 0}, [&](api::SubmitResult result) {
    out = std::move(result);
    done.count_down();
  });
  done.wait();
  return out;
}

TestNode::TestNode(const ledger::Genesis& genesis, KeyPair key)
    : genesis_(genesis), key_(std::move(key)) {
  auto exchange = exchange::Exchange::Open(&store_);
  CHECK(exchange.ok() && (*exchange)->InitChain(genesis).ok());
  CHECK(storage::ConsensusLog::Create(&disk_, kLogFolder).ok());
}

absl::Status TestNode::Open(Network* network, const ledger::Genesis& genesis) {
  Memory memory;
  if (has_log_) {
    absl::StatusOr<storage::ConsensusLog::Opened> opened =
        storage::ConsensusLog::Open(&disk_, kLogFolder);
    if (!opened.ok()) return opened.status();
    log_ = std::move(opened->log);
    memory.log = log_.get();
    memory.records = std::move(opened->records);
  } else {
    memory.why_none = "its log is lost";
  }
  NodeOptions options;
  options.identity.genesis = genesis;
  options.identity.node_key = key_.public_key();
  options.sign = [key = key_](std::string_view bytes) { return key.Sign(AsBytes(bytes)); };
  options.workers = 2;
  options.idle_us = idle_us;
  options.slot_timeout_us = slot_timeout_us;
  absl::StatusOr<std::unique_ptr<Node>> node =
      Node::Open(&store_, network, std::move(memory), std::move(options));
  if (!node.ok()) return node.status();
  node_ = *std::move(node);
  return absl::OkStatus();
}

void TestNode::Start(std::function<void(const absl::Status&)> on_failure) {
  node_->Start(std::move(on_failure));
}

void TestNode::Stop() {
  if (node_ != nullptr) node_->Stop();
  node_.reset();
  log_.reset();
}

}  // namespace bourse::runtime::testing
