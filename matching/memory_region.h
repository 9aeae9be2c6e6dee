// Memory that grows in place, and of which any part can be given back.
//
// One contiguous range, so that an index reaches an item by one multiplication.
// It doubles when it must, by moving page tables rather than bytes; pages that
// were never touched, or were released, cost nothing.
#pragma once

#include <cstddef>
#include <utility>

namespace bourse::matching {

// Movable, not copyable. Not thread-safe.
class MemoryRegion {
 public:
  MemoryRegion() = default;
  ~MemoryRegion();
  MemoryRegion(MemoryRegion&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MemoryRegion& operator=(MemoryRegion&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  // The first byte; changes when the region grows.
  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size_bytes() const { return size_; }

  // Makes it at least `size_bytes` large; what is new reads as zeros. Fails a
  // CHECK when the system has no memory left.
  void GrowTo(std::size_t size_bytes);

  // Gives `length` bytes from `offset` back to the system; they read as zeros
  // afterwards. REQUIRES: both are multiples of 4,096, and within the region.
  void Release(std::size_t offset, std::size_t length);

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace bourse::matching
