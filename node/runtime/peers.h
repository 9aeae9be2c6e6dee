// Peers: what other nodes send, on its way to the replica.
//
//   transport's threads   bytes ─► decode ─┐
//   loop's thread                          └► screen ─┐                    ┌► Step
//   workers                                           └► verify signatures ┘
//
// A message whose signatures are good for nothing proves that its sender does not check what it
// sends: it is cut off. Transactions go the way of a client's (node/runtime/submissions.h).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "common/ed25519.h"
#include "common/hash.h"
#include "common/units.h"
#include "node/api/network_state.h"
#include "node/consensus/validators.h"
#include "node/replica/message.h"
#include "node/replica/replica.h"
#include "node/runtime/admission.h"
#include "node/runtime/executor.h"
#include "node/runtime/network.h"
#include "node/runtime/replica_loop.h"
#include "node/runtime/signature_cache.h"
#include "node/runtime/unread.h"
#include "node/runtime/worker_pool.h"

namespace bourse::runtime {

class Peers {
 public:
  using PeerId = consensus::PeerId;

  // All must outlive it.
  Peers(const consensus::Validators* validators, SignatureCache* seen, Network* network,
        WorkerPool* workers, Executor* executor, ReplicaLoop* loop)
      : validators_(validators),
        seen_(seen),
        network_(network),
        workers_(workers),
        executor_(executor),
        loop_(loop) {}

  // Thread-safe; of one peer in this order.
  void OnUp(PeerId peer, const PublicKey& key);
  void OnMessage(PeerId peer, const std::string& bytes);
  void OnDown(PeerId peer, const std::string& reason);

  // On the loop's thread: one of a peer's that CheckTx has looked at.
  void Admit(CheckedAdmission checked);

  // Thread-safe. With what only messages tell.
  [[nodiscard]] std::vector<api::PeerState> List() const;

 private:
  struct Arrived {
    replica::Message message;
    std::shared_ptr<const Unread> unread;  // its peer
  };
  using ArrivedPtr = std::shared_ptr<Arrived>;
  struct Known {
    PublicKey key;
    Height height;
  };

  // On the loop's thread.
  void Screen(const ArrivedPtr& arrived);
  void Step(const ArrivedPtr& arrived);
  void Note(const ArrivedPtr& arrived);
  void VerifyIncoming(std::vector<replica::Incoming> all,
                      const std::shared_ptr<const Unread>& unread);

  void Verify(const ArrivedPtr& arrived, bool late);  // posts to the workers
  // On a worker.
  void CheckIncoming(PeerId from, std::vector<std::string> encoded,
                     const std::shared_ptr<const Unread>& unread);

  void NoteHeight(PeerId peer, Height height);

  const consensus::Validators* const validators_;
  SignatureCache* const seen_;  // of transactions
  SignatureCache claims_seen_;
  std::set<PeerId> noting_;  // whose late message is being verified; of the loop
  Network* const network_;
  WorkerPool* const workers_;
  Executor* const executor_;
  ReplicaLoop* const loop_;

  mutable std::mutex mutex_;  // one that ThreadSanitizer sees; guards the next
  std::map<PeerId, Known> known_;
};

}  // namespace bourse::runtime
