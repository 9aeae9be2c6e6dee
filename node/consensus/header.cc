#include "node/consensus/header.h"

#include "node/consensus/vote.h"

namespace bourse::consensus {

Hash256 HashOf(const Header& header) { return bourse::HashOf(AsBytes(SignedBytes(header))); }

}  // namespace bourse::consensus
