// The audit of the archive: that validators finalized each block of the ledger, and what they say
// of its results.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/units.h"
#include "ledger/store.h"
#include "node/consensus/validators.h"

namespace bourse::storage {

struct ArchiveCounts {
  std::uint64_t blocks = 0;  // with their headers: all, or none in a ledger without archive
  Height finalized;          // up to here a certificate proves each block
  std::uint64_t final_certificates = 0;
  std::uint64_t execution_certificates = 0;
  Height certified;  // the highest with an execution certificate
  std::uint64_t evidence = 0;
};

// Checks all that the archive holds of the heights from 1 to `head`, the ledger's: headers are
// those of its blocks, each the parent of the next; certificates are of them, and of its roots; all
// signatures are good; evidence proves what it says; and there is nothing else. Whether the blocks
// give those roots is exchange::Replay's. kDataLoss names the height and what is wrong; errors of
// the store as they are.
[[nodiscard]] absl::StatusOr<ArchiveCounts> CheckArchive(const ledger::View& view,
                                                         const consensus::Validators& validators,
                                                         Height head);

}  // namespace bourse::storage
