// Cluster: a few cores and a network in memory, for unit tests that tell a story step by step.
//
// Signatures are stubs, bodies are here at once and always good, and nothing is lost unless a test
// says so: by `cut`, or by delivering nothing. Time moves only when a test moves it.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "node/consensus/simplex.h"

namespace bourse::consensus::testing {

inline Hash256 FilledHash(std::uint8_t byte) {
  Hash256 hash;
  hash.bytes.fill(byte);
  return hash;
}

inline Validators MakeValidators(std::size_t count) {
  std::vector<PublicKey> keys(count);
  for (std::size_t i = 0; i < count; ++i) keys[i].bytes[0] = static_cast<std::uint8_t>(i + 1);
  return Validators(FilledHash(7), std::move(keys));
}

inline Signature StubSign(std::string_view) { return {}; }

class Cluster {
 public:
  struct Node {
    std::unique_ptr<Simplex> core;
    Recovered log;  // what it persisted, and where its ledger ends
    std::vector<Decided> delivered;
    std::vector<Evidence> evidence;
    bool down = false;
  };
  struct Envelope {
    std::size_t from = 0;
    std::size_t to = 0;
    std::variant<SignedVote, Certificate, Proposal> what;
  };

  explicit Cluster(std::size_t count, SimplexOptions options = {})
      : validators_(MakeValidators(count)), options_(options), nodes_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      nodes_[i].log.tip = {kGenesisSlot, validators_.genesis_hash()};
      Boot(i);
    }
  }

  // Starts, or starts again with what the log holds.
  void Boot(std::size_t i) {
    SimplexOptions options = options_;
    options.self = ValidatorIndex(static_cast<std::uint16_t>(i));
    nodes_[i].core = std::make_unique<Simplex>(&validators_, options, StubSign);
    nodes_[i].down = false;
    Step(i, Started{nodes_[i].log});
  }

  void Step(std::size_t i, decltype(Event::what) what) {
    if (nodes_[i].down) return;
    Perform(i, nodes_[i].core->Step({{TimeMicros(wall_us_), steady_us_}, std::move(what)}));
  }

  // Delivers what is under way, and what follows from it, but not what `lost` says.
  void Run(const std::function<bool(const Envelope&)>& lost = nullptr) {
    for (int steps = 0; !wire_.empty() && steps < 100'000; ++steps) {
      const Envelope envelope = std::move(wire_.front());
      wire_.pop_front();
      if (lost == nullptr || !lost(envelope)) Receive(envelope);
    }
  }

  // Moves time on, and fires the timers that are due.
  void Wait(std::uint64_t us) {
    steady_us_ += us;
    wall_us_ += us;
    for (std::size_t i = 0; i < nodes_.size(); ++i) Step(i, TimerFired{});
  }
  void SetWorkEverywhere() {
    blocks_of_work = 3;
    for (std::size_t i = 0; i < nodes_.size(); ++i) Step(i, WorkChanged{steady_us_});
  }

  Node& node(std::size_t i) { return nodes_[i]; }
  Simplex& core(std::size_t i) { return *nodes_[i].core; }
  const Validators& validators() const { return validators_; }
  std::deque<Envelope>& wire() { return wire_; }
  std::uint64_t wall_us() const { return wall_us_; }
  void ShiftWall(std::int64_t us) {
    wall_us_ = static_cast<std::uint64_t>(static_cast<std::int64_t>(wall_us_) + us);
  }
  int blocks_of_work = 0;  // proposals that are not empty, until there is no work any more

 private:
  void Receive(const Envelope& envelope) {
    if (nodes_[envelope.to].down) return;
    Simplex& core = *nodes_[envelope.to].core;
    if (const auto* vote = std::get_if<SignedVote>(&envelope.what)) {
      if (core.Screen(*vote) == Simplex::Screening::kUse) Step(envelope.to, VoteArrived{*vote});
    } else if (const auto* certificate = std::get_if<Certificate>(&envelope.what)) {
      if (core.Screen(*certificate) == Simplex::Screening::kUse) {
        Step(envelope.to, CertificateArrived{*certificate, std::nullopt});
      }
    } else if (const auto* proposal = std::get_if<Proposal>(&envelope.what)) {
      Step(envelope.to, HeaderArrived{proposal->header});
      Step(envelope.to, BodyChecked{IdOf(proposal->header.header), true});
    }
  }

  void Perform(std::size_t i, Effects effects) {
    Node& node = nodes_[i];
    for (Record& record : effects.persist) {
      if (auto* vote = std::get_if<SignedVote>(&record)) node.log.votes.push_back(*vote);
      if (auto* certificate = std::get_if<Certificate>(&record)) {
        node.log.certificates.push_back(*certificate);
      }
      if (auto* body = std::get_if<PersistBody>(&record)) {
        const SignedHeader* header = node.core->FindHeader(body->id);
        if (header != nullptr) node.log.bodies.push_back(*header);
      }
    }
    for (const Message& message : effects.send) {
      for (std::size_t to = 0; to < nodes_.size(); ++to) {
        if (to != i && (!message.to || message.to->value() == to)) {
          wire_.push_back({i, to, message.what});
        }
      }
    }
    for (Decided& decided : effects.deliver) node.delivered.push_back(std::move(decided));
    for (Evidence& evidence : effects.evidence) node.evidence.push_back(std::move(evidence));
    if (effects.want_payload) {
      const PayloadRequest& want = *effects.want_payload;
      const bool empty = blocks_of_work == 0;
      if (!empty) --blocks_of_work;
      Step(i, PayloadReady{want.slot, want.parent, want.time, FilledHash(9), empty});
    }
  }

  const Validators validators_;
  const SimplexOptions options_;
  std::vector<Node> nodes_;
  std::deque<Envelope> wire_;
  std::uint64_t steady_us_ = 1'000'000;
  std::uint64_t wall_us_ = 1'700'000'000'000'000;
};

}  // namespace bourse::consensus::testing
