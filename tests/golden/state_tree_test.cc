#include "ledger/state_tree.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace bourse::ledger {
namespace {

// Roots are part of blocks: what gives them never changes within a protocol version. The file was
// written by other code: see its first lines.
TEST(StateTreeGoldenTest, RootsAreThoseOfTheFile) {
  std::ifstream file("tests/golden/state_tree.txt");
  ASSERT_TRUE(file.is_open());
  int checked = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    int count = 0;
    std::string root;
    std::istringstream(line) >> count >> root;
    StateTree tree;
    std::vector<StateTree::Change> changes;
    for (int i = 0; i < count; ++i) {
      const Hash256 place = StateTree::PlaceOf("key " + std::to_string(i));
      changes.push_back({place, StateTree::LeafOf(place, "value " + std::to_string(i))});
    }
    EXPECT_EQ(ToHex(tree.Update(changes)), root) << count << " records";
    ++checked;
  }
  EXPECT_GE(checked, 8);
}

}  // namespace
}  // namespace bourse::ledger
