#include "node/gate/frame_guard.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "node/gate/testing/frames.h"
#include "node/gate/testing/guarded.h"

namespace bourse::gate {
namespace {

using testing::Calls;
using testing::Continuation;
using testing::Data;
using testing::Frame;
using testing::Goaway;
using testing::Guard;
using testing::Header;
using testing::Headers;
using testing::kFlagsLastHeaders;
using testing::kPreface;
using testing::kSecond;
using testing::Message;
using testing::Ping;
using testing::PingAck;
using testing::Priority;
using testing::Reset;
using testing::Setting;
using testing::Settings;
using testing::SettingsAck;
using testing::Times;
using testing::WindowUpdate;

// --- What a client may and may not send.

struct Case {
  const char* name;
  std::string bytes;   // after the preface and the first SETTINGS
  CloseReason reason;  // kNone: goes on
};

std::vector<Case> ClientCases() {
  const std::string block_16k(16 * 1024, 'h');
  const std::string call = Headers(1);
  using R = CloseReason;
  using T = FrameType;
  return {
      {"unary call", Headers(1) + Data(1, Message(3), kFlagEndStream), R::kNone},
      {"call without a message", Headers(1, kFlagsLastHeaders), R::kNone},
      {"trailers", call + Headers(1, kFlagsLastHeaders), R::kNone},
      {"header block in pieces", Headers(1, 0) + Continuation(1) + Continuation(1, 4), R::kNone},
      {"largest header block", Headers(1, 4, block_16k), R::kNone},
      {"settings", Settings(Setting(4, 1) + Setting(5, 16384)), R::kNone},
      {"ack of our settings", SettingsAck(), R::kNone},
      {"ping", Ping(), R::kNone},
      {"goaway", Goaway(), R::kNone},
      {"window updates", call + WindowUpdate(0) + WindowUpdate(1), R::kNone},
      {"priority of a stream to come", Priority(7), R::kNone},
      {"reset", call + Reset(1), R::kNone},
      {"unknown frame", Frame(static_cast<T>(0xfa), 0xff, 3, "?"), R::kNone},
      {"empty last data", call + Data(1, "", kFlagEndStream), R::kNone},
      {"data for a call that was reset", call + Reset(1) + Data(1, "late"), R::kNone},

      {"header block too large", Headers(1, 0, block_16k) + Continuation(1),
       R::kHeaderBlockTooLarge},
      {"header block of too many frames", Headers(1, 0) + Times(8, Continuation(1)),
       R::kHeaderBlockTooLarge},
      {"empty continuations", Headers(1, 0) + Times(8, Continuation(1, 0, "")),
       R::kHeaderBlockTooLarge},
      {"header block interrupted", Headers(1, 0) + Ping(), R::kHeaderBlockInterrupted},
      {"continuation of another stream", Headers(1, 0) + Continuation(3),
       R::kHeaderBlockInterrupted},
      {"stray continuation", call + Continuation(1), R::kStrayContinuation},
      {"headers frame too large", Header(16385, 1, 4, 1), R::kFrameTooLarge},
      {"data frame too large", call + Header(1024 * 1024 + 1, 0, 0, 1), R::kFrameTooLarge},
      {"unknown frame too large", Header(16385, 0xfa, 0, 0), R::kFrameTooLarge},
      {"largest frame there is", Header(0xffffff, 4, 0, 0), R::kFrameTooLarge},
      {"settings of a wrong length", Header(7, 4, 0, 0), R::kBadFrameLength},
      {"settings ack with payload", Header(6, 4, 1, 0), R::kBadFrameLength},
      {"ping of a wrong length", Header(9, 6, 0, 0), R::kBadFrameLength},
      {"reset of a wrong length", call + Header(3, 3, 0, 1), R::kBadFrameLength},
      {"priority of a wrong length", Header(4, 2, 0, 1), R::kBadFrameLength},
      {"window update of a wrong length", Header(0, 8, 0, 0), R::kBadFrameLength},
      {"goaway of a wrong length", Header(7, 7, 0, 0), R::kBadFrameLength},
      {"settings on a stream", Header(0, 4, 0, 1), R::kBadStreamId},
      {"ping on a stream", Header(8, 6, 0, 1), R::kBadStreamId},
      {"goaway on a stream", Header(8, 7, 0, 1), R::kBadStreamId},
      {"data on the connection", Data(0, "x"), R::kBadStreamId},
      {"headers on the connection", Headers(0), R::kBadStreamId},
      {"priority on the connection", Priority(0), R::kBadStreamId},
      {"reset on the connection", Reset(0), R::kBadStreamId},
      {"headers on an even stream", Headers(2), R::kBadStreamId},
      {"data on an even stream", Headers(3) + Data(2, "x"), R::kBadStreamId},
      {"data on a stream never opened", call + Data(3, "x"), R::kStreamNeverOpened},
      {"reset of a stream never opened", Reset(1), R::kStreamNeverOpened},
      {"window update of a stream never opened", WindowUpdate(5), R::kStreamNeverOpened},
      {"data after the end", Headers(1, kFlagsLastHeaders) + Data(1, "x"), R::kStreamAlreadyEnded},
      {"headers after the end", Headers(1, kFlagsLastHeaders) + Headers(1, kFlagsLastHeaders),
       R::kStreamAlreadyEnded},
      {"second headers without an end", call + call, R::kTooManyHeaderBlocks},
      {"push promise", Header(4, 5, 4, 1), R::kPushPromise},
      {"padded data", call + Header(2, 0, kFlagPadded, 1), R::kPaddedData},
      {"call after goaway", Goaway() + call, R::kCallAfterGoaway},
      {"many settings in a frame", Settings(Times(33, Setting(4, 1))), R::kTooManySettings},
      {"ack of no settings", SettingsAck() + SettingsAck(), R::kAckOfNothing},
      {"ack of no ping", PingAck(), R::kAckOfNothing},
      {"settings flood", Times(50, Settings()), R::kSettingsFlood},
      {"priority flood", Times(201, Priority(1)), R::kPriorityFlood},
      {"unknown frame flood", Times(51, Header(0, 0xfa, 0, 0)), R::kUnknownFrameFlood},
      {"empty data flood", call + Times(501, Data(1, "")), R::kEmptyFrameFlood},
      {"goaway flood", Times(5, Goaway()), R::kGoawayFlood},
      {"resets of an ended call", call + Times(1002, Reset(1)), R::kStrayFrameFlood},
      {"headers of an ended call", call + Reset(1) + Times(1001, call), R::kStrayFrameFlood},
  };
}

CloseReason Judge(Guard& guard, const std::string& bytes) {
  const Verdict verdict = guard.Remote(bytes);
  EXPECT_EQ(verdict.kind == Verdict::Kind::kClose, verdict.reason != CloseReason::kNone);
  return verdict.reason;
}

TEST(FrameGuardTest, JudgesWhatAClientSends) {
  for (const Case& row : ClientCases()) {
    Guard guard;
    guard.Greet();
    EXPECT_EQ(CloseReasonText(Judge(guard, row.bytes)), CloseReasonText(row.reason)) << row.name;
  }
}

TEST(FrameGuardTest, JudgesTheSameByteByByte) {
  for (const Case& row : ClientCases()) {
    Guard whole;
    Guard pieces;
    const Verdict expected = whole.Greet().Remote(row.bytes);
    pieces.Greet();
    Verdict verdict;
    for (std::size_t i = 0; i < row.bytes.size(); ++i) {
      verdict = pieces.Remote(std::string_view(row.bytes).substr(i, 1));
    }
    EXPECT_EQ(verdict, expected) << row.name;
    EXPECT_EQ(pieces->held_bytes(), whole->held_bytes()) << row.name;
    EXPECT_EQ(pieces->calls_open(), whole->calls_open()) << row.name;
  }
}

TEST(FrameGuardTest, StaysClosed) {
  Guard guard;
  guard.Greet().Remote(Headers(2));
  EXPECT_EQ(guard.Remote(Ping()).reason, CloseReason::kBadStreamId);
  EXPECT_EQ(guard.Local(Ping()).reason, CloseReason::kBadStreamId);
  EXPECT_EQ(guard.After(1).reason, CloseReason::kBadStreamId);
}

// --- What a server may and may not answer to us.

struct ServerCase {
  const char* name;
  std::string sent;  // by us, after the greeting
  std::string bytes;
  CloseReason reason;
};

TEST(FrameGuardTest, JudgesWhatAServerSends) {
  const std::string call = Headers(1, kFlagsLastHeaders);
  using R = CloseReason;
  const std::vector<ServerCase> cases = {
      {"answer", call, Headers(1) + Data(1, Message(3)) + Headers(1, kFlagsLastHeaders), R::kNone},
      {"answer of trailers alone", call, Headers(1, kFlagsLastHeaders), R::kNone},
      {"data that ends the call", call, Headers(1) + Data(1, Message(3), kFlagEndStream), R::kNone},
      {"reset after the end", call, Headers(1, kFlagsLastHeaders) + Reset(1), R::kNone},
      {"late answer to a call we reset", call + Reset(1), Headers(1) + Data(1, "x"), R::kNone},
      {"goaway, then the answer", call, Goaway() + Headers(1, kFlagsLastHeaders), R::kNone},
      {"ack of our ping", Ping(), PingAck(), R::kNone},

      {"push promise", call, Header(4, 5, 4, 1), R::kPushPromise},
      {"stream of its own", call, Headers(2), R::kBadStreamId},
      {"call that we did not open", call, Headers(3), R::kStreamNeverOpened},
      {"data that we did not ask for", call, Data(3, "x"), R::kStreamNeverOpened},
      {"data before headers", call, Data(1, "x"), R::kStreamNeverOpened},
      {"informational headers", call, Headers(1) + Headers(1), R::kTooManyHeaderBlocks},
      {"trailers without end", call, Headers(1, 0) + Times(8, Continuation(1)),
       R::kHeaderBlockTooLarge},
      {"trailers again and again", call, Times(1002, Headers(1, kFlagsLastHeaders)),
       R::kStrayFrameFlood},
      {"goaway flood", call, Times(5, Goaway()), R::kGoawayFlood},
      {"settings flood", call, Times(50, Settings()), R::kSettingsFlood},
      {"ack of no ping", call, PingAck(), R::kAckOfNothing},
      {"crumbs", call,
       Headers(1) + Data(1, Message(1 << 20).substr(0, 5)) + Times(65'000, Data(1, "x")),
       R::kUnfinishedMessages},
  };
  for (const ServerCase& row : cases) {
    Guard guard(Role::kClient);
    guard.Greet(Role::kClient).Local(row.sent);
    EXPECT_EQ(CloseReasonText(Judge(guard, row.bytes)), CloseReasonText(row.reason)) << row.name;
  }
}

TEST(FrameGuardTest, CountsCallsThatAServerAnswersAsEnded) {
  Guard guard(Role::kClient);
  guard.Greet(Role::kClient).Local(Headers(1, kFlagsLastHeaders) + Headers(3, kFlagsLastHeaders));
  EXPECT_EQ(guard->calls_open(), 2u);
  guard.Remote(Headers(1, kFlagsLastHeaders));
  EXPECT_EQ(guard->calls_open(), 1u);
  guard.Remote(Headers(3) + Data(3, Message(1), kFlagEndStream));
  EXPECT_EQ(guard->calls_open(), 0u);
}

// --- The greeting.

TEST(FrameGuardTest, IsProvenByPrefaceAndSettings) {
  Guard guard;
  EXPECT_EQ(guard.Remote(kPreface), Verdict{});
  EXPECT_FALSE(guard->proven());
  EXPECT_EQ(guard.Remote(Settings()), Verdict{});
  EXPECT_TRUE(guard->proven());
}

TEST(FrameGuardTest, RefusesOtherProtocolsAtTheFirstWrongByte) {
  for (const char* hello : {"GET / HTTP/1.1", "\x16\x03\x01", "PRI * HTTP/1"}) {
    Guard guard;
    EXPECT_EQ(Judge(guard, hello), CloseReason::kNotHttp2) << hello;
  }
}

TEST(FrameGuardTest, RefusesAnyOtherFirstFrame) {
  for (const std::string& frame : {Headers(1), Ping(), SettingsAck(), WindowUpdate(0)}) {
    Guard guard;
    EXPECT_EQ(Judge(guard, kPreface + frame), CloseReason::kNoSettingsFirst);
  }
}

// --- Calls.

TEST(FrameGuardTest, BoundsTheCallsOpenAtOnce) {
  Guard guard;
  EXPECT_EQ(guard.Greet().Remote(Calls(128)), Verdict{});
  EXPECT_EQ(guard->calls_open(), 128u);
  EXPECT_EQ(Judge(guard, Headers(257)), CloseReason::kTooManyCalls);
}

TEST(FrameGuardTest, CountsACallUntilTheServerEndsIt) {
  Guard guard;
  guard.Greet().Remote(Calls(128));
  guard.Remote(Data(1, Message(1), kFlagEndStream));
  EXPECT_EQ(guard->calls_open(), 128u);
  guard.Local(Headers(1) + Data(1, Message(1)));
  EXPECT_EQ(guard->calls_open(), 128u);
  guard.Local(Headers(1, kFlagsLastHeaders));
  EXPECT_EQ(guard->calls_open(), 127u);
  EXPECT_EQ(guard.Remote(Headers(257)), Verdict{});
}

TEST(FrameGuardTest, EndsARapidResetAtTheBurst) {
  Guard guard;
  guard.Greet();
  std::string bytes;
  for (std::uint32_t i = 0; i < 500; ++i) bytes += Headers(2 * i + 1) + Reset(2 * i + 1);
  EXPECT_EQ(guard.Remote(bytes), Verdict{});
  EXPECT_EQ(Judge(guard, Headers(1001) + Reset(1001)), CloseReason::kResetFlood);
}

TEST(FrameGuardTest, CountsResetsThatAClientForcesOnTheServer) {
  Guard guard;
  guard.Greet();
  Verdict verdict;
  for (std::uint32_t i = 0; i < 501; ++i) {
    guard.Remote(Headers(2 * i + 1) + WindowUpdate(2 * i + 1, 0));
    verdict = guard.Local(Reset(2 * i + 1));
    if (i < 500) {
      EXPECT_EQ(verdict, Verdict{}) << i;
    }
  }
  EXPECT_EQ(verdict.reason, CloseReason::kResetFlood);
}

TEST(FrameGuardTest, DoesNotCountTheResetThatFollowsAnAnswer) {
  Guard guard;
  guard.Greet();
  for (std::uint32_t i = 0; i < 2000; ++i) {
    guard.Remote(Headers(2 * i + 1));
    EXPECT_EQ(guard.Local(Headers(2 * i + 1, kFlagsLastHeaders) + Reset(2 * i + 1)), Verdict{});
  }
}

TEST(FrameGuardTest, AddsToSharedLoadsAndTakesItsPartOut) {
  SharedLoad all;
  SharedLoad address;
  {
    Guard guard(Role::kServer, {}, &all, &address);
    guard.Greet().Remote(Calls(3) + Data(1, Message(100).substr(0, 50)) + Reset(5));
    EXPECT_EQ(all.calls, 2);
    EXPECT_EQ(address.calls, 2);
    EXPECT_EQ(all.held_bytes, 50 + 64);
    EXPECT_EQ(address.held_bytes, 50 + 64);
  }
  EXPECT_EQ(all.calls, 0);
  EXPECT_EQ(address.held_bytes, 0);
}

TEST(FrameGuardTest, RemembersAbandonedCallsBeyondTheirConnection) {
  SharedLoad address;
  for (int i = 0; i < 10; ++i) {
    Guard guard(Role::kServer, {}, nullptr, &address);
    EXPECT_EQ(guard.Greet().Remote(Calls(101)), Verdict{}) << i;
  }
  Guard few(Role::kServer, {}, nullptr, &address);
  EXPECT_EQ(few.Greet().Remote(Calls(4)), Verdict{});
  EXPECT_EQ(Judge(few, Headers(9)), CloseReason::kAbandonedCalls);
  Guard other(Role::kServer, {}, nullptr, &address);
  EXPECT_EQ(Judge(other.Greet(), Headers(1) + Reset(1)), CloseReason::kAbandonedCalls);
}

TEST(FrameGuardTest, RemembersResetsBeyondTheirConnection) {
  SharedLoad address;
  for (int i = 0; i < 4; ++i) {
    Guard guard(Role::kServer, {}, nullptr, &address);
    guard.Greet();
    for (std::uint32_t call = 1; call < 500; call += 2) {
      ASSERT_EQ(guard.Remote(Headers(call) + Reset(call)), Verdict{}) << i << " " << call;
    }
  }
  Guard guard(Role::kServer, {}, nullptr, &address);
  EXPECT_EQ(Judge(guard.Greet(), Headers(1) + Reset(1)), CloseReason::kAbandonedCalls);
}

TEST(FrameGuardTest, ForgivesAnAddressWithinSecondsOfTheLastAttack) {
  SharedLoad address;
  for (int i = 0; i < 1000; ++i) {
    Guard guard(Role::kServer, {}, nullptr, &address);
    guard.Greet().Remote(Calls(128));
  }
  Guard later(Role::kServer, {}, nullptr, &address);
  later.Greet();
  later.After(7 * kSecond);
  EXPECT_EQ(later.Remote(Calls(128)), Verdict{});
}

// --- Messages.

TEST(FrameGuardTest, HoldsNothingForWholeMessages) {
  Guard guard;
  guard.Greet().Remote(Headers(1));
  EXPECT_EQ(guard.Remote(Times(10'000, Data(1, Message(20)))), Verdict{});
  EXPECT_EQ(guard->held_bytes(), 0u);
  guard.Remote(Data(1, Message(20) + Message(20).substr(0, 7)));
  EXPECT_EQ(guard->held_bytes(), 7u);
}

TEST(FrameGuardTest, ClosesOnMessagesThatNeverEnd) {
  Guard guard;
  guard.Greet().Remote(Headers(1) + Data(1, Message(8 << 20).substr(0, 16'000)));
  const std::string piece = Data(1, std::string(16'000, 'm'));
  int sent = 1;
  while (guard.Remote(piece).kind != Verdict::Kind::kClose) ++sent;
  EXPECT_EQ(guard.Remote("").reason, CloseReason::kUnfinishedMessages);
  EXPECT_EQ(sent, 4 * 1024 * 1024 / 16'064);
}

TEST(FrameGuardTest, HoldsNoneOfAMessageWhoseCallEnded) {
  Guard guard;
  guard.Greet().Remote(Headers(1) + Headers(3) + Headers(5));
  for (const std::uint32_t stream : {1, 3, 5}) guard.Remote(Data(stream, Message(99).substr(0, 9)));
  EXPECT_EQ(guard->held_bytes(), 3u * (9 + 64));
  guard.Remote(Reset(1));
  guard.Local(Reset(3));
  guard.Remote(Data(5, "x", kFlagEndStream));
  EXPECT_EQ(guard->held_bytes(), 0u);
}

TEST(FrameGuardTest, PausesForCrumbsLongBeforeSmallMessages) {
  Guard guard;
  guard.Greet().Remote(Headers(1));
  EXPECT_EQ(guard.Remote(Times(50'000, Data(1, Message(1)))), Verdict{});
  guard.Remote(Data(1, Message(1 << 20).substr(0, 5)));
  const Verdict verdict = guard.Remote(Times(6'000, Data(1, "x")));
  EXPECT_EQ(verdict.kind, Verdict::Kind::kPause);
  EXPECT_EQ(verdict.pause_us, 1'000'500);  // 2,001 too many at 2,000 a second
}

// --- Floods of what is honest too.

TEST(FrameGuardTest, PausesFloodsThatHonestTrafficResembles) {
  struct Flood {
    const char* name;
    std::string frame;
    int burst;
    std::int64_t each_us;
  };
  for (const Flood& flood :
       {Flood{"ping", Ping(), 2'000, 1'000}, Flood{"window update", WindowUpdate(0), 40'000, 50},
        Flood{"stray data", Data(1, "x"), 4'000, 500}}) {
    Guard guard;
    guard.Greet().Remote(Headers(1) + Reset(1));
    EXPECT_EQ(guard.Remote(Times(flood.burst, flood.frame)), Verdict{}) << flood.name;
    const Verdict verdict = guard.Remote(Times(10, flood.frame));
    EXPECT_EQ(verdict.kind, Verdict::Kind::kPause) << flood.name;
    EXPECT_EQ(verdict.pause_us, 10 * flood.each_us) << flood.name;
    guard.After(verdict.pause_us);
    EXPECT_EQ(guard.Remote(""), Verdict{}) << flood.name;
  }
}

}  // namespace
}  // namespace bourse::gate
