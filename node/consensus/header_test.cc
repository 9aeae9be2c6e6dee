#include "node/consensus/header.h"

#include <gtest/gtest.h>

#include <vector>

namespace bourse::consensus {
namespace {

TEST(HeaderTest, EveryFieldChangesTheHash) {
  const Header base;
  std::vector<Header> headers(9, base);
  headers[0].genesis_hash.bytes[0] = 1;
  headers[1].epoch = 1;
  headers[2].protocol_version = 1;
  headers[3].slot = Slot(1);
  headers[4].height = Height(1);
  headers[5].time = TimeMicros(1);
  headers[6].parent_slot = Slot(1);
  headers[7].parent_hash.bytes[0] = 1;
  headers[8].transactions_root.bytes[0] = 1;
  headers.push_back(base);
  for (std::size_t i = 0; i < headers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(HashOf(headers[i]), HashOf(headers[j]));
  }
}

}  // namespace
}  // namespace bourse::consensus
