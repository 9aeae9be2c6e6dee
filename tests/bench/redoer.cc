#include "tests/bench/redoer.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/schema.h"
#include "tests/bench/measure.h"

namespace bourse::bench {
namespace {

// The family's letter in the state tree, of records of the state; 0 of others.
char LetterOf(const ledger::Batch::Change& change) {
  using ledger::Family;
  switch (change.family) {
    case Family::kAccounts:
      return change.key.front() == 'a' ? 'a' : '\0';
    case Family::kAssets:
      return change.key.front() == 'a' ? 's' : '\0';
    case Family::kMarkets:
      return 'm';
    case Family::kOrders:
      return change.key.front() == 'o' ? 'o' : 'c';
    case Family::kMeta:
      return change.key == ledger::kHeadKey ? 'h' : '\0';
    default:
      return '\0';
  }
}

void Copy(const ledger::Batch& batch) {
  ledger::Batch again;
  for (const ledger::Batch::Change& change : batch.changes()) {
    if (change.value.has_value()) {
      again.Put(change.family, change.key, *change.value);
    } else {
      again.Delete(change.family, change.key);
    }
  }
}

}  // namespace

absl::Status Redoer::Apply(const ledger::Batch& batch) {
  std::vector<ledger::StateTree::Record> records;
  for (const ledger::Batch::Change& change : batch.changes()) {
    if (const char letter = LetterOf(change)) {
      records.push_back({letter, change.key, change.value});
    }
  }
  Clock::time_point start = Clock::now();
  const auto changes = ledger::StateTree::ChangesOf(records);
  tree_.Update(changes);
  tree_s_ += SecondsSince(start);
  start = Clock::now();
  Copy(batch);
  batch_s_ += SecondsSince(start);
  leaves_ += changes.size();
  return absl::OkStatus();
}

ledger::StateTree TreeOf(const ledger::View& view) {
  using ledger::Family;
  using ledger::StateTree;
  std::vector<StateTree::Change> leaves;
  std::string name;
  for (const Family family :
       {Family::kAccounts, Family::kAssets, Family::kMarkets, Family::kOrders, Family::kMeta}) {
    Require(view.Scan(family, "", "", [&](std::string_view key, std::string_view value) {
      const char letter = LetterOf({family, key, value});
      if (letter == '\0') return true;
      name.assign(1, letter).append(key);
      const Hash256 place = StateTree::PlaceOf(name);
      leaves.push_back({place, StateTree::LeafOf(place, value)});
      return true;
    }));
  }
  // In the order of places, each part is added at the tree's edge: few nodes are hashed twice.
  std::sort(leaves.begin(), leaves.end(),
            [](const auto& a, const auto& b) { return a.place < b.place; });
  constexpr std::size_t kPart = 65'536;
  StateTree tree;
  for (std::span<const StateTree::Change> rest(leaves); !rest.empty();) {
    const std::size_t part = std::min(kPart, rest.size());
    tree.Update(rest.first(part));
    rest = rest.subspan(part);
  }
  return tree;
}

}  // namespace bourse::bench
