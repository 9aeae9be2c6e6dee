// The loop over a stream's operations that every book is measured by.
#pragma once

#include "tests/bench/order_stream.h"

namespace bourse::bench {

// Apart, so that the loop over all others stays small.
template <typename Book>
[[gnu::noinline]] void ApplyLast(Book& book, const StreamOperation& operation) {
  book.Apply(operation);
}

// Applies the operations from `next` to `last`, and tells the book of those to come.
template <typename Book>
void ApplyAll(Book& book, const StreamOperation* next, const StreamOperation* last) {
  for (; last - next > Book::kAhead; ++next) {
    book.Prefetch(next);
    book.Apply(*next);
  }
  for (; next < last; ++next) ApplyLast(book, *next);
}

}  // namespace bourse::bench
