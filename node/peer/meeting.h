// Which of two streams of a pair is kept. Pure.
#pragma once

#include <cstdint>

#include "common/ed25519.h"

namespace bourse::peer {

// As one side sees a stream whose Hellos have been said.
struct StreamFacts {
  bool dialled = false;   // by us
  std::uint64_t run = 0;  // of the other side's Hello
  std::int64_t age_us = 0;
};

// True: the newcomer is kept, and the other ended. In general both keep the stream that the smaller
// key dialled, so both end the same one. But nobody dials who sees a stream that is up (it looks
// again before its Hello); so where the newcomer was dialled by whoever dialled the old one, or
// comes to one that is up for long, or from a new run of the other node, then the old one is gone
// at the other end, and only we do not know it yet.
constexpr bool NewcomerWins(const StreamFacts& old, const StreamFacts& newcomer,
                            bool we_have_the_smaller_key, std::int64_t settled_us) {
  if (newcomer.run != old.run || newcomer.dialled == old.dialled) return true;
  if (!newcomer.dialled && old.age_us > settled_us) return true;
  return newcomer.dialled == we_have_the_smaller_key;
}

}  // namespace bourse::peer
