#include "tests/sim/recovery.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/transaction.h"

namespace bourse::sim {
namespace {

constexpr std::uint64_t kSubmissions = 16;

}  // namespace

Recovery::Recovery(const Scenario* scenario, World* world)
    : scenario_(*scenario),
      world_(*world),
      random_(scenario->seed ^ 0x4ec0),
      start_us_(world->now_us()),
      height_(world->highest()) {
  bound_us_ = SlotBound();
}

// A slot that nobody saves lasts T_idle, the shortest interval and D, which has grown with the
// slots since the last that was finalized. A few may fail: those of Byzantine leaders, and those
// that were under way. Where messages are lost, each may need Ts more.
std::uint64_t Recovery::SlotBound() const {
  const consensus::SimplexOptions& timing = scenario_.replica.simplex;
  double longest = static_cast<double>(timing.timeout_us);
  for (NodeIndex node = 0; node < world_.nodes(); ++node) {
    const HonestNode* honest = world_.honest(node);
    if (honest == nullptr || !honest->is_up()) continue;
    const consensus::Simplex& simplex = honest->replica().simplex();
    const auto ahead =
        static_cast<double>(simplex.frontier().value() - (simplex.final_id().slot.value() + 1));
    const double growth = static_cast<double>(timing.timeout_growth_permille) / 1'000;
    longest = std::max(longest, static_cast<double>(timing.timeout_us) * std::pow(growth, ahead));
  }
  const auto duration = std::min(timing.timeout_us_max, static_cast<std::uint64_t>(longest));
  const std::uint64_t slot_us = timing.idle_us + timing.block_interval_min_us + duration +
                                10 * scenario_.network.delay_us_max;
  const std::uint64_t slots = 2 * scenario_.faulty_max() + 6;
  // What a replica waits before it asks another peer for blocks, several times.
  constexpr std::uint64_t kFetchMicros = 10'000'000;
  const std::uint64_t bound_us = 3 * timing.standstill_us + slots * slot_us + kFetchMicros;
  return scenario_.network.loss_permille == 0 ? bound_us : 4 * bound_us;
}

void Recovery::Run() {
  SubmitOne();
  const auto progressed = [this](NodeIndex node) {
    return world_.honest(node)->height() > height_;
  };
  if (!Await("progress", bound_us_, progressed)) return;
  const auto has_receipt = [this](NodeIndex node) {
    const NodeDisk& disk = world_.honest(node)->disk();
    return std::any_of(submitted_.begin(), submitted_.end(),
                       [&disk](const TxId& txid) { return disk.HasReceipt(txid); });
  };
  if (!Await("submitted", 2 * bound_us_, has_receipt)) return;
  if (!AwaitHeights()) return;
  const auto votes = [this](NodeIndex node) {
    const replica::Progress progress = world_.honest(node)->replica().progress();
    if (!IsVoter(node)) return !progress.voting;
    // A single validator sends its votes to nobody.
    const bool has_voted = world_.last_vote_us(node) > start_us_ || scenario_.validators == 1;
    return progress.voting && has_voted;
  };
  if (!Await("voting", 2 * bound_us_, votes)) return;
  const auto leads = [this](NodeIndex node) { return !IsVoter(node) || HasLed(node); };
  if (!Await("leading", scenario_.validators * bound_us_, leads)) return;
  height_ = world_.highest();
  if (!Await("progress", bound_us_, progressed)) return;
  CheckReceipts();
}

bool Recovery::Await(const char* check, std::uint64_t bound_us,
                     const std::function<bool(NodeIndex)>& is_met) {
  NodeIndex next = 0;  // those before it have met it
  const auto done = [&] {
    while (next < world_.nodes()) {
      const bool is_asked =
          world_.honest(next) != nullptr && world_.seat(next).role == Role::kHonest;
      if (is_asked && (!world_.IsUp(next) || !is_met(next))) return false;
      ++next;
    }
    return true;
  };
  const std::uint64_t begin_us = world_.now_us();
  if (world_.RunUntil(done, begin_us + bound_us)) {
    Raise({{check, (world_.now_us() - begin_us) * 1'000 / bound_us}}, &nearness_);
    return true;
  }
  world_.Fail(check,
              absl::StrCat("node ", next, ", at height ", world_.honest(next)->height().value(),
                           ", did not meet it within ", bound_us, " us of ", begin_us,
                           "; the network was at height ", height_.value()));
  return false;
}

// In any stretch of time that is bound enough for one.
bool Recovery::AwaitHeights() {
  while (world_.highest().value() < scenario_.heights_min) {
    const Height before = world_.highest();
    const auto done = [&] { return world_.highest() > before; };
    const std::uint64_t begin_us = world_.now_us();
    if (!world_.RunUntil(done, begin_us + bound_us_)) {
      world_.Fail("heights", absl::StrCat("no height after ", before.value(), " within ", bound_us_,
                                          " us of ", begin_us));
      return false;
    }
  }
  return true;
}

// Nodes that are behind may not take it yet, and a block of a leader whose clock was ahead can
// expire it; so a client tries again, each time with a new one.
void Recovery::SubmitOne() {
  constexpr std::uint64_t kLifetimeMicros = 500'000'000;
  for (std::uint64_t i = 0; i < kSubmissions; ++i) {
    world_.After(2 * i * bound_us_ / kSubmissions, [this] {
      const std::string encoded = world_.MakeTransaction(&random_, kLifetimeMicros);
      submitted_.push_back(DecodeSignedTransaction(AsBytes(encoded))->txid);
      for (NodeIndex node = 0; node < world_.nodes(); ++node) world_.Submit(node, encoded);
    });
  }
}

bool Recovery::IsVoter(NodeIndex node) const {
  return world_.seat(node).validator && !world_.honest(node)->has_lost_log();
}

bool Recovery::HasLed(NodeIndex node) const {
  const std::vector<World::Block>& chain = world_.chain();
  for (std::size_t i = chain.size(); i > height_.value(); --i) {
    if (chain[i - 1].slot.value() % scenario_.validators == world_.seat(node).validator->value()) {
      return true;
    }
  }
  return false;
}

void Recovery::CheckReceipts() {
  for (NodeIndex node = 0; node < world_.nodes(); ++node) {
    const HonestNode* honest = world_.honest(node);
    if (honest == nullptr || honest->height() != world_.highest()) continue;
    for (const TxId& txid : world_.applied()) {
      if (honest->disk().HasReceipt(txid)) continue;
      return world_.Fail("receipts", absl::StrCat("node ", node, " doesn't know ", ToHex(txid)));
    }
  }
}

}  // namespace bourse::sim
