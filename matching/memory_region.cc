#include "matching/memory_region.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>

#include "common/check.h"

namespace bourse::matching {
namespace {

// The processor's large page. Ranges start at a multiple of it, so that the
// system may use such pages, and the processor's translation buffer reaches far.
constexpr std::size_t kLargePage = std::size_t{2} << 20;

std::byte* Map(std::size_t size) {
  const std::size_t mapped = size + kLargePage;
  void* const raw = mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(raw != MAP_FAILED);
  auto* const start = static_cast<std::byte*>(raw);
  const std::size_t before = (kLargePage - reinterpret_cast<std::uintptr_t>(raw)) % kLargePage;
  if (before > 0) CHECK(munmap(start, before) == 0);
  CHECK(munmap(start + before + size, mapped - before - size) == 0);
  madvise(start + before, size, MADV_HUGEPAGE);
  return start + before;
}

}  // namespace

MemoryRegion::~MemoryRegion() {
  if (data_ != nullptr) munmap(data_, size_);
}

void MemoryRegion::GrowTo(std::size_t size_bytes) {
  if (size_bytes <= size_) return;
  std::size_t size = std::max(size_, kLargePage);
  while (size < size_bytes) size *= 2;
  std::byte* const data = Map(size);
  if (data_ != nullptr) {
    CHECK(mremap(data_, size_, size_, MREMAP_MAYMOVE | MREMAP_FIXED, data) == data);
  }
  data_ = data;
  size_ = size;
}

void MemoryRegion::Release(std::size_t offset, std::size_t length) {
  CHECK(offset <= size_ && length <= size_ - offset);
  CHECK(madvise(data_ + offset, length, MADV_DONTNEED) == 0);
}

}  // namespace bourse::matching
