// Outbox: what waits to be sent to one peer, and in which order it goes.
//
//   outbox.Push(Priority::kConsensus, bytes);
//   v1::PeerFrame frame;
//   while (outbox.Next(&frame)) Write(frame);
//
// Higher priorities first, each in order. Small messages share a frame. A large one is sent in
// pieces, and in turn with them go small ones of its priority and above: so a vote waits for one
// piece at most. Only one message is in pieces at a time. Pure; not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "bourse/v1/peer.pb.h"
#include "node/peer/options.h"
#include "node/replica/message.h"

namespace bourse::peer {

// Bytes of messages in one frame; the bytes of a message that makes a frame of its own.
inline constexpr std::size_t kFrameBytes = 256 * 1024;
inline constexpr std::size_t kFrameMessages = 1'024;

class Outbox {
 public:
  enum class Pushed : std::uint8_t { kQueued, kFull };

  explicit Outbox(const QueueLimits& limits);

  // Takes it, unless its priority's queue is full.
  Pushed Push(replica::Priority priority, std::shared_ptr<const std::string> bytes);

  // Fills the frame that is to be sent next. False: nothing waits.
  bool Next(v1::PeerFrame* frame);

  // Of what waits, pieces not sent included.
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::size_t messages() const;
  // Of what Next has handed out.
  [[nodiscard]] std::uint64_t bytes_sent() const { return bytes_sent_; }
  [[nodiscard]] std::uint64_t messages_sent() const { return messages_sent_; }

 private:
  using Message = std::shared_ptr<const std::string>;
  struct Queue {
    std::size_t cost_max = 0;
    std::size_t cost = 0;  // bytes with kMessageOverheadBytes each
    std::deque<Message> messages;
  };

  // Fills a frame with small messages, or makes a large one the one in pieces. False: neither.
  bool NextBatch(v1::PeerFrame* frame);
  // Moves small messages into the batch while there is room, from this queue's front.
  void Batch(Queue* queue, v1::PeerFrame* frame, std::size_t* room);
  void NextPiece(v1::PeerFrame* frame);
  Message Pop(Queue* queue);

  std::array<Queue, 3> queues_;  // by Priority
  Message large_;                // in pieces; null: none
  std::size_t large_done_ = 0;
  std::size_t large_priority_ = 0;
  bool piece_was_last_ = false;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t messages_sent_ = 0;
};

}  // namespace bourse::peer
