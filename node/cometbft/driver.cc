#include "node/cometbft/driver.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/transaction.h"
#include "node/cometbft/results.h"
#include "node/config/genesis_json.h"

namespace bourse::cometbft {
namespace {

constexpr std::int64_t kMaxSeconds = std::numeric_limits<std::int64_t>::max() / 2'000'000;

// In whole microseconds; what no clock of ours could say becomes the nearest that it could.
std::uint64_t MicrosOf(const google::protobuf::Timestamp& time) {
  const std::int64_t seconds = std::clamp<std::int64_t>(time.seconds(), 0, kMaxSeconds);
  const std::int64_t nanos = std::clamp(time.nanos(), 0, 999'999'999);
  return static_cast<std::uint64_t>(seconds * 1'000'000 + nanos / 1'000);
}

absl::StatusOr<Hash256> BlockHash(const std::string& bytes) {
  Hash256 out;
  if (bytes.size() != out.bytes.size()) {
    return absl::InvalidArgumentError("the engine's block has no hash of 32 bytes");
  }
  const Bytes raw = AsBytes(bytes);
  std::copy(raw.begin(), raw.end(), out.bytes.begin());
  return out;
}

template <typename Strings>
std::vector<std::string> TakeAll(Strings* strings) {
  return {std::make_move_iterator(strings->begin()), std::make_move_iterator(strings->end())};
}

// What a transaction takes of a block, by CometBFT's count: a field's tag, the length, the bytes.
std::int64_t CostOf(const std::string& transaction) {
  std::int64_t cost = 2;
  for (std::size_t length = transaction.size(); length >= 0x80; length >>= 7) ++cost;
  return cost + static_cast<std::int64_t>(transaction.size());
}

absl::Status Mismatch(std::string text) { return absl::FailedPreconditionError(std::move(text)); }

}  // namespace

std::string ChainId(const Hash256& genesis_hash) {
  return absl::StrCat("bourse-", ToHex(genesis_hash).substr(0, 32));
}

Driver::Driver(exchange::Application* application, AppHashStore* store,
               const ledger::Genesis* genesis, const std::optional<Hash256>& app_hash)
    : application_(application),
      store_(store),
      genesis_(genesis),
      app_hash_(app_hash.value_or(GenesisAppHash(application->Info().state_root))) {}

TimeMicros Driver::TimeOf(const google::protobuf::Timestamp& time) const {
  const TimeMicros after_parent(application_->Info().head.time.value() + 1);
  return std::max(TimeMicros(MicrosOf(time)), after_parent);
}

abci::ResponseInfo Driver::Info() const {
  const ledger::Head head = application_->Info().head;
  abci::ResponseInfo out;
  out.set_data("bourse");
  out.set_app_version(exchange::kProtocolVersion);
  out.set_last_block_height(static_cast<std::int64_t>(head.height.value()));
  if (head.height != Height(0)) {
    out.set_last_block_app_hash(std::string(AsText(Bytes(app_hash_.bytes))));
  }
  return out;
}

absl::StatusOr<abci::ResponseInitChain> Driver::InitChain(
    const abci::RequestInitChain& request) const {
  const exchange::AppInfo info = application_->Info();
  const absl::StatusOr<ledger::Genesis> given = config::GenesisFromJson(request.app_state_bytes());
  if (!given.ok()) {
    return Mismatch(absl::StrCat("app_state of the engine's genesis is no genesis of ours: ",
                                 std::string(given.status().message())));
  }
  if (ledger::GenesisHash(*given) != info.genesis_hash ||
      request.chain_id() != ChainId(info.genesis_hash) || request.initial_height() != 1) {
    return Mismatch(absl::StrCat("the engine starts another network than the ledger's: its chain ",
                                 request.chain_id(), " should be ", ChainId(info.genesis_hash),
                                 ", from height 1, with the ledger's genesis as app_state"));
  }
  if (info.head.height != Height(0)) {
    return Mismatch("the engine starts from the genesis, and the ledger has blocks already");
  }
  abci::ResponseInitChain out;
  abci::ConsensusParams& params = *out.mutable_consensus_params();
  params.mutable_block()->set_max_bytes(kMaxBlockBytes);
  params.mutable_block()->set_max_gas(-1);
  params.mutable_version()->set_app(exchange::kProtocolVersion);
  for (const ledger::Validator& validator : genesis_->validators) {
    abci::ValidatorUpdate& one = *out.add_validators();
    one.mutable_pub_key()->set_ed25519(std::string(AsText(Bytes(validator.key.bytes))));
    one.set_power(1);
  }
  out.set_app_hash(std::string(AsText(Bytes(app_hash_.bytes))));
  return out;
}

abci::ResponsePrepareProposal Driver::PrepareProposal(
    const abci::RequestPrepareProposal& request) const {
  std::vector<SignedTransaction> decoded;
  std::vector<const std::string*> encoded;
  decoded.reserve(static_cast<std::size_t>(request.txs_size()));
  for (const std::string& bytes : request.txs()) {
    absl::StatusOr<SignedTransaction> one = DecodeSignedTransaction(AsBytes(bytes));
    if (!one.ok()) continue;
    decoded.push_back(*std::move(one));
    encoded.push_back(&bytes);
  }
  std::vector<exchange::Candidate> candidates;
  candidates.reserve(decoded.size());
  for (std::size_t i = 0; i < decoded.size(); ++i) candidates.push_back({&decoded[i], encoded[i]});
  abci::ResponsePrepareProposal out;
  std::int64_t left = request.max_tx_bytes();
  for (const std::size_t i : application_->PrepareProposal(candidates, TimeOf(request.time()))) {
    if (CostOf(*encoded[i]) > left) continue;
    left -= CostOf(*encoded[i]);
    out.add_txs(*encoded[i]);
  }
  return out;
}

exchange::Block Driver::Proposed(abci::RequestProcessProposal request) const {
  const ledger::Head parent = application_->Info().head;
  exchange::Block out;
  out.height = Height(static_cast<std::uint64_t>(request.height()));
  out.time = TimeOf(request.time());
  out.parent_hash = parent.block_hash;
  out.transactions = TakeAll(request.mutable_txs());
  return out;
}

absl::StatusOr<abci::ResponseFinalizeBlock> Driver::FinalizeBlock(
    abci::RequestFinalizeBlock request) {
  const absl::StatusOr<Hash256> hash = BlockHash(request.hash());
  if (!hash.ok()) return hash.status();
  const Height height(static_cast<std::uint64_t>(request.height()));
  // An engine that ended without having read the answer asks again after its restart.
  if (answered_ && answered_->height == height && answered_->hash == *hash) {
    return answered_->response;
  }
  const ledger::Head parent = application_->Info().head;
  exchange::Block block;
  block.height = height;
  block.time = TimeOf(request.time());
  block.hash = *hash;
  block.parent_hash = parent.block_hash;
  block.transactions = TakeAll(request.mutable_txs());
  absl::StatusOr<exchange::BlockResult> result = application_->FinalizeBlock(block);
  if (!result.ok()) return result.status();
  next_app_hash_ = AppHashOf(result->header, app_hash_);
  store_->SetNext(next_app_hash_);
  abci::ResponseFinalizeBlock response = ResultsOf(block.transactions, *result);
  response.set_app_hash(std::string(AsText(Bytes(next_app_hash_.bytes))));
  answered_ = Answered{height, *hash, response};
  pending_ = CommittedBlock{std::move(block), *std::move(result)};
  return response;
}

absl::StatusOr<std::optional<CommittedBlock>> Driver::Commit() {
  if (!pending_) {
    if (answered_) return std::optional<CommittedBlock>();
    return Mismatch("the engine commits, and no block was finalized");
  }
  if (absl::Status committed = application_->Commit(); !committed.ok()) return committed;
  app_hash_ = next_app_hash_;
  return std::exchange(pending_, std::nullopt);
}

}  // namespace bourse::cometbft
