#include "cli/table.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace bourse::cli {
namespace {

TEST(TableTest, AlignsColumnsAndLeavesNoBlanksAtTheEnd) {
  Table table({{"ASSET"}, {"FREE", Align::kRight}, {"NOTE"}});
  table.AddRow({"BTC", "1.50", "first"});
  table.AddRow({"USD", "64000.00"});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(),
            "ASSET      FREE  NOTE\n"
            "BTC        1.50  first\n"
            "USD    64000.00\n");
}

TEST(TableTest, CountsCharactersNotBytes) {
  Table table({{"A"}, {"B"}});
  table.AddRow({"0.3…", "x"});
  table.AddRow({"0.33", "y"});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(), "A     B\n0.3…  x\n0.33  y\n");
}

TEST(PrintableTest, KeepsTextAndReplacesWhatSteersATerminal) {
  EXPECT_EQ(Printable("für 5 €"), "für 5 €");
  EXPECT_EQ(Printable("a\x1b[31mb\n\x7f"), "a?[31mb??");
  EXPECT_EQ(Printable("\xc2\x9b"), "??");  // a C1 control
  EXPECT_EQ(Printable("\xe2\x80\xae"
                      "x"),
            "???x");                            // right-to-left override
  EXPECT_EQ(Printable("\xe2\x81\xa6"), "???");  // left-to-right isolate
  EXPECT_EQ(Printable("bourse1… – “x”"), "bourse1… – “x”");
  EXPECT_EQ(Printable("\xff\xc3"), "??");
}

}  // namespace
}  // namespace bourse::cli
