#include "node/runtime/testing/engine_requests.h"

#include <cstdint>
#include <latch>
#include <utility>

#include "common/hash.h"

namespace bourse::runtime::testing {
namespace {

// Height, time and transactions, which a proposal and a block have alike.
template <typename Message>
void Fill(Height height, TimeMicros time, const std::vector<std::string>& transactions,
          Message* out) {
  out->set_height(static_cast<std::int64_t>(height.value()));
  out->mutable_time()->set_seconds(static_cast<std::int64_t>(time.value() / 1'000'000));
  out->mutable_time()->set_nanos(static_cast<std::int32_t>(time.value() % 1'000'000 * 1'000));
  for (const std::string& one : transactions) out->add_txs(one);
  const Hash256 hash = HashOf(AsBytes("block" + std::to_string(height.value())));
  out->set_hash(std::string(AsText(Bytes(hash.bytes))));
}

}  // namespace

abci::Request CheckTxOf(const std::string& transaction, abci::CheckTxType type) {
  abci::Request out;
  out.mutable_check_tx()->set_tx(transaction);
  out.mutable_check_tx()->set_type(type);
  return out;
}

abci::Request ProposalOf(Height height, TimeMicros time,
                         const std::vector<std::string>& transactions) {
  abci::Request out;
  Fill(height, time, transactions, out.mutable_process_proposal());
  return out;
}

abci::Request BlockOf(Height height, TimeMicros time,
                      const std::vector<std::string>& transactions) {
  abci::Request out;
  Fill(height, time, transactions, out.mutable_finalize_block());
  return out;
}

abci::Request CommitOf() {
  abci::Request out;
  out.mutable_commit();
  return out;
}

abci::Response Ask(EngineApplication& application, abci::Request request) {
  abci::Response out;
  std::latch done{1};
  application.Handle(std::move(request), [&](abci::Response response) {
    out = std::move(response);
    done.count_down();
  });
  done.wait();
  return out;
}

abci::ResponseFinalizeBlock RunBlock(EngineApplication& application, Height height, TimeMicros time,
                                     const std::vector<std::string>& transactions) {
  abci::Response finalized = Ask(application, BlockOf(height, time, transactions));
  (void)Ask(application, CommitOf());
  return std::move(*finalized.mutable_finalize_block());
}

}  // namespace bourse::runtime::testing
