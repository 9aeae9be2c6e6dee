#include "node/peer/outbox.h"

#include <algorithm>
#include <utility>

namespace bourse::peer {
namespace {

std::size_t CostOf(const std::string& bytes) { return bytes.size() + kMessageOverheadBytes; }

bool IsLarge(const std::string& bytes) { return bytes.size() > kFrameBytes; }

}  // namespace

Outbox::Outbox(const QueueLimits& limits) {
  queues_[0].cost_max = limits.consensus_bytes_max;
  queues_[1].cost_max = limits.bulk_bytes_max;
  queues_[2].cost_max = limits.transactions_bytes_max;
}

Outbox::Pushed Outbox::Push(replica::Priority priority, Message bytes) {
  Queue& queue = queues_[static_cast<std::size_t>(priority)];
  const std::size_t cost = CostOf(*bytes);
  if (queue.cost + cost > queue.cost_max) return Pushed::kFull;
  queue.cost += cost;
  queue.messages.push_back(std::move(bytes));
  return Pushed::kQueued;
}

bool Outbox::Next(v1::PeerFrame* frame) {
  const bool piece_is_due = large_ != nullptr && !piece_was_last_;
  piece_was_last_ = false;
  if (!piece_is_due && NextBatch(frame)) return true;
  if (large_ == nullptr) return false;
  NextPiece(frame);
  piece_was_last_ = true;
  return true;
}

bool Outbox::NextBatch(v1::PeerFrame* frame) {
  std::size_t room = kFrameBytes;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    if (large_ != nullptr && i > large_priority_) break;
    Batch(&queues_[i], frame, &room);
    if (queues_[i].messages.empty()) continue;
    if (room < kFrameBytes) return true;  // the frame is full, or a large message is next
    if (large_ != nullptr) continue;
    large_ = Pop(&queues_[i]);
    large_done_ = 0;
    large_priority_ = i;
    return false;
  }
  return room < kFrameBytes;
}

void Outbox::Batch(Queue* queue, v1::PeerFrame* frame, std::size_t* room) {
  while (!queue->messages.empty()) {
    const std::string& next = *queue->messages.front();
    const std::size_t cost = std::max<std::size_t>(next.size(), 1);
    if (IsLarge(next) || cost > *room) return;
    if (static_cast<std::size_t>(frame->batch().messages_size()) == kFrameMessages) return;
    *room -= cost;
    const Message message = Pop(queue);
    frame->mutable_batch()->add_messages(*message);
    bytes_sent_ += message->size();
    ++messages_sent_;
  }
}

void Outbox::NextPiece(v1::PeerFrame* frame) {
  const std::size_t count = std::min(kFrameBytes, large_->size() - large_done_);
  v1::PeerPart* part = frame->mutable_part();
  part->set_bytes(large_->data() + large_done_, count);
  large_done_ += count;
  part->set_left(static_cast<std::uint32_t>(large_->size() - large_done_));
  bytes_sent_ += count;
  if (large_done_ < large_->size()) return;
  large_.reset();
  ++messages_sent_;
}

Outbox::Message Outbox::Pop(Queue* queue) {
  Message message = std::move(queue->messages.front());
  queue->messages.pop_front();
  queue->cost -= CostOf(*message);
  return message;
}

std::size_t Outbox::bytes() const {
  std::size_t sum = large_ == nullptr ? 0 : large_->size() - large_done_;
  for (const Queue& queue : queues_) {
    sum += queue.cost - queue.messages.size() * kMessageOverheadBytes;
  }
  return sum;
}

std::size_t Outbox::messages() const {
  std::size_t sum = large_ == nullptr ? 0 : 1;
  for (const Queue& queue : queues_) sum += queue.messages.size();
  return sum;
}

}  // namespace bourse::peer
