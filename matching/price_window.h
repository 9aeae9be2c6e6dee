// The levels of 4,096 neighbouring price keys: an array, and a bitmap of two
// floors that finds the best of them in two steps.
//
//   summary   one bit a word            ……1…1
//   words     one bit a key, 64 words   …0100…   …0011…
//   levels    a handle a key            4,096 of them, 16 KiB
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace bourse::matching {

// Offsets are from 0 to kWidth - 1, the greater the better. 0 stands for no level.
class PriceWindow {
 public:
  static constexpr std::uint32_t kWidth = 4096;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  [[nodiscard]] std::uint32_t level(std::uint64_t offset) const { return levels_[offset]; }

  // Number of levels.
  [[nodiscard]] std::uint32_t count() const { return count_; }

  // REQUIRES: there is none at `offset`, and `level` is one.
  void Set(std::uint64_t offset, std::uint32_t level) {
    levels_[offset] = level;
    words_[offset / 64] |= Bit(offset);
    summary_ |= Bit(offset / 64);
    ++count_;
  }

  // REQUIRES: there is one at `offset`.
  void Clear(std::uint64_t offset) {
    levels_[offset] = 0;
    words_[offset / 64] &= ~Bit(offset);
    if (words_[offset / 64] == 0) summary_ &= ~Bit(offset / 64);
    --count_;
  }

  // The greatest offset with a level, or kNone.
  [[nodiscard]] std::uint32_t Highest() const { return HighestIn(summary_); }

  // The greatest offset with a level that is less than `offset`, or kNone.
  // REQUIRES: offset ≤ kWidth.
  [[nodiscard]] std::uint32_t HighestBelow(std::uint32_t offset) const {
    const std::uint32_t word = offset / 64;
    if (word < words_.size()) {
      const std::uint64_t here = words_[word] & (Bit(offset) - 1);
      if (here != 0) return word * 64 + HighBit(here);
      return HighestIn(summary_ & (Bit(word) - 1));
    }
    return Highest();
  }

 private:
  static std::uint64_t Bit(std::uint64_t position) { return std::uint64_t{1} << (position % 64); }
  static std::uint32_t HighBit(std::uint64_t bits) {
    return static_cast<std::uint32_t>(std::bit_width(bits) - 1);
  }
  [[nodiscard]] std::uint32_t HighestIn(std::uint64_t summary) const {
    if (summary == 0) return kNone;
    const std::uint32_t word = HighBit(summary);
    return word * 64 + HighBit(words_[word]);
  }

  std::uint64_t summary_ = 0;
  std::uint32_t count_ = 0;
  std::array<std::uint64_t, kWidth / 64> words_{};
  std::array<std::uint32_t, kWidth> levels_{};
};

}  // namespace bourse::matching
