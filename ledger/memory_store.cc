#include "ledger/memory_store.h"

#include <iterator>
#include <utility>

namespace bourse::ledger {

// The contents at one time, shared with the store as long as that does not change them.
class MemoryStore::Frozen : public View {
 public:
  explicit Frozen(const MemoryStore* store) : store_(store) {
    const std::lock_guard lock(store_->mutex_);
    contents_ = store_->contents_;
  }
  ~Frozen() override {
    const std::lock_guard lock(store_->mutex_);
    contents_ = {};
  }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

  absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                 std::string_view key) const override {
    const Pairs& pairs = In(family);
    const auto found = pairs.find(key);
    if (found == pairs.end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second);
  }

  absl::Status Scan(Family family, std::string_view prefix, std::string_view from,
                    const Visitor& visit) const override {
    const Pairs& pairs = In(family);
    for (auto it = pairs.lower_bound(std::max(prefix, from)); it != pairs.end(); ++it) {
      if (!it->first.starts_with(prefix) || !visit(it->first, it->second)) break;
    }
    return absl::OkStatus();
  }

  absl::Status ScanBack(Family family, std::string_view prefix, std::string_view from,
                        const Visitor& visit) const override {
    const Pairs& pairs = In(family);
    // The first pair that comes after all those to visit.
    auto it = from.empty() ? pairs.end() : pairs.upper_bound(from);
    if (from.empty() || from > prefix) {
      const auto past = PastPrefix(pairs, prefix);
      if (past != pairs.end() && (it == pairs.end() || past->first < it->first)) it = past;
    }
    while (it != pairs.begin()) {
      --it;
      if (!it->first.starts_with(prefix) || !visit(it->first, it->second)) break;
    }
    return absl::OkStatus();
  }

 private:
  const Pairs& In(Family family) const { return *contents_[static_cast<std::size_t>(family)]; }

  // The first pair whose key is above every key with this prefix.
  static Pairs::const_iterator PastPrefix(const Pairs& pairs, std::string_view prefix) {
    std::string bound(prefix);
    while (!bound.empty() && bound.back() == '\xff') bound.pop_back();
    if (bound.empty()) return pairs.end();
    bound.back() = static_cast<char>(bound.back() + 1);
    return pairs.lower_bound(bound);
  }

  const MemoryStore* store_;
  Contents contents_;
};

MemoryStore::MemoryStore() {
  for (std::shared_ptr<Pairs>& pairs : contents_) pairs = std::make_shared<Pairs>();
}

MemoryStore::~MemoryStore() = default;

absl::StatusOr<std::optional<std::string>> MemoryStore::Get(Family family,
                                                            std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const Pairs& pairs = *contents_[static_cast<std::size_t>(family)];
  const auto found = pairs.find(key);
  if (found == pairs.end()) return std::optional<std::string>();
  return std::optional<std::string>(found->second);
}

absl::Status MemoryStore::Scan(Family family, std::string_view prefix, std::string_view from,
                               const Visitor& visit) const {
  return Frozen(this).Scan(family, prefix, from, visit);
}

absl::Status MemoryStore::ScanBack(Family family, std::string_view prefix, std::string_view from,
                                   const Visitor& visit) const {
  return Frozen(this).ScanBack(family, prefix, from, visit);
}

absl::Status MemoryStore::Apply(const Batch& batch) {
  const std::lock_guard lock(mutex_);
  for (const Batch::Change& change : batch.changes()) {
    std::shared_ptr<Pairs>& pairs = contents_[static_cast<std::size_t>(change.family)];
    if (pairs.use_count() > 1) pairs = std::make_shared<Pairs>(*pairs);
    if (change.value.has_value()) {
      pairs->insert_or_assign(std::string(change.key), *change.value);
    } else if (const auto found = pairs->find(change.key); found != pairs->end()) {
      pairs->erase(found);
    }
  }
  return absl::OkStatus();
}

std::unique_ptr<View> MemoryStore::Snapshot() const { return std::make_unique<Frozen>(this); }

}  // namespace bourse::ledger
