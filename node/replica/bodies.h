// Bodies: candidates of blocks with their transactions, as far as they are here.
//
//   header only ──list──► partial ──last transaction──► whole ──► checking ──► good, bad
//
// Whole means that the transactions are those that the header's root commits to. What is kept, and
// for how long, is the caller's to say (Erase).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/hash.h"
#include "node/consensus/vote.h"
#include "node/replica/message.h"

namespace bourse::replica {

using consensus::BlockId;

// Not thread-safe.
class Bodies {
 public:
  enum class State : std::uint8_t { kHeader, kPartial, kWhole, kChecking, kGood, kBad };

  struct Body {
    consensus::SignedHeader header;
    State state = State::kHeader;
    std::shared_ptr<const std::vector<std::string>> transactions;  // from kWhole on
    std::vector<Hash256> keys;                                     // from kPartial on
    std::vector<std::string> pieces;           // kPartial: as transactions, empty where missing
    std::map<Hash256, std::uint32_t> missing;  // kPartial: places of what is
    std::size_t bytes = 0;                     // of the transactions that are here
    // Finalized, and others gave it: so it need not be in the log.
    bool is_fetched = false;
    std::size_t cost = 0;  // of bytes()

    [[nodiscard]] bool is_whole() const { return state >= State::kWhole; }
    [[nodiscard]] std::vector<std::uint32_t> MissingPlaces() const;  // ascending
  };

  // The bytes of a transaction by their key, or null.
  using Lookup = std::function<const std::string*(const Hash256& key)>;

  [[nodiscard]] const Body* Find(const BlockId& id) const;
  [[nodiscard]] bool HasWhole(const BlockId& id) const;

  // Remembers a header; no change if it is here.
  void AddHeader(const consensus::SignedHeader& header);
  // Takes up what a compact candidate names. REQUIRES: the header is here. False if the list can't
  // be that of the header: it is forgotten. No change if there is a list already.
  [[nodiscard]] bool AddList(const BlockId& id, std::vector<CompactTransaction> list,
                             const Lookup& lookup);
  // A transaction that may be missing in partial ones. Returns those that its arrival ended, and
  // whose list was wrong.
  std::vector<BlockId> Fill(const Hash256& key, const std::string& encoded);
  // The header is here. False if these are not its transactions.
  [[nodiscard]] bool AddTransactions(const BlockId& id, std::vector<std::string> transactions);
  // Ours, or finalized (`is_fetched`): whole and good without a look.
  void AddGood(const consensus::SignedHeader& header,
               std::shared_ptr<const std::vector<std::string>> transactions, bool is_fetched);

  // Moves one that is whole. REQUIRES: it is here and whole.
  void SetState(const BlockId& id, State state);
  void Erase(const BlockId& id);

  // Those that are whole and not being checked yet; header only or partial; all. By slot.
  [[nodiscard]] const std::set<BlockId>& unchecked() const { return unchecked_; }
  [[nodiscard]] const std::set<BlockId>& incomplete() const { return incomplete_; }
  [[nodiscard]] const std::map<BlockId, Body>& all() const { return bodies_; }
  // About what all of them take in memory.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  [[nodiscard]] bool Complete(const BlockId& id, Body* body);
  void Forget(Body* body);
  void MakeWhole(const BlockId& id, Body* body,
                 std::shared_ptr<const std::vector<std::string>> transactions, State state);
  void Resize(Body* body, std::size_t bytes);

  std::map<BlockId, Body> bodies_;
  std::set<BlockId> unchecked_;
  std::set<BlockId> incomplete_;
  std::size_t bytes_ = 0;
};

}  // namespace bourse::replica
