#include "ledger/laws/laws.h"

#include "ledger/laws/books.h"
#include "ledger/laws/conservation.h"
#include "ledger/laws/reserves.h"

namespace bourse::ledger {

absl::Status CheckLaws(const Books& books) {
  if (absl::Status status = CheckConservation(books); !status.ok()) return status;
  if (absl::Status status = CheckReserves(books); !status.ok()) return status;
  return CheckBooks(books);
}

}  // namespace bourse::ledger
