#include "node/peer/outbox.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "node/peer/inbox.h"

namespace bourse::peer {
namespace {

using replica::Priority;

std::shared_ptr<const std::string> Bytes(std::size_t size, char fill) {
  return std::make_shared<const std::string>(size, fill);
}

// What a frame is made of: one letter a message, a piece as "(x)".
std::string TextOf(const v1::PeerFrame& frame) {
  if (frame.has_part()) return std::string("(") + frame.part().bytes()[0] + ")";
  std::string text;
  for (const std::string& message : frame.batch().messages())
    text += message.empty() ? '-' : message[0];
  return text;
}

std::string NextOf(Outbox* outbox) {
  v1::PeerFrame frame;
  return outbox->Next(&frame) ? TextOf(frame) : "nothing";
}

TEST(OutboxTest, SendsHigherPrioritiesFirstAndManyMessagesInOneFrame) {
  Outbox outbox({});
  outbox.Push(Priority::kTransactions, Bytes(10, 't'));
  outbox.Push(Priority::kBulk, Bytes(10, 'b'));
  outbox.Push(Priority::kConsensus, Bytes(10, 'c'));
  outbox.Push(Priority::kConsensus, Bytes(10, 'd'));
  EXPECT_EQ(NextOf(&outbox), "cdbt");
  EXPECT_EQ(NextOf(&outbox), "nothing");
}

TEST(OutboxTest, FillsAFrameToItsBoundAndNoFurther) {
  Outbox outbox({});
  outbox.Push(Priority::kConsensus, Bytes(kFrameBytes / 2, 'a'));
  outbox.Push(Priority::kConsensus, Bytes(kFrameBytes / 2, 'b'));
  outbox.Push(Priority::kConsensus, Bytes(1, 'c'));
  EXPECT_EQ(NextOf(&outbox), "ab");
  EXPECT_EQ(NextOf(&outbox), "c");
  for (std::size_t i = 0; i <= kFrameMessages; ++i) outbox.Push(Priority::kBulk, Bytes(0, 'x'));
  EXPECT_EQ(NextOf(&outbox).size(), kFrameMessages);
  EXPECT_EQ(NextOf(&outbox), "-");
}

TEST(OutboxTest, LetsSmallMessagesBetweenThePiecesOfALargeOne) {
  Outbox outbox({});
  outbox.Push(Priority::kBulk, Bytes(3 * kFrameBytes, 'L'));
  EXPECT_EQ(NextOf(&outbox), "(L)");
  outbox.Push(Priority::kConsensus, Bytes(1, 'c'));
  outbox.Push(Priority::kBulk, Bytes(1, 'b'));
  outbox.Push(Priority::kTransactions, Bytes(1, 't'));  // is below the large one
  EXPECT_EQ(NextOf(&outbox), "cb");
  outbox.Push(Priority::kConsensus, Bytes(1, 'd'));  // in turn with pieces, so that these go on
  EXPECT_EQ(NextOf(&outbox), "(L)");
  EXPECT_EQ(NextOf(&outbox), "d");
  EXPECT_EQ(NextOf(&outbox), "(L)");
  EXPECT_EQ(NextOf(&outbox), "t");
  EXPECT_EQ(NextOf(&outbox), "nothing");
}

TEST(OutboxTest, SendsOneLargeMessageAfterTheOther) {
  Outbox outbox({});
  outbox.Push(Priority::kBulk, Bytes(2 * kFrameBytes, 'B'));
  EXPECT_EQ(NextOf(&outbox), "(B)");
  outbox.Push(Priority::kConsensus, Bytes(2 * kFrameBytes, 'C'));
  EXPECT_EQ(NextOf(&outbox), "(B)");
  EXPECT_EQ(NextOf(&outbox), "(C)");
  EXPECT_EQ(NextOf(&outbox), "(C)");
  EXPECT_EQ(NextOf(&outbox), "nothing");
}

TEST(OutboxTest, RefusesTheNewestOfAFullQueueOnly) {
  QueueLimits limits;
  limits.bulk_bytes_max = 2 * (100 + kMessageOverheadBytes);
  Outbox outbox(limits);
  EXPECT_EQ(outbox.Push(Priority::kBulk, Bytes(100, 'a')), Outbox::Pushed::kQueued);
  EXPECT_EQ(outbox.Push(Priority::kBulk, Bytes(100, 'b')), Outbox::Pushed::kQueued);
  EXPECT_EQ(outbox.Push(Priority::kBulk, Bytes(0, 'c')), Outbox::Pushed::kFull);
  EXPECT_EQ(outbox.Push(Priority::kConsensus, Bytes(100, 'd')), Outbox::Pushed::kQueued);
  EXPECT_EQ(outbox.messages(), 3u);
  EXPECT_EQ(outbox.bytes(), 300u);
  EXPECT_EQ(NextOf(&outbox), "dab");
  EXPECT_EQ(outbox.bytes(), 0u);
  EXPECT_EQ(outbox.messages_sent(), 3u);
  EXPECT_EQ(outbox.bytes_sent(), 300u);
  EXPECT_EQ(outbox.Push(Priority::kBulk, Bytes(100, 'e')), Outbox::Pushed::kQueued);
}

// --- Inbox.

TEST(InboxTest, GetsBackWhatAnOutboxSent) {
  Outbox outbox({});
  const std::vector<std::size_t> sizes = {
      0, 1, 1'000, kFrameBytes, kFrameBytes + 1, replica::kMaxMessageBytes};
  for (const std::size_t size : sizes) outbox.Push(Priority::kBulk, Bytes(size, 'x'));
  Inbox inbox;
  std::vector<std::size_t> received;
  v1::PeerFrame frame;
  for (; outbox.Next(&frame); frame.Clear()) {
    EXPECT_LE(frame.ByteSizeLong(), 512u * 1024);
    const auto messages = inbox.Take(&frame);
    ASSERT_TRUE(messages.ok()) << messages.status();
    for (const std::string& message : *messages) {
      EXPECT_EQ(message, std::string(message.size(), 'x'));
      received.push_back(message.size());
    }
  }
  EXPECT_EQ(received, sizes);
}

v1::PeerFrame Part(std::size_t size, std::size_t left) {
  v1::PeerFrame frame;
  frame.mutable_part()->set_bytes(std::string(size, 'x'));
  frame.mutable_part()->set_left(static_cast<std::uint32_t>(left));
  return frame;
}

TEST(InboxTest, RefusesWhatNoOutboxSends) {
  v1::PeerFrame nothing;
  v1::PeerFrame hello;
  hello.mutable_hello();
  v1::PeerFrame empty;
  empty.mutable_batch();
  v1::PeerFrame many;
  for (std::size_t i = 0; i <= kFrameMessages; ++i) many.mutable_batch()->add_messages("");
  v1::PeerFrame no_bytes = Part(0, 1);
  v1::PeerFrame too_large = Part(1, replica::kMaxMessageBytes);
  for (v1::PeerFrame* frame : {&nothing, &hello, &empty, &many, &no_bytes, &too_large}) {
    EXPECT_EQ(Inbox().Take(frame).status().code(), absl::StatusCode::kInvalidArgument)
        << frame->ShortDebugString().substr(0, 80);
  }
}

TEST(InboxTest, RefusesAPieceThatDoesNotFitTheOneBefore) {
  for (const std::size_t left : {3u, 5u}) {
    Inbox inbox;
    v1::PeerFrame first = Part(1, 5);
    ASSERT_TRUE(inbox.Take(&first).ok());
    v1::PeerFrame second = Part(1, left);
    EXPECT_FALSE(inbox.Take(&second).ok()) << left;
  }
}

}  // namespace
}  // namespace bourse::peer
