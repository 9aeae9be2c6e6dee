// How long a FrameGuard waits for what a connection owes.

#include <gtest/gtest.h>

#include <string>

#include "node/gate/frame_guard.h"
#include "node/gate/testing/frames.h"
#include "node/gate/testing/guarded.h"

namespace bourse::gate {
namespace {

using testing::Calls;
using testing::Data;
using testing::Guard;
using testing::Header;
using testing::Headers;
using testing::kFlagsLastHeaders;
using testing::kPreface;
using testing::kSecond;
using testing::Message;
using testing::Ping;
using testing::Setting;
using testing::Settings;
using testing::WindowUpdate;

TEST(FrameGuardTest, EndsAConnectionThatSaysNothing) {
  Guard guard;
  guard.Remote(kPreface);
  EXPECT_EQ(guard.After(5 * kSecond), Verdict{});
  EXPECT_EQ(guard.After(1).reason, CloseReason::kPrefaceTimeout);
}

TEST(FrameGuardTest, EndsAFrameThatTrickles) {
  for (const std::string& start : {std::string("\0", 1), Header(8, 6, 0, 0), Headers(1, 0)}) {
    Guard guard;
    guard.Greet().Remote(start);
    EXPECT_EQ(guard.After(10 * kSecond), Verdict{});
    EXPECT_EQ(guard.After(1).reason, CloseReason::kFrameTimeout);
  }
}

TEST(FrameGuardTest, GivesNoMoreTimeForMoreBytesOfTheSameFrame) {
  Guard guard;
  guard.Greet().Remote(Header(16'000, 1, 4, 1));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(guard.After(kSecond), Verdict{});
    guard.Remote("h");
  }
  EXPECT_EQ(guard.After(1).reason, CloseReason::kFrameTimeout);
}

TEST(FrameGuardTest, GivesEveryFrameItsOwnTime) {
  Guard guard;
  guard.Greet();
  const std::string first_half = Ping().substr(0, 12);
  guard.Remote(first_half);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(guard.After(6 * kSecond), Verdict{});
    guard.Remote(Ping().substr(12) + first_half);
  }
}

TEST(FrameGuardTest, EndsAMessageThatTrickles) {
  Guard guard;
  guard.Greet().Remote(Headers(1) + Data(1, Message(1) + Message(9).substr(0, 4)));
  EXPECT_EQ(guard.After(20 * kSecond), Verdict{});
  guard.Remote(Data(1, "x"));
  EXPECT_EQ(guard.After(10 * kSecond), Verdict{});
  EXPECT_EQ(guard.After(1).reason, CloseReason::kMessageTimeout);
}

TEST(FrameGuardTest, GivesEveryMessageItsOwnTime) {
  Guard guard;
  guard.Greet().Remote(Headers(1));
  const std::string first_half = Message(100).substr(0, 50);
  const std::string second_half = Message(100).substr(50);
  guard.Remote(Data(1, first_half));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(guard.After(20 * kSecond), Verdict{});
    guard.Remote(Data(1, second_half + first_half));
  }
}

TEST(FrameGuardTest, EndsCallsThatBringNoMessage) {
  Guard guard;
  guard.Greet().Remote(Calls(2) + Data(1, Message(0)));
  EXPECT_EQ(guard->calls_without_message(), 1u);
  EXPECT_EQ(guard.After(60 * kSecond), Verdict{});
  EXPECT_EQ(guard.After(1).reason, CloseReason::kFirstMessageTimeout);
}

TEST(FrameGuardTest, LetsStreamsBeSilentAfterTheirFirstMessage) {
  Guard guard;
  guard.Greet().Remote(Calls(1) + Data(1, Message(0)));
  EXPECT_EQ(guard->calls_without_message(), 0u);
  EXPECT_EQ(guard.After(24 * 3600 * kSecond), Verdict{});
}

TEST(FrameGuardTest, EndsAConnectionWithoutCallsForALongTime) {
  Guard guard;
  guard.Greet().Remote(Headers(1, kFlagsLastHeaders));
  guard.After(300 * kSecond);
  guard.Local(Headers(1, kFlagsLastHeaders));
  EXPECT_EQ(guard.After(600 * kSecond), Verdict{});
  guard.Remote(Ping());
  EXPECT_EQ(guard.After(1).reason, CloseReason::kIdle);
}

// --- Windows that stay shut.

TEST(FrameGuardTest, EndsAClientThatKeepsACallsWindowShut) {
  Guard guard;
  guard.Greet().Remote(WindowUpdate(0, 1 << 30) + Headers(1) + Data(1, Message(1)));
  guard.Local(Headers(1) + Data(1, std::string(65'535, 'm')));
  EXPECT_EQ(guard.After(20 * kSecond), Verdict{});
  EXPECT_EQ(guard.After(1).reason, CloseReason::kWindowTimeout);
}

TEST(FrameGuardTest, EndsAClientThatKeepsTheConnectionsWindowShut) {
  Guard guard;
  guard.Greet().Remote(Settings(Setting(4, 1 << 30)) + Headers(1) + Data(1, Message(1)));
  guard.Local(Headers(1) + Data(1, std::string(65'535, 'm')));
  EXPECT_EQ(guard.After(20 * kSecond + 1).reason, CloseReason::kWindowTimeout);
}

TEST(FrameGuardTest, GivesNoMoreTimeToAWindowThatIsShutFurther) {
  Guard guard;
  guard.Greet().Remote(Headers(1, kFlagsLastHeaders) + Settings(Setting(4, 0)));
  guard.Local(Headers(1));
  guard.After(15 * kSecond);
  guard.Remote(Settings(Setting(4, 1)) + Settings(Setting(4, 0)));  // opened: starts anew
  guard.After(15 * kSecond);
  guard.Local(Data(1, "12345"));
  EXPECT_EQ(guard.After(5 * kSecond), Verdict{});
  EXPECT_EQ(guard.After(1).reason, CloseReason::kWindowTimeout);
}

TEST(FrameGuardTest, EndsAClientThatStartsWithNoWindow) {
  Guard guard;
  guard.Greet().Remote(Headers(1, kFlagsLastHeaders) + Settings(Setting(4, 0)));
  guard.Local(Headers(1));
  EXPECT_EQ(guard.After(20 * kSecond + 1).reason, CloseReason::kWindowTimeout);
}

TEST(FrameGuardTest, GoesOnWhileTheClientOpensItsWindows) {
  Guard guard;
  guard.Greet().Remote(Headers(1) + Data(1, Message(1)));
  for (int i = 0; i < 5; ++i) {
    guard.Local(Data(1, std::string(65'535, 'm')));
    EXPECT_EQ(guard.After(15 * kSecond), Verdict{});
    EXPECT_EQ(guard.Remote(WindowUpdate(0, 65'535) + WindowUpdate(1, 65'535)), Verdict{});
  }
  EXPECT_EQ(guard.After(3600 * kSecond), Verdict{});
}

}  // namespace
}  // namespace bourse::gate
