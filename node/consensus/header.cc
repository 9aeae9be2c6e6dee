#include "node/consensus/header.h"

namespace bourse::consensus {

Hash256 HashOf(const Header& header) {
  return Hasher("bourse/candidate/1")
      .Update(header.genesis_hash)
      .UpdateU64(header.epoch)
      .UpdateU32(header.protocol_version)
      .UpdateU64(header.slot.value())
      .UpdateU64(header.height.value())
      .UpdateU64(header.time.value())
      .UpdateU64(header.parent_slot.value())
      .Update(header.parent_hash)
      .Update(header.transactions_root)
      .Finish();
}

}  // namespace bourse::consensus
