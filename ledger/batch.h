// Batch: what a block changes in the store, as one list.
//
//   Batch batch;
//   batch.Put(Family::kOrders, key, value);
//   for (const Batch::Change& change : batch.changes()) …
//
// Keys and values lie one after the other in a few large pieces of memory, which never move: so a
// change costs no allocation, and the views stay good. A copy shares them: nothing in them changes
// once it is written. Not thread-safe; copies are independent of one another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace bourse::ledger {

// What each holds, and by which key, is in ledger/schema.h.
enum class Family : std::uint8_t {
  kBlocks,
  kTransactions,
  kSwaps,
  kAccounts,
  kOrders,
  kMarkets,
  kAssets,
  kMeta,
  kFinality,  // not the exchange's: what consensus adds to its blocks
};
inline constexpr int kFamilies = 9;

// Changes of one block, in order; a later one for the same key wins.
class Batch {
 public:
  // Views into the batch or a copy of it: good until the last of these is cleared or gone.
  struct Change {
    Family family;
    std::string_view key;
    std::optional<std::string_view> value;  // nothing: delete
  };

  Batch() = default;
  Batch(const Batch& other);
  Batch& operator=(const Batch& other);
  Batch(Batch&& other) noexcept;
  Batch& operator=(Batch&& other) noexcept;
  ~Batch() = default;

  // Copies key and value; they may be views into this batch.
  void Put(Family family, std::string_view key, std::string_view value) {
    changes_.push_back({family, Keep(key), Keep(value)});
  }
  void Delete(Family family, std::string_view key) {
    changes_.push_back({family, Keep(key), std::nullopt});
  }
  [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }
  void Clear();

 private:
  std::string_view Keep(std::string_view bytes);
  void AddPiece(std::size_t at_least);

  std::vector<Change> changes_;
  std::vector<std::shared_ptr<char[]>> pieces_;  // shared with copies
  char* free_ = nullptr;                         // where the last piece is free
  std::size_t left_ = 0;                         // bytes from there
  std::size_t next_size_ = 0;
};

}  // namespace bourse::ledger
