// Law: no book is crossed: the best bid is below the best ask. And every order in a book has
// something left.
#pragma once

#include "absl/status/status.h"
#include "ledger/laws/laws.h"

namespace bourse::ledger {

[[nodiscard]] absl::Status CheckBooks(const Books& books);

}  // namespace bourse::ledger
