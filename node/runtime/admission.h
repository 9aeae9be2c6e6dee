// Admission: a transaction on its way into the queue.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/transaction.h"
#include "node/consensus/simplex.h"
#include "node/runtime/unread.h"

namespace bourse::runtime {

struct Submission;

// Its signature is good. Of a client's submission, or of a peer.
struct Admission {
  SignedTransaction transaction;
  std::string encoded;
  std::shared_ptr<Submission> submission;  // null: a peer's
  std::shared_ptr<const Unread> message;   // the peer's, that it came with
  std::optional<consensus::PeerId> from;   // nothing: a client's
};

// And what CheckTx says of it.
struct CheckedAdmission {
  Admission admission;
  absl::Status status;
};

}  // namespace bourse::runtime
