// Candidates' bodies: they come whole, or by the names of their transactions, and are completed,
// checked, kept and given to others.

#include <utility>

#include "node/replica/impl.h"

namespace bourse::replica {
namespace {

// Bodies of candidates that nothing certifies are taken up to so many bytes; then only those of the
// active slot.
constexpr std::size_t kBodiesBytesMax = 128 << 20;

}  // namespace

// What needs neither the body nor the parent.
bool Replica::Impl::IsOurs(const consensus::Header& header) const {
  return header.genesis_hash == validators_->genesis_hash() &&
         header.epoch == validators_->epoch() &&
         header.protocol_version == options_.simplex.protocol_version &&
         RankOf(header.parent_slot) < RankOf(header.slot);
}

bool Replica::Impl::HasRoomFor(const BlockId& id) const {
  return bodies_.bytes() < kBodiesBytesMax || id.slot <= simplex_.frontier() ||
         fetches_.contains(id);
}

const std::string* Replica::Impl::FindTransaction(const Hash256& key) const {
  const mempool::Mempool::Entry* entry = mempool_.FindKey(key);
  return entry != nullptr ? &entry->encoded : cache_.Find(key);
}

bool Replica::Impl::AddHeader(const consensus::SignedHeader& header) {
  StepCore(consensus::HeaderArrived{header});
  const BlockId id = IdOf(header.header);
  const bool is_kept =
      simplex_.FindHeader(id) != nullptr && RankOf(id.slot) > RankOf(simplex_.delivered().slot);
  if (is_kept) bodies_.AddHeader(header);
  bodies_changed_ = true;
  return is_kept;
}

void Replica::Impl::Receive(PeerId from, CompactCandidate message) {
  const BlockId id = IdOf(message.header.header);
  if (!IsOurs(message.header.header)) return Blame(from, "a candidate of another network");
  if (!HasRoomFor(id) || !AddHeader(message.header)) return;
  const auto lookup = [this](const Hash256& key) { return FindTransaction(key); };
  if (!bodies_.AddList(id, std::move(message.transactions), lookup)) {
    return Blame(from, "a candidate whose transactions are not those of its root");
  }
  const Bodies::Body& body = *bodies_.Find(id);
  if (body.is_whole()) {
    ++counters_.bodies_from_queue;
  } else if (!fetches_.contains(id)) {
    SendFetch(id, &(fetches_[id] = {.last = from}));
  }
}

void Replica::Impl::Receive(PeerId from, CandidateTransactions message) {
  peers_.Answered(from);
  const Bodies::Body* body = bodies_.Find(message.id);
  if (body == nullptr || body->state != Bodies::State::kPartial) return;
  // What does not fit says that the list or the answer was wrong, and not which; the whole body is
  // asked for next.
  for (std::size_t i = 0; i < message.places.size(); ++i) {
    if (message.places[i] >= body->keys.size()) return;
    if (mempool::Mempool::KeyOf(message.encoded[i]) != body->keys[message.places[i]]) return;
  }
  const std::vector<Hash256> keys = body->keys;
  for (std::size_t i = 0; i < message.places.size(); ++i) {
    (void)bodies_.Fill(keys[message.places[i]], message.encoded[i]);
  }
  ++counters_.transactions_fetched;
  core_stepped_ = true;  // the request is over
}

void Replica::Impl::Receive(PeerId from, Candidates message) {
  peers_.Answered(from);
  BlockId expected = IdOf(message.candidates.front().header.header);
  if (!fetches_.contains(expected)) return;
  for (FullCandidate& candidate : message.candidates) {
    const consensus::Header& header = candidate.header.header;
    const BlockId id = IdOf(header);
    if (id != expected || !IsOurs(header)) return Blame(from, "candidates that are not a chain");
    expected = ParentOf(header);
    if (!AddHeader(candidate.header)) return;
    const bool was_whole = bodies_.HasWhole(id);
    if (!bodies_.AddTransactions(id, std::move(candidate.transactions))) {
      return Blame(from, "a candidate whose transactions are not those of its root");
    }
    if (!was_whole) ++counters_.candidates_fetched;
  }
}

// --- Checks

std::optional<Replica::Impl::ParentInfo> Replica::Impl::FindParent(const BlockId& id) const {
  if (id == simplex_.delivered()) {
    return ParentInfo{simplex_.delivered_height(), simplex_.delivered_time()};
  }
  const consensus::SignedHeader* header = simplex_.FindHeader(id);
  if (header == nullptr) return std::nullopt;
  return ParentInfo{header->header.height, header->header.time};
}

void Replica::Impl::CheckBodies() {
  const std::set<BlockId> unchecked = bodies_.unchecked();
  for (const BlockId& id : unchecked) {
    const Bodies::Body* body = bodies_.Find(id);
    if (body == nullptr || body->state != Bodies::State::kWhole) continue;
    const std::optional<ParentInfo> parent = FindParent(ParentOf(body->header.header));
    if (parent) CheckBody(id, *parent);
  }
}

void Replica::Impl::CheckBody(const BlockId& id, const ParentInfo& parent) {
  const Bodies::Body& body = *bodies_.Find(id);
  const consensus::Header& header = body.header.header;
  if (header.height.value() != parent.height.value() + 1 || header.time <= parent.time) {
    bodies_.SetState(id, Bodies::State::kBad);
    return StepCore(consensus::BodyChecked{id, false});
  }
  bodies_.SetState(id, Bodies::State::kChecking);
  std::vector<bool> verified;
  verified.reserve(body.keys.size());
  for (const Hash256& key : body.keys) verified.push_back(mempool_.FindKey(key) != nullptr);
  effects_.check.push_back(
      {body.header, parent.height, parent.time, body.transactions, std::move(verified)});
}

void Replica::Impl::On(const BodyChecked& event) {
  const Bodies::Body* body = bodies_.Find(event.id);
  if (body == nullptr || body->state != Bodies::State::kChecking) return;
  bodies_.SetState(event.id, event.good ? Bodies::State::kGood : Bodies::State::kBad);
  StepCore(consensus::BodyChecked{event.id, event.good});
}

// What the core has forgotten goes, but what is to be executed, and for a while what was.
void Replica::Impl::DropBodies() {
  if (!std::exchange(bodies_changed_, false)) return;
  std::vector<BlockId> gone;
  for (const auto& [id, body] : bodies_.all()) {
    const bool is_pending = RankOf(id.slot) > RankOf(simplex_.delivered().slot);
    const bool is_kept = is_pending ? simplex_.FindHeader(id) != nullptr : delivered_.contains(id);
    if (!is_kept) gone.push_back(id);
  }
  for (const BlockId& id : gone) bodies_.Erase(id);
}

// --- Answers

Candidates Replica::Impl::RunFrom(BlockId id, consensus::Slot above) const {
  constexpr std::size_t kRunMax = 512;
  Candidates run;
  std::size_t bytes = 0;
  while (run.candidates.size() < kRunMax && RankOf(id.slot) > RankOf(above)) {
    const Bodies::Body* body = bodies_.Find(id);
    if (body == nullptr || !body->is_whole()) break;
    if (!run.candidates.empty() && bytes + body->bytes > kAnswerBytes) break;
    run.candidates.push_back({body->header, *body->transactions});
    bytes += body->bytes;
    id = ParentOf(body->header.header);
  }
  return run;
}

void Replica::Impl::Receive(PeerId from, const FetchCandidate& message) {
  const Bodies::Body* body = bodies_.Find(message.id);
  if (body == nullptr || !body->is_whole()) return ServeFinalized(from, message.above);
  if (message.places.empty()) {
    Candidates run = RunFrom(message.id, message.above);
    if (run.candidates.empty()) return;
    std::size_t bytes = 0;
    for (const FullCandidate& one : run.candidates)
      bytes += bodies_.Find(IdOf(one.header.header))->bytes;
    if (peers_.Spend(from, bytes, now_.steady_us)) Send({from}, std::move(run));
    return;
  }
  if (message.places.back() >= body->keys.size())
    return Blame(from, "a request for no transaction");
  CandidateTransactions answer{message.id, message.places, {}};
  std::size_t bytes = 0;
  for (const std::uint32_t place : message.places) {
    answer.encoded.push_back((*body->transactions)[place]);
    bytes += answer.encoded.back().size();
  }
  if (peers_.Spend(from, bytes, now_.steady_us)) Send({from}, std::move(answer));
}

}  // namespace bourse::replica
