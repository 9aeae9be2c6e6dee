// Publisher: what readers see, and the answers to those who wait for a transaction.
//
//   executor ──► Add(block) ──► held ──► Allow(height) ──► orders, view, answers
//
// Readers see the ledger as of the last block that a quorum has certified, so whatever a client is
// told the network agrees on. What is executed and not yet certified is held here: of its
// transactions it is known that they ran, and not yet told what they did.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "common/hash.h"
#include "common/units.h"
#include "ledger/store.h"
#include "node/api/backend.h"
#include "node/api/order_view.h"
#include "node/consensus/vote.h"
#include "node/runtime/executed_block.h"
#include "node/runtime/waiters.h"
#include "node/runtime/worker_pool.h"

namespace bourse::runtime {

// Thread-safe, but for Load, Start and Stop. Its thread applies what is allowed.
class Publisher {
 public:
  // Blocks that are held; with more of them the oldest are forgotten, and the orders read anew when
  // there is something to publish. Certificates lag by so many only if the network can't agree on
  // what blocks do.
  static constexpr std::size_t kMaxHeld = 256;
  // Certificates that are shown from here. The archive writes them with the next block.
  static constexpr std::size_t kMaxCertificates = 64;

  // `workers` must outlive it: they answer those who wait.
  explicit Publisher(WorkerPool* workers) : workers_(workers) {}
  ~Publisher();

  // Publishes a store as it is. kDataLoss if its orders can't be read.
  [[nodiscard]] absl::Status Load(const ledger::Store& store);

  void Start();
  // Publishes what is allowed, and answers all that wait.
  void Stop();

  // The next block, executed.
  void Add(std::shared_ptr<const ExecutedBlock> block);
  // A block's certificate: readers get it with the block.
  void Certify(const consensus::ExecutionCertificate& certificate);
  // Blocks up to this height may be told of.
  void Allow(Height height);

  [[nodiscard]] std::shared_ptr<const ledger::View> Latest() const;
  [[nodiscard]] const api::OrderView& orders() const { return orders_; }

  // The bytes of a transaction of a block that is held.
  [[nodiscard]] std::optional<std::string> FindHeld(const TxId& txid) const;

  // Answers when the transaction is final, dropped, or at `until_us` (Now::steady_us). REQUIRES: it
  // is in the queue, and no block with it was allowed. False if too many wait for it: `done` is
  // left alone.
  [[nodiscard]] bool Wait(const TxId& txid, std::uint64_t until_us, Waiters::Done& done);
  // The same for one that may be in a block that is held; nothing if it is not.
  [[nodiscard]] std::optional<bool> WaitIfHeld(const TxId& txid, std::uint64_t until_us,
                                               Waiters::Done& done);
  // The transaction left the queue without having run: those who wait are told why.
  void Drop(const TxId& txid, const absl::Status& status);

 private:
  using Block = std::shared_ptr<const ExecutedBlock>;
  using Answers = std::vector<std::pair<const ledger::Receipt*, std::vector<Waiters::Done>>>;

  void Run();
  // With the lock held.
  void Hold(Block block);
  void Forget(const Block& block);
  [[nodiscard]] std::vector<Block> TakeAllowed();
  [[nodiscard]] bool HasAllowed() const;
  void WaitForWork(std::unique_lock<std::mutex>* lock);

  void Publish(const std::vector<Block>& blocks, bool reload);
  [[nodiscard]] std::shared_ptr<const ledger::View> WithCertificates(const Block& block) const;
  void Answer(const Block& block);
  void AnswerOverdue();
  void AnswerAllOnStop();

  WorkerPool* const workers_;
  api::OrderView orders_;

  mutable std::mutex mutex_;  // one that ThreadSanitizer sees; guards all below
  std::condition_variable changed_;
  std::shared_ptr<const ledger::View> latest_;
  std::deque<Block> held_;
  // Where a transaction of a held block is: its height, and its place.
  absl::flat_hash_map<TxId, std::pair<Height, std::uint32_t>> places_;
  // Of the last ones: those that the archive may not have yet.
  std::deque<consensus::ExecutionCertificate> certificates_;
  bool reload_ = false;  // blocks were forgotten: the orders must be read anew
  Height allowed_;
  Waiters waiters_;
  bool stopped_ = false;

  std::thread thread_;
};

}  // namespace bourse::runtime
