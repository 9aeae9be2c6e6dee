#include "ledger/nonce_window.h"

#include <algorithm>
#include <bit>

#include "common/check.h"

namespace bourse::ledger {
namespace {

constexpr std::size_t kWords = limits::kNonceWindow / 64;

}  // namespace

bool NonceWindow::Restore(std::uint64_t floor, std::vector<std::uint64_t> words, NonceWindow* out) {
  if (words.size() > kWords) return false;
  if (!words.empty() && (words.back() == 0 || (words.front() & 1) != 0)) return false;
  out->floor_ = floor;
  out->words_ = std::move(words);
  return true;
}

NonceWindow::State NonceWindow::Check(Nonce nonce) const {
  if (nonce.value() < floor_) return State::kBelowFloor;
  const std::uint64_t offset = nonce.value() - floor_;
  if (offset >= limits::kNonceWindow) return State::kBeyondWindow;
  // The last nonce is never usable, so that the floor above it exists.
  if (nonce.value() == ~std::uint64_t{0}) return State::kBeyondWindow;
  const std::size_t word = offset / 64;
  const bool used = word < words_.size() && (words_[word] >> (offset % 64) & 1) != 0;
  return used ? State::kUsed : State::kUnused;
}

void NonceWindow::Use(Nonce nonce) {
  CHECK(Check(nonce) == State::kUnused);
  const std::uint64_t offset = nonce.value() - floor_;
  const std::size_t word = offset / 64;
  if (word >= words_.size()) words_.resize(word + 1);
  words_[word] |= std::uint64_t{1} << (offset % 64);
  Normalize();
}

void NonceWindow::RaiseFloor(std::uint64_t floor) {
  if (floor <= floor_) return;
  const std::uint64_t shift = floor - floor_;
  floor_ = floor;
  const std::uint64_t whole = shift / 64;
  if (whole >= words_.size()) {
    words_.clear();
    return;
  }
  words_.erase(words_.begin(), words_.begin() + static_cast<std::ptrdiff_t>(whole));
  if (const unsigned bits = shift % 64; bits != 0) {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const std::uint64_t above = i + 1 < words_.size() ? words_[i + 1] : 0;
      words_[i] = words_[i] >> bits | above << (64 - bits);
    }
  }
  Normalize();
}

Nonce NonceWindow::next() const {
  if (words_.empty()) return Nonce(floor_);
  const auto top = static_cast<std::uint64_t>(std::bit_width(words_.back()));
  return Nonce(floor_ + (words_.size() - 1) * 64 + top);
}

// Moves the floor over used nonces, and drops empty words at the end.
void NonceWindow::Normalize() {
  while (!words_.empty() && words_.back() == 0) words_.pop_back();
  std::uint64_t used = 0;
  for (const std::uint64_t word : words_) {
    const auto run = static_cast<std::uint64_t>(std::countr_one(word));
    used += run;
    if (run < 64) break;
  }
  if (used > 0) RaiseFloor(floor_ + used);
}

}  // namespace bourse::ledger
