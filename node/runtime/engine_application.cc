#include "node/runtime/engine_application.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "node/consensus/vote.h"
#include "node/runtime/clock.h"
#include "node/runtime/log.h"
#include "node/runtime/verification.h"

namespace bourse::runtime {
namespace {

// Who brings tasks, beside clients.
constexpr std::uint64_t kEngine = ~std::uint64_t{1}, kDryRuns = ~std::uint64_t{2};
// The engine's checks that wait: what a connection may have under way, and those of the ones
// before.
constexpr std::size_t kMaxEngineChecks = 65'536;
constexpr std::size_t kMaxChecksPerSource = 4'096;
// A dry run needs no signature, and may cost more than a transaction does.
constexpr std::size_t kMaxDryRuns = 2;

abci::Response Exception(const absl::Status& status) {
  abci::Response out;
  out.mutable_exception()->set_error(std::string(status.message()));
  return out;
}

abci::Response CheckAnswer(const absl::Status& status) {
  abci::Response out;
  abci::ResponseCheckTx& check = *out.mutable_check_tx();
  check.set_code(static_cast<std::uint32_t>(status.code()));
  check.set_log(std::string(status.message()));
  if (!status.ok()) check.set_codespace("status");
  return out;
}

abci::Response Judgement(bool good) {
  abci::Response out;
  out.mutable_process_proposal()->set_status(good ? abci::ResponseProcessProposal::STATUS_ACCEPT
                                                  : abci::ResponseProcessProposal::STATUS_REJECT);
  return out;
}

absl::Status Busy() {
  return absl::ResourceExhaustedError("the node checks too many transactions; try again shortly");
}

absl::Status Stopping() { return absl::UnavailableError("the node is stopping; try again later"); }

// What is no question to the exchange; false: it is one.
bool AnswerAtOnce(const abci::Request& request, abci::Response* out) {
  switch (request.value_case()) {
    case abci::Request::kEcho:
      *out->mutable_echo() = request.echo();
      return true;
    case abci::Request::kFlush:
      out->mutable_flush();
      return true;
    case abci::Request::kQuery:
      out->mutable_query()->set_code(static_cast<std::uint32_t>(absl::StatusCode::kUnimplemented));
      out->mutable_query()->set_log("ask the node itself, by its gRPC API");
      return true;
    case abci::Request::kListSnapshots:
      out->mutable_list_snapshots();
      return true;
    case abci::Request::kOfferSnapshot:
      out->mutable_offer_snapshot()->set_result(abci::ResponseOfferSnapshot::RESULT_REJECT);
      return true;
    case abci::Request::kLoadSnapshotChunk:
      out->mutable_load_snapshot_chunk();
      return true;
    case abci::Request::kApplySnapshotChunk:
      out->mutable_apply_snapshot_chunk()->set_result(
          abci::ResponseApplySnapshotChunk::RESULT_ABORT);
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<EngineApplication>> EngineApplication::Open(
    ledger::Store* store, const ledger::Genesis* genesis, SignatureCache* seen, WorkerPool* workers,
    EngineQueue* queue) {
  std::unique_ptr<EngineApplication> out(
      new EngineApplication(store, genesis, seen, workers, queue));
  if (absl::Status loaded = out->Load(); !loaded.ok()) return loaded;
  return out;
}

EngineApplication::EngineApplication(ledger::Store* store, const ledger::Genesis* genesis,
                                     SignatureCache* seen, WorkerPool* workers, EngineQueue* queue)
    : store_(store),
      genesis_(genesis),
      genesis_hash_(ledger::GenesisHash(*genesis)),
      seen_(seen),
      workers_(workers),
      queue_(queue),
      tapped_(store, [this](const ledger::Batch& batch) { changes_ = batch; }),
      app_hashes_(&tapped_) {}

absl::Status EngineApplication::Load() {
  absl::StatusOr<std::unique_ptr<exchange::Exchange>> exchange =
      exchange::Exchange::Open(&app_hashes_);
  if (!exchange.ok()) return exchange.status();
  exchange_ = *std::move(exchange);
  if (!exchange_->started()) {
    return absl::FailedPreconditionError("the ledger is empty: it holds no genesis");
  }
  const auto app_hash = cometbft::ReadAppHash(*store_);
  if (!app_hash.ok()) return app_hash.status();
  if (!app_hash->has_value() && exchange_->Info().head.height != Height(0)) {
    return absl::FailedPreconditionError(
        "this ledger's blocks are ordered by the built-in consensus, and its network keeps that: "
        "start it with --engine simplex");
  }
  driver_.emplace(exchange_.get(), &app_hashes_, genesis_, *app_hash);
  return absl::OkStatus();
}

void EngineApplication::Handle(abci::Request request, Reply reply) {
  abci::Response at_once;
  if (AnswerAtOnce(request, &at_once)) return reply(std::move(at_once));
  if (request.has_check_tx()) {
    return CheckForEngine(std::move(*request.mutable_check_tx()), std::move(reply));
  }
  const auto shared = std::make_shared<abci::Request>(std::move(request));
  (void)thread_.PostUrgent([this, shared, reply = std::move(reply)] {
    failure_.ok() ? Answer(std::move(*shared), reply) : reply(Exception(failure_));
  });
}

void EngineApplication::Answer(abci::Request request, const Reply& reply) {
  abci::Response out;
  switch (request.value_case()) {
    case abci::Request::kInfo:
      hooks_.greeted();
      *out.mutable_info() = driver_->Info();
      return reply(std::move(out));
    case abci::Request::kInitChain: {
      auto answer = driver_->InitChain(request.init_chain());
      if (!answer.ok()) {
        Log(LogLevel::kError, "the engine does not fit",
            {{"error", std::string(answer.status().message())}});
        return reply(Exception(answer.status()));
      }
      *out.mutable_init_chain() = *std::move(answer);
      return reply(std::move(out));
    }
    case abci::Request::kPrepareProposal:
      *out.mutable_prepare_proposal() = driver_->PrepareProposal(request.prepare_proposal());
      return reply(std::move(out));
    case abci::Request::kProcessProposal:
      return Judge(std::move(*request.mutable_process_proposal()), reply);
    case abci::Request::kFinalizeBlock: {
      auto answer = driver_->FinalizeBlock(std::move(*request.mutable_finalize_block()));
      if (!answer.ok()) return Fail(answer.status(), reply);
      *out.mutable_finalize_block() = *std::move(answer);
      return reply(std::move(out));
    }
    case abci::Request::kCommit:
      return Commit(reply);
    default:
      return reply(Exception(absl::UnimplementedError("the node knows no such request")));
  }
}

void EngineApplication::Judge(abci::RequestProcessProposal request, const Reply& reply) {
  const ledger::Head parent = exchange_->Info().head;
  exchange::Block block = driver_->Proposed(std::move(request));
  replica::CheckBody body;
  body.header.header.protocol_version = block.protocol_version;
  body.header.header.height = block.height;
  body.header.header.time = block.time;
  body.parent_height = parent.height;
  body.parent_time = parent.time;
  body.transactions =
      std::make_shared<const std::vector<std::string>>(std::move(block.transactions));
  CheckBodyOn(workers_, genesis_hash_, seen_, std::move(body),
              [reply](const replica::BodyChecked& checked) { reply(Judgement(checked.good)); });
}

void EngineApplication::Commit(const Reply& reply) {
  auto committed = driver_->Commit();
  if (!committed.ok()) return Fail(committed.status(), reply);
  if (committed->has_value()) Publish(*std::move(*committed));
  abci::Response out;
  out.mutable_commit();
  reply(std::move(out));
}

void EngineApplication::Publish(cometbft::CommittedBlock committed) {
  auto executed = std::make_shared<ExecutedBlock>();
  executed->executed = ExecutedOf(committed.result.header);
  executed->transactions =
      std::make_shared<const std::vector<std::string>>(std::move(committed.block.transactions));
  executed->result = std::move(committed.result);
  executed->changes = std::exchange(changes_, {});
  executed->after = store_->Snapshot();
  for (const ledger::Receipt& receipt : executed->result.receipts) queue_->Remove(receipt.txid);
  const TimeMicros time = executed->executed.time;
  hooks_.committed(std::move(executed));
  for (const TxId& txid : queue_->TakeExpired(time)) {
    hooks_.dropped(txid, absl::DeadlineExceededError("the transaction has expired"));
  }
}

void EngineApplication::Fail(const absl::Status& status, const Reply& reply) {
  failure_ = status;
  reply(Exception(status));
  hooks_.failed(status);
}

void EngineApplication::CheckForEngine(abci::RequestCheckTx request, Reply reply) {
  const auto shared = std::make_shared<abci::RequestCheckTx>(std::move(request));
  auto task = [this, shared, reply] {
    // The engine asks again only of what was found good.
    const bool again = shared->type() == abci::CHECK_TX_TYPE_RECHECK;
    absl::StatusOr<SignedTransaction> decoded =
        again ? DecodeSignedTransaction(AsBytes(shared->tx()))
              : DecodeAndVerify(shared->tx(), genesis_hash_, seen_);
    if (!decoded.ok()) return reply(CheckAnswer(decoded.status()));
    CheckDecoded(*std::move(decoded), std::move(*shared), reply);
  };
  if (!workers_->Post(std::move(task), kEngine, kMaxEngineChecks)) reply(CheckAnswer(Busy()));
}

void EngineApplication::CheckDecoded(SignedTransaction transaction, abci::RequestCheckTx request,
                                     const Reply& reply) {
  const bool again = request.type() == abci::CHECK_TX_TYPE_RECHECK;
  auto task = [this, again, transaction = std::move(transaction),
               encoded = std::make_shared<std::string>(std::move(*request.mutable_tx())), reply] {
    if (!failure_.ok()) return reply(Exception(failure_));
    // One that an engine has, or had before it ended, stays while a block may still hold it.
    const bool known = again || queue_->Has(transaction.txid);
    const absl::Status status =
        exchange_->CheckTx(transaction, known ? RecheckTime(transaction) : CheckTime());
    if (status.ok()) {
      queue_->Add(transaction.txid, std::move(*encoded), transaction.transaction.valid_until);
    } else if (known && !driver_->committing()) {  // else it may be in that block
      queue_->Remove(transaction.txid);
      hooks_.dropped(transaction.txid, status);
    }
    reply(CheckAnswer(status));
  };
  if (!thread_.Post(std::move(task), kEngine, kMaxEngineChecks)) reply(CheckAnswer(Stopping()));
}

bool EngineApplication::Check(SignedTransaction transaction, std::uint64_t source, CheckDone done) {
  auto task = [this, transaction = std::move(transaction), done = std::move(done)] {
    done(failure_.ok() ? exchange_->CheckTx(transaction, CheckTime()) : Stopping());
  };
  return thread_.Post(std::move(task), source, kMaxChecksPerSource);
}

void EngineApplication::Simulate(SignedTransaction transaction, api::Backend::SimulateDone done) {
  const auto shared = std::make_shared<api::Backend::SimulateDone>(std::move(done));
  auto task = [this, transaction = std::move(transaction), shared] {
    if (!failure_.ok()) return (*shared)(Stopping());
    const TimeMicros time = CheckTime();
    const exchange::Simulation simulation = exchange_->Simulate(transaction, time);
    (*shared)(api::MakeFullReceipt(simulation.receipt, time, simulation.events));
  };
  if (thread_.Post(std::move(task), kDryRuns, kMaxDryRuns)) return;
  (*shared)(absl::ResourceExhaustedError("the node is busy with other dry runs; try again"));
}

TimeMicros EngineApplication::AfterHead() const {
  return TimeMicros(exchange_->Info().head.time.value() + 1);
}

TimeMicros EngineApplication::CheckTime() const { return std::max(ReadClock().wall, AfterHead()); }

TimeMicros EngineApplication::RecheckTime(const SignedTransaction& transaction) const {
  const bool expired_by_clock = ReadClock().wall >= transaction.transaction.valid_until;
  return expired_by_clock ? AfterHead() : CheckTime();
}

}  // namespace bourse::runtime
