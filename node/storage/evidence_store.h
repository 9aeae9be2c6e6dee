// Evidence, kept for good: what validators signed that no honest node signs.
//
// In Family::kFinality, beside the ledger: 'v' validator (2) hash of the bytes (32) -> the bytes of
// node/consensus/evidence.h.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/store.h"
#include "node/consensus/evidence.h"
#include "node/consensus/validators.h"

namespace bourse::storage {

// A Byzantine validator could fill the disk; this much proves enough.
inline constexpr std::size_t kMaxEvidencePerValidator = 100;

// Durable when it returns. False: it was there already, or there is enough of this validator.
// Errors of the store. For the thread that applies blocks.
[[nodiscard]] absl::StatusOr<bool> KeepEvidence(ledger::Store* store,
                                                const consensus::Evidence& evidence);

// All there is, by validator. kDataLoss if the store is damaged; errors of the store.
[[nodiscard]] absl::StatusOr<std::vector<consensus::Evidence>> ReadEvidence(
    const ledger::View& view, const consensus::Validators& validators);

}  // namespace bourse::storage
