#include "ledger/state_tree_store.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/hash.h"

namespace bourse::ledger {
namespace {

// Leaves come in the order of their places, so each part is added at the tree's right edge, and
// few nodes are hashed twice; and no more than a part is in memory beside the tree.
constexpr std::size_t kPart = 65'536;

bool ReadHash(std::string_view bytes, Hash256* hash) {
  if (bytes.size() != hash->bytes.size()) return false;
  std::copy(bytes.begin(), bytes.end(), hash->bytes.begin());
  return true;
}

}  // namespace

void AppendTreeChanges(std::span<const StateTree::Change> changes, Batch* batch) {
  for (const StateTree::Change& change : changes) {
    const std::string_view place = AsText(change.place.bytes);
    if (change.leaf.has_value()) {
      batch->Put(Family::kStateTree, place, AsText(change.leaf->bytes));
    } else {
      batch->Delete(Family::kStateTree, place);
    }
  }
}

absl::StatusOr<StateTree> LoadStateTree(const View& view) {
  StateTree tree;
  std::vector<StateTree::Change> part;
  part.reserve(kPart);
  bool readable = true;
  const absl::Status status = view.Scan(
      Family::kStateTree, "", "", [&](std::string_view place_bytes, std::string_view leaf_bytes) {
        Hash256 place, leaf;
        readable = ReadHash(place_bytes, &place) && ReadHash(leaf_bytes, &leaf);
        if (!readable) return false;
        part.push_back({place, leaf});
        if (part.size() == kPart) {
          tree.Update(part);
          part.clear();
        }
        return true;
      });
  if (!status.ok()) return status;
  if (!readable)
    return absl::DataLossError("the state tree in the store has a leaf of a wrong size");
  tree.Update(part);
  return tree;
}

}  // namespace bourse::ledger
