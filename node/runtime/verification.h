// Verification: what workers check of what came from outside, before the loop sees it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/hash.h"
#include "common/transaction.h"
#include "node/replica/message.h"
#include "node/replica/replica.h"
#include "node/runtime/signature_cache.h"
#include "node/runtime/worker_pool.h"

namespace bourse::runtime {

// kInvalidArgument: malformed, of another network, or with a wrong signature.
[[nodiscard]] absl::StatusOr<SignedTransaction> DecodeAndVerify(const std::string& encoded,
                                                                const Hash256& genesis_hash,
                                                                SignatureCache* seen);

// Whether all of them are good. A vote comes again in certificates, one from each peer: what is
// looked up in `seen` is signer, statement and signature together.
[[nodiscard]] bool VerifyClaims(const std::vector<replica::Claim>& claims, SignatureCache* seen);

// Checks a candidate's body on the workers, in parts side by side, and calls `done` on one of them.
// If the workers have stopped, `done` is never called. `seen` must outlive the workers.
void CheckBodyOn(WorkerPool* workers, const Hash256& genesis_hash, SignatureCache* seen,
                 replica::CheckBody body, std::function<void(replica::BodyChecked)> done);

}  // namespace bourse::runtime
