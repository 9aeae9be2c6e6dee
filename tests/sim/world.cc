#include "tests/sim/world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "tests/sim/story.h"

namespace bourse::sim {
namespace {

consensus::Validators MakeValidators(const ledger::Genesis& genesis) {
  std::vector<PublicKey> keys;
  for (const ledger::Validator& validator : genesis.validators) keys.push_back(validator.key);
  return consensus::Validators(ledger::GenesisHash(genesis), std::move(keys));
}

std::vector<std::optional<consensus::ValidatorIndex>> ValidatorsOf(const std::vector<Seat>& seats) {
  std::vector<std::optional<consensus::ValidatorIndex>> validators;
  for (const Seat& seat : seats) validators.push_back(seat.validator);
  return validators;
}

std::vector<Role> RolesOf(const std::vector<Seat>& seats) {
  std::vector<Role> roles;
  for (const Seat& seat : seats) roles.push_back(seat.role);
  return roles;
}

// Different numbers from one seed, for things that must not disturb one another.
std::uint64_t Derive(std::uint64_t seed, std::uint64_t what) {
  return model::Random(seed * 0x9e3779b97f4a7c15 + what).Next();
}

}  // namespace

World::World(const WorldOptions& options, std::vector<Seat> seats)
    : options_(options),
      seats_(std::move(seats)),
      genesis_(GenesisOf(options.validators)),
      keyring_(options.real_signatures),
      validators_(MakeValidators(genesis_)),
      economy_(&genesis_, &keyring_),
      network_(&scheduler_, Derive(options.seed, 1), seats_.size(), MakeHandler()),
      surroundings_{
          validators_,
          genesis_,
          keyring_,
          economy_,
          scheduler_,
          network_,
          ValidatorsOf(seats_),
          RolesOf(seats_),
          [this](NodeIndex from, const std::vector<NodeIndex>& to,
                 std::shared_ptr<const std::string> bytes) { Send(from, to, std::move(bytes)); },
          nullptr},
      context_{.validators = validators_,
               .keyring = keyring_,
               .roles = RolesOf(seats_),
               .seats = ValidatorsOf(seats_)},
      honest_(seats_.size()),
      up_(seats_.size()),
      going_down_(seats_.size()),
      last_vote_us_(seats_.size()) {
  network_.set_options(options_.network);
  if (options_.trace) surroundings_.trace = [this](const std::string& line) { Trace(line); };
  context_.storm_window_us = options_.storm_window_us;
  context_.storm_messages_max = options_.storm_messages_max;
  context_.window = options_.replica.simplex.window;
  context_.log_bytes_max = options_.replica.log_bytes_max;
  context_.fail = [this](std::string_view check, std::string what) {
    Fail(check, std::move(what));
  };
  checks_ = MakeChecks(&context_);
  for (NodeIndex node = 0; node < seats_.size(); ++node) MakeActor(node);
}

World::~World() = default;

Network::Handler World::MakeHandler() {
  return {[this](NodeIndex to, NodeIndex from, const PacketPtr& packet) {
            actors_[to]->OnMessage(from, packet);
          },
          [this](NodeIndex to, NodeIndex peer) { actors_[to]->OnPeerUp(peer); },
          [this](NodeIndex to, NodeIndex peer) {
            if (up_[to]) actors_[to]->OnPeerDown(peer);
          }};
}

void World::MakeActor(NodeIndex node) {
  const Seat& seat = seats_[node];
  places_.push_back(
      std::make_unique<Place>(&surroundings_, node, Derive(options_.seed, 100 + node)));
  if (seat.make) {
    actors_.push_back(seat.make(places_.back().get()));
  } else {
    HonestOptions honest{options_.replica, seat.role, &keyring_, this,
                         Derive(options_.seed, 200 + node)};
    honest.replica.seed = Derive(options_.seed, 300 + node);
    actors_.push_back(std::make_unique<HonestNode>(places_.back().get(), honest));
  }
  honest_[node] = dynamic_cast<HonestNode*>(actors_.back().get());
}

void World::Start() {
  for (NodeIndex node = 0; node < nodes(); ++node) {
    if (!seats_[node].starts_down) Restart(node);
  }
}

bool World::RunNext() { return scheduler_.RunNext(); }

bool World::RunUntil(const std::function<bool()>& done, std::uint64_t until_us) {
  while (failure_.check.empty() && now_us() < until_us) {
    if (done()) return true;
    if (!RunNext()) break;
  }
  return failure_.check.empty() && done();
}

void World::Fail(std::string_view check, std::string what) {
  if (!failure_.check.empty()) return;
  if (tracing()) Trace(absl::StrCat("FAILED ", std::string(check), ": ", what));
  failure_ = {std::string(check), std::move(what), now_us()};
}

void World::Restart(NodeIndex node) {
  if (up_[node] || going_down_[node]) return;
  if (tracing()) Trace(absl::StrCat("node ", node, " starts"));
  up_[node] = true;
  actors_[node]->Start();
  for (NodeIndex peer = 0; peer < nodes(); ++peer) {
    if (peer != node && up_[peer]) network_.Connect(node, peer);
  }
}

void World::Connect(NodeIndex a, NodeIndex b) {
  if (up_[a] && up_[b]) network_.Connect(a, b);
}

void World::CrashAt(NodeIndex node, CrashPoint point, std::function<void()> then) {
  CHECK(honest_[node] != nullptr);
  honest_[node]->CrashAt(point, [this, node, point, then = std::move(then)] {
    if (tracing()) {
      Trace(absl::StrCat("node ", node, ": ",
                         std::string(kCrashPointNames[static_cast<std::size_t>(point)])));
    }
    up_[node] = false;
    going_down_[node] = true;
    // Not at once: it is in the middle of what it did.
    scheduler_.After(0, [this, node, then] {
      Down(node);
      then();
    });
  });
}

void World::Down(NodeIndex node) {
  going_down_[node] = false;
  places_[node]->EndLife();
  actors_[node]->Crash();
  for (NodeIndex peer = 0; peer < nodes(); ++peer) {
    if (peer != node) network_.Disconnect(node, peer);
  }
}

void World::LoseLog(NodeIndex node) {
  if (tracing()) Trace(absl::StrCat("node ", node, " loses its log"));
  honest_[node]->LoseLog();
}

void World::LoseDisk(NodeIndex node) {
  if (tracing()) Trace(absl::StrCat("node ", node, " loses its disk"));
  honest_[node]->LoseDisk();
  for (const auto& check : checks_) check->OnDiskLost(node);
}

void World::SetClock(NodeIndex node, std::int64_t offset_us) {
  if (tracing()) Trace(absl::StrCat("node ", node, "'s clock is wrong by ", offset_us, " us"));
  places_[node]->set_clock_offset_us(offset_us);
}

TimeMicros World::BlockTime() const {
  return std::max(TimeMicros(kStartMicros + now_us()), highest_time_);
}

std::string World::MakeTransaction(model::Random* random, std::uint64_t lifetime_us) {
  return economy_.Make(random, BlockTime(), lifetime_us);
}

void World::Submit(NodeIndex node, const std::string& encoded) {
  if (up_[node]) actors_[node]->OnSubmit(encoded);
}

PacketPtr World::MakePacket(std::shared_ptr<const std::string> bytes) {
  if (last_packet_ != nullptr && last_packet_->bytes == bytes) return last_packet_;
  auto packet = std::make_shared<Packet>();
  packet->bytes = std::move(bytes);
  replica::Message message;
  if (replica::Decode(validators_, *packet->bytes, &message)) {
    packet->claims_good = keyring_.Verify(replica::ClaimsOf(validators_, message));
    packet->message = std::move(message);
  }
  last_packet_ = packet;
  return packet;
}

void World::Send(NodeIndex from, const std::vector<NodeIndex>& to,
                 std::shared_ptr<const std::string> bytes) {
  if (!up_[from] || to.empty()) return;
  const PacketPtr packet = MakePacket(std::move(bytes));
  for (const auto& check : checks_) check->OnSent(now_us(), from, to.size(), *packet);
  if (packet->message) {
    const auto* vote = std::get_if<consensus::SignedVote>(&*packet->message);
    if (vote != nullptr && vote->validator == seats_[from].validator) {
      last_vote_us_[from] = now_us();
    }
  }
  if (tracing()) {
    std::string line = absl::StrCat("node ", from, " to");
    for (const NodeIndex one : to) absl::StrAppend(&line, " ", one);
    Trace(absl::StrCat(line, " | ", Describe(*packet)));
  }
  for (const NodeIndex one : to) network_.Send(from, one, packet);
}

void World::Trace(const std::string& line) {
  options_.trace(absl::StrCat(now_us(), " us | ", line));
}

Counters World::CollectCounters() const {
  Counters counters = counters_;
  for (const HonestNode* node : honest_) {
    if (node != nullptr) Add(node->CollectCounters(), &counters);
  }
  const NetworkCounters& network = network_.counters();
  Add({{"network: messages", network.sent},
       {"network: lost", network.lost},
       {"network: repeated", network.repeated},
       {"network: later than the timeouts", network.slow},
       {"network: lost in a cut", network.cut},
       {"network: connections reset", network.reset}},
      &counters);
  return counters;
}

Counters World::CollectNearness() const {
  Counters nearness;
  for (const auto& check : checks_) {
    if (check->permille() > 0) nearness[std::string(check->name())] = check->permille();
  }
  return nearness;
}

void World::OnStep(NodeIndex node, const replica::Replica& replica) {
  for (const auto& check : checks_) check->OnStep(node, replica);
}

void World::OnExecuted(NodeIndex node, const ExecutedBlock& block) {
  const consensus::Header& header = block.header.header;
  if (tracing()) {
    Trace(absl::StrCat("node ", node, " executed height ", header.height.value(), " of slot ",
                       header.slot.value(), " with ", block.result.receipts.size(),
                       " transactions"));
  }
  for (const auto& check : checks_) check->OnExecuted(node, block);
  if (header.height <= highest_) return;
  highest_ = header.height;
  highest_time_ = header.time;
  chain_.push_back({header.slot, now_us()});
  counters_["chain: blocks"] += 1;
  for (const ledger::Receipt& receipt : block.result.receipts) {
    if (receipt.skip == SkipReason::kNone) {
      applied_.push_back(receipt.txid);
    } else {
      ++counters_["chain: transactions skipped"];
    }
  }
  counters_["chain: transactions"] += block.result.receipts.size();
  counters_["chain: events"] += block.result.events.size();
}

void World::OnCertified(NodeIndex node, const consensus::ExecutionCertificate& certificate) {
  for (const auto& check : checks_) check->OnCertified(node, certificate);
}

void World::OnEvidence(NodeIndex node, const consensus::Evidence& evidence) {
  ++counters_["node: evidence"];
  if (tracing()) Trace(absl::StrCat("node ", node, " has evidence: ", Describe(evidence)));
  for (const auto& check : checks_) check->OnEvidence(node, evidence);
}

void World::OnMisbehaviour(NodeIndex node, NodeIndex peer, const std::string& what) {
  if (tracing()) Trace(absl::StrCat("node ", node, " blames node ", peer, ": ", what));
  for (const auto& check : checks_) check->OnMisbehaviour(node, peer, what);
}

void World::OnFatal(NodeIndex node, const std::string& why) {
  for (const auto& check : checks_) check->OnFatal(node, why);
}

void World::OnLogRead(NodeIndex node, bool is_whole, bool was_lost) {
  for (const auto& check : checks_) check->OnLogRead(node, is_whole, was_lost);
}

}  // namespace bourse::sim
