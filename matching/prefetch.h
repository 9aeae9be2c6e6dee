// A hint that memory will be written soon.
#pragma once

namespace bourse::matching {

// The empty statement of assembly keeps compilers from taking a function that
// does nothing but give hints for one that does nothing.
[[gnu::always_inline]] inline void Prefetch(const void* address) {
  __builtin_prefetch(address, 1);
  asm volatile("");
}

}  // namespace bourse::matching
