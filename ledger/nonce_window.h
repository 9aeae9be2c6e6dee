// NonceWindow: which nonces of a signer are used.
//
//      used for ever        used or not              not yet usable
//   …………………………………………┤ floor ········ floor+4095 ├…………………………
//
// Any unused nonce in the window is good, so a bot may sign and send in parallel. The floor is
// always unused: it moves up over used ones.
#pragma once

#include <cstdint>
#include <vector>

#include "common/limits.h"
#include "common/units.h"

namespace bourse::ledger {

class NonceWindow {
 public:
  enum class State { kUnused, kUsed, kBelowFloor, kBeyondWindow };

  NonceWindow() = default;
  // From stored parts; false if Encode would not have written them.
  [[nodiscard]] static bool Restore(std::uint64_t floor, std::vector<std::uint64_t> words,
                                    NonceWindow* out);

  [[nodiscard]] State Check(Nonce nonce) const;
  // REQUIRES: Check(nonce) == State::kUnused.
  void Use(Nonce nonce);
  // Makes every nonce below `floor` used; a lower floor than now has no effect.
  void RaiseFloor(std::uint64_t floor);

  [[nodiscard]] Nonce floor() const { return Nonce(floor_); }
  // One above the highest used one.
  [[nodiscard]] Nonce next() const;
  // Bit i of word w: nonce floor + 64·w + i is used. The last word is not zero.
  [[nodiscard]] const std::vector<std::uint64_t>& words() const { return words_; }

  friend bool operator==(const NonceWindow&, const NonceWindow&) = default;

 private:
  void Normalize();

  std::uint64_t floor_ = 0;
  std::vector<std::uint64_t> words_;
};

}  // namespace bourse::ledger
