// Solo: the engine of a network with one validator. It decides whatever it proposes.
//
//            work, or idle for long                    chosen
//   waiting ───────────────────────► choosing ───────────────────► delivered
//      ▲                                                               │
//      └─────────────────────────── committed ◄────────────────────────┘
//
// Rules:
// 1. It proposes when there is work and the block before is committed, though not sooner than
//    `block_interval_min_us` after the last proposal.
// 2. Without work, it proposes an empty block `idle_us` after the last commit.
// 3. A block's time is the clock's, but at least its parent's + 1 µs.
// 4. Slots and heights go together: slot = height - 1, since none is skipped.
//
// It persists nothing: no other node saw a block before it was committed, so one that a crash
// swallowed was never there.
#pragma once

#include <cstdint>

#include "node/consensus/engine.h"

namespace bourse::consensus {

struct SoloOptions {
  Hash256 genesis_hash;
  std::uint32_t protocol_version = 1;
  std::uint64_t idle_us = 1'000'000;
  std::uint64_t block_interval_min_us = 0;
};

class Solo : public Engine {
 public:
  explicit Solo(const SoloOptions& options) : options_(options) {}

  [[nodiscard]] Effects Step(Event event) override;

 private:
  enum class Phase : std::uint8_t { kStopped, kWaiting, kChoosing, kDelivered };

  void OnStarted(const Now& now, const Started& event, Effects* effects);
  void OnPayload(const Now& now, PayloadReady event, Effects* effects);
  void OnCommitted(const Now& now, const Committed& event, Effects* effects);
  // Proposes if it is time, or sets the timer to when it will be.
  void Continue(const Now& now, Effects* effects);
  [[nodiscard]] Slot NextSlot() const { return Slot(tip_.height.value()); }
  [[nodiscard]] bool IdleIsOver(const Now& now) const;

  const SoloOptions options_;
  Phase phase_ = Phase::kStopped;
  Tip tip_;
  Tip delivered_;
  TimeMicros proposed_time_;  // of the block that is being chosen
  bool work_ = false;
  std::uint64_t committed_us_ = 0;  // steady times
  std::uint64_t not_before_us_ = 0;
};

}  // namespace bourse::consensus
