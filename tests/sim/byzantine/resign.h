// The same transaction under another signature.
#pragma once

#include <string>

#include "tests/model/random.h"

namespace bourse::sim::byzantine {

// `encoded` with other signature bytes. Where signatures are stubs, a good one stays good: a stub's
// last 56 bytes are the signer's to choose. Returns `encoded` where it is no transaction.
[[nodiscard]] std::string Resigned(const std::string& encoded, bool good, model::Random& random);

}  // namespace bourse::sim::byzantine
