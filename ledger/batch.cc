#include "ledger/batch.h"

#include <algorithm>
#include <utility>

namespace bourse::ledger {
namespace {

// A piece is twice as large as the one before it, within these bounds.
constexpr std::size_t kFirstPiece = std::size_t{1} << 10;
constexpr std::size_t kLargestPiece = std::size_t{1} << 20;

}  // namespace

// What is free in the last piece stays the original's.
Batch::Batch(const Batch& other) : changes_(other.changes_), pieces_(other.pieces_) {}

Batch& Batch::operator=(const Batch& other) {
  if (this != &other) *this = Batch(other);
  return *this;
}

Batch::Batch(Batch&& other) noexcept { *this = std::move(other); }

Batch& Batch::operator=(Batch&& other) noexcept {
  if (this == &other) return *this;
  changes_ = std::exchange(other.changes_, {});
  pieces_ = std::exchange(other.pieces_, {});
  free_ = std::exchange(other.free_, nullptr);
  left_ = std::exchange(other.left_, 0);
  next_size_ = std::exchange(other.next_size_, 0);
  return *this;
}

void Batch::Clear() { *this = Batch(); }

std::string_view Batch::Keep(std::string_view bytes) {
  if (bytes.size() > left_) AddPiece(bytes.size());
  std::copy(bytes.begin(), bytes.end(), free_);
  const std::string_view kept(free_, bytes.size());
  free_ += bytes.size();
  left_ -= bytes.size();
  return kept;
}

void Batch::AddPiece(std::size_t at_least) {
  const std::size_t size = std::max(at_least, std::max(next_size_, kFirstPiece));
  pieces_.push_back(std::make_shared_for_overwrite<char[]>(size));
  free_ = pieces_.back().get();
  left_ = size;
  next_size_ = std::min(2 * size, kLargestPiece);
}

}  // namespace bourse::ledger
