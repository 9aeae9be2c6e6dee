#include "node/replica/branch.h"

#include <algorithm>
#include <utility>

#include "common/check.h"

namespace bourse::replica {

std::size_t Branch::CommonWith(const std::vector<consensus::BlockId>& ids) const {
  const std::size_t most = std::min(ids.size(), blocks_.size());
  std::size_t count = 0;
  while (count < most && blocks_[count].id == ids[count]) ++count;
  return count;
}

void Branch::Cut(std::size_t count) {
  CHECK(count <= blocks_.size());
  while (blocks_.size() > count) {
    Release(blocks_.back());
    blocks_.pop_back();
  }
}

void Branch::Append(Block block) {
  for (const Hash256& key : block.keys) {
    ++counts_[key];
    pool_->SetHeld(key, true);
  }
  blocks_.push_back(std::move(block));
}

void Branch::PopFront() {
  CHECK(!blocks_.empty());
  Release(blocks_.front());
  blocks_.erase(blocks_.begin());
}

void Branch::Release(const Block& block) {
  for (const Hash256& key : block.keys) {
    const auto it = counts_.find(key);
    if (--it->second > 0) continue;
    counts_.erase(it);
    pool_->SetHeld(key, false);
  }
}

}  // namespace bourse::replica
