// Applies a stream to the engine, for a test that counts its instructions: what is counted is in
// one function, which the counter knows by its name.
//
//   valgrind --tool=callgrind --collect-atstart=no
//     --toggle-collect=bourse_counted_operations matching_count A 200000
//
// Prints the compiler, on which the count depends, and the operations. Exits with 1 when the trades
// are not the stream's.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/bench/apply_all.h"
#include "tests/bench/engine_book.h"
#include "tests/bench/order_stream.h"

#if defined(__clang__)
#define BOURSE_COMPILER "Clang"
#else
#define BOURSE_COMPILER "GCC"
#endif

// Not a copy for these arguments alone, which would have another name.
extern "C" [[gnu::noipa]] void bourse_counted_operations(
    bourse::bench::EngineBook* book, const bourse::bench::StreamOperation* first,
    const bourse::bench::StreamOperation* last) {
  bourse::bench::ApplyAll(*book, first, last);
}

namespace bourse::bench {
namespace {

int Count(char name, std::uint64_t operations) {
  for (const StreamSpec& spec : StandardStreams(operations)) {
    if (spec.name != name) continue;
    const OrderStream stream = MakeStream(spec);
    const StreamOperation* const first = stream.operations.data();
    const StreamOperation* const timed = first + stream.prefill;
    EngineBook book(stream);
    ApplyAll(book, first, timed);
    bourse_counted_operations(&book, timed, first + stream.operations.size());
    std::printf("%s %d, %llu operations\n", BOURSE_COMPILER, __GNUC__,
                static_cast<unsigned long long>(operations));
    return book.totals() == stream.totals ? 0 : 1;
  }
  return 2;
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) {
  if (argc != 3 || argv[1][0] == '\0') {
    std::fprintf(stderr, "usage: %s STREAM OPERATIONS\n", argv[0]);
    return 2;
  }
  return bourse::bench::Count(argv[1][0], std::strtoull(argv[2], nullptr, 10));
}
