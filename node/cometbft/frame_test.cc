#include "node/cometbft/frame.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace bourse::cometbft {
namespace {

TEST(FrameTest, ReadsWhatWasWrittenHoweverItArrives) {
  const std::vector<std::string> messages = {"", "a", std::string(127, 'b'), std::string(128, 'c'),
                                             std::string(70'000, 'd')};
  std::string stream;
  for (const std::string& message : messages) AppendFrame(message, &stream);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{4'096}}) {
    FrameReader reader;
    std::vector<std::string> read;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.Add(std::string_view(stream).substr(at, piece));
      for (;;) {
        const auto next = reader.Next();
        ASSERT_TRUE(next.ok());
        if (!next->has_value()) break;
        read.emplace_back(**next);
      }
    }
    EXPECT_EQ(read, messages) << piece;
  }
}

TEST(FrameTest, LengthIsALittleEndianVarint) {
  std::string out;
  AppendFrame(std::string(300, 'x'), &out);
  EXPECT_EQ(out.substr(0, 2), "\xac\x02");
  EXPECT_EQ(out.size(), 302u);
}

TEST(FrameTest, RefusesLengthsOverTheBoundBeforeTheBytesCome) {
  FrameReader reader;
  reader.Add("\x81\x80\x80\x20");  // kMaxFrameBytes + 1
  EXPECT_FALSE(reader.Next().ok());
  FrameReader endless;
  endless.Add("\xff\xff\xff\xff");
  EXPECT_FALSE(endless.Next().ok());
  FrameReader largest;
  largest.Add(std::string("\x80\x80\x80\x20", 4));
  const auto next = largest.Next();
  ASSERT_TRUE(next.ok());
  EXPECT_FALSE(next->has_value());
}

}  // namespace
}  // namespace bourse::cometbft
