#include "matching/price_window.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace bourse::matching {
namespace {

TEST(PriceWindowTest, FindsTheHighestLevel) {
  PriceWindow window;
  EXPECT_EQ(window.Highest(), PriceWindow::kNone);
  window.Set(0, 5);
  EXPECT_EQ(window.Highest(), 0u);
  window.Set(4'095, 6);
  window.Set(700, 7);
  EXPECT_EQ(window.Highest(), 4'095u);
  window.Clear(4'095);
  EXPECT_EQ(window.Highest(), 700u);
  EXPECT_EQ(window.level(700), 7u);
  EXPECT_EQ(window.level(4'095), 0u);
  EXPECT_EQ(window.count(), 2u);
}

TEST(PriceWindowTest, WalksDownThroughAllLevels) {
  const std::vector<std::uint32_t> offsets = {4'095, 4'032, 4'031, 128, 127, 65, 64, 63, 1, 0};
  PriceWindow window;
  for (const std::uint32_t offset : offsets) window.Set(offset, offset + 1);
  std::vector<std::uint32_t> walked;
  for (std::uint32_t at = window.HighestBelow(PriceWindow::kWidth); at != PriceWindow::kNone;
       at = window.HighestBelow(at)) {
    walked.push_back(at);
  }
  EXPECT_EQ(walked, offsets);
}

}  // namespace
}  // namespace bourse::matching
