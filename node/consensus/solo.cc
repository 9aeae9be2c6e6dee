#include "node/consensus/solo.h"

#include <algorithm>
#include <utility>

namespace bourse::consensus {

Effects Solo::Step(Event event) {
  Effects effects;
  if (const auto* started = std::get_if<Started>(&event.what)) {
    OnStarted(event.now, *started, &effects);
  } else if (std::holds_alternative<TimerFired>(event.what)) {
    Continue(event.now, &effects);
  } else if (std::holds_alternative<WorkWaiting>(event.what)) {
    work_ = true;
    Continue(event.now, &effects);
  } else if (auto* payload = std::get_if<PayloadReady>(&event.what)) {
    OnPayload(event.now, std::move(*payload), &effects);
  } else if (const auto* committed = std::get_if<Committed>(&event.what)) {
    OnCommitted(event.now, *committed, &effects);
  }
  return effects;  // nobody else is there to send a message
}

void Solo::OnStarted(const Now& now, const Started& event, Effects* effects) {
  tip_ = event.tip;
  phase_ = Phase::kWaiting;
  committed_us_ = now.steady_us;
  Continue(now, effects);
}

bool Solo::IdleIsOver(const Now& now) const {
  return now.steady_us >= committed_us_ + options_.idle_us;
}

void Solo::Continue(const Now& now, Effects* effects) {
  if (phase_ != Phase::kWaiting) return;
  const std::uint64_t idle_end = committed_us_ + options_.idle_us;
  const std::uint64_t due = work_ ? not_before_us_ : std::max(not_before_us_, idle_end);
  if (now.steady_us < due) {
    effects->timer_us = due;
    return;
  }
  phase_ = Phase::kChoosing;
  work_ = false;
  proposed_time_ = std::max(now.wall, TimeMicros(tip_.time.value() + 1));
  effects->want_payload = PayloadRequest{NextSlot(), proposed_time_};
}

void Solo::OnPayload(const Now& now, PayloadReady event, Effects* effects) {
  if (phase_ != Phase::kChoosing || event.slot != NextSlot()) return;
  if (event.payload.transactions.empty() && !IdleIsOver(now)) {
    phase_ = Phase::kWaiting;  // what was waiting is gone
    Continue(now, effects);
    return;
  }
  Decided decided;
  decided.header = {
      .genesis_hash = options_.genesis_hash,
      .epoch = kFirstEpoch,
      .protocol_version = options_.protocol_version,
      .slot = event.slot,
      .height = Height(tip_.height.value() + 1),
      .time = proposed_time_,
      .parent_slot = Slot(event.slot.value() - 1),  // kGenesisSlot before slot 0
      .parent_hash = tip_.hash,
      .transactions_root = event.payload.root,
  };
  decided.hash = HashOf(decided.header);
  decided.payload = std::move(event.payload);

  delivered_ = {decided.header.height, decided.header.time, decided.hash};
  phase_ = Phase::kDelivered;
  not_before_us_ = now.steady_us + options_.block_interval_min_us;
  effects->deliver.push_back(std::move(decided));
}

void Solo::OnCommitted(const Now& now, const Committed& event, Effects* effects) {
  if (phase_ != Phase::kDelivered || event.height != delivered_.height) return;
  tip_ = delivered_;
  phase_ = Phase::kWaiting;
  committed_us_ = now.steady_us;
  Continue(now, effects);
}

}  // namespace bourse::consensus
