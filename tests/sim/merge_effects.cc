#include "tests/sim/merge_effects.h"

#include <iterator>
#include <utility>

namespace bourse::sim {
namespace {

template <typename T>
void Append(std::vector<T> from, std::vector<T>* to) {
  if (to->empty()) {
    *to = std::move(from);
    return;
  }
  std::move(from.begin(), from.end(), std::back_inserter(*to));
}

}  // namespace

void MergeEffects(replica::Effects from, replica::Effects* to) {
  if (from.rewrite_log) {
    to->rewrite_log = std::move(from.rewrite_log);
    to->persist.clear();
  } else if (to->rewrite_log) {
    Append(std::move(from.persist), &*to->rewrite_log);
  } else {
    Append(std::move(from.persist), &to->persist);
  }
  Append(std::move(from.send), &to->send);
  Append(std::move(from.check), &to->check);
  Append(std::move(from.incoming), &to->incoming);
  Append(std::move(from.execute), &to->execute);
  Append(std::move(from.serve), &to->serve);
  Append(std::move(from.certified), &to->certified);
  Append(std::move(from.evidence), &to->evidence);
  Append(std::move(from.misbehaviour), &to->misbehaviour);
  Append(std::move(from.dropped), &to->dropped);
}

exchange::Block BlockOf(const consensus::Header& header,
                        const std::vector<std::string>& transactions) {
  return {header.protocol_version, header.height,      header.time,
          HashOf(header),          header.parent_hash, transactions};
}

}  // namespace bourse::sim
