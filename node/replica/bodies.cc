#include "node/replica/bodies.h"

#include <algorithm>
#include <utility>

#include "common/check.h"
#include "common/limits.h"
#include "ledger/merkle.h"
#include "node/mempool/mempool.h"

namespace bourse::replica {
namespace {

using mempool::Mempool;

// What a transaction of a body takes beside its bytes, roughly.
constexpr std::size_t kTransactionOverheadBytes = 128;

std::size_t BytesOf(const std::vector<std::string>& transactions) {
  std::size_t bytes = 0;
  for (const std::string& encoded : transactions) bytes += encoded.size();
  return bytes;
}

std::vector<Hash256> KeysOf(const std::vector<std::string>& transactions) {
  std::vector<Hash256> keys;
  keys.reserve(transactions.size());
  for (const std::string& encoded : transactions) keys.push_back(Mempool::KeyOf(encoded));
  return keys;
}

// Sizes within the limits of a block, and the root that the header names.
bool IsBodyOf(const consensus::Header& header, const std::vector<std::string>& transactions) {
  return transactions.size() <= limits::kMaxBlockTransactions &&
         BytesOf(transactions) <= limits::kMaxBlockBytes &&
         ledger::MerkleRootOf(transactions) == header.transactions_root;
}

}  // namespace

std::vector<std::uint32_t> Bodies::Body::MissingPlaces() const {
  std::vector<std::uint32_t> places;
  places.reserve(missing.size());
  for (const auto& [key, place] : missing) places.push_back(place);
  std::sort(places.begin(), places.end());
  return places;
}

const Bodies::Body* Bodies::Find(const BlockId& id) const {
  const auto it = bodies_.find(id);
  return it == bodies_.end() ? nullptr : &it->second;
}

bool Bodies::HasWhole(const BlockId& id) const {
  const Body* body = Find(id);
  return body != nullptr && body->is_whole();
}

void Bodies::AddHeader(const consensus::SignedHeader& header) {
  const BlockId id = IdOf(header.header);
  const auto [it, is_new] = bodies_.try_emplace(id);
  if (!is_new) return;
  it->second.header = header;
  incomplete_.insert(id);
}

bool Bodies::AddList(const BlockId& id, std::vector<CompactTransaction> list,
                     const Lookup& lookup) {
  Body& body = bodies_.at(id);
  if (body.state != State::kHeader) return true;
  body.state = State::kPartial;
  body.keys.reserve(list.size());
  body.pieces.resize(list.size());
  std::size_t bytes = 0;
  bool is_good = true;
  for (std::uint32_t place = 0; place < list.size(); ++place) {
    CompactTransaction& one = list[place];
    if (!one.bytes.empty()) one.key = Mempool::KeyOf(one.bytes);
    body.keys.push_back(one.key);
    const std::string* known = one.bytes.empty() ? lookup(one.key) : &one.bytes;
    if (known == nullptr) {
      // None is twice in a block.
      is_good = is_good && body.missing.emplace(one.key, place).second;
      continue;
    }
    body.pieces[place] = *known;
    bytes += known->size();
    is_good = is_good && bytes <= limits::kMaxBlockBytes;
    if (!is_good) break;
  }
  Resize(&body, bytes);
  if (is_good) return !body.missing.empty() || Complete(id, &body);
  Forget(&body);
  return false;
}

std::vector<BlockId> Bodies::Fill(const Hash256& key, const std::string& encoded) {
  std::vector<BlockId> wrong;
  const std::set<BlockId> candidates = incomplete_;
  for (const BlockId& id : candidates) {
    Body& body = bodies_.at(id);
    const auto place = body.missing.find(key);
    if (place == body.missing.end()) continue;
    body.pieces[place->second] = encoded;
    body.missing.erase(place);
    Resize(&body, body.bytes + encoded.size());
    if (body.missing.empty() && !Complete(id, &body)) wrong.push_back(id);
  }
  return wrong;
}

bool Bodies::AddTransactions(const BlockId& id, std::vector<std::string> transactions) {
  Body& body = bodies_.at(id);
  if (body.is_whole()) return true;
  if (!IsBodyOf(body.header.header, transactions)) return false;
  body.keys = KeysOf(transactions);
  MakeWhole(id, &body, std::make_shared<const std::vector<std::string>>(std::move(transactions)),
            State::kWhole);
  return true;
}

void Bodies::AddGood(const consensus::SignedHeader& header,
                     std::shared_ptr<const std::vector<std::string>> transactions,
                     bool is_fetched) {
  const BlockId id = IdOf(header.header);
  const bool is_new = !bodies_.contains(id);
  AddHeader(header);
  Body& body = bodies_.at(id);
  if (is_new) body.is_fetched = is_fetched;
  if (body.is_whole()) return SetState(id, State::kGood);
  body.keys = KeysOf(*transactions);
  MakeWhole(id, &body, std::move(transactions), State::kGood);
}

bool Bodies::Complete(const BlockId& id, Body* body) {
  if (!IsBodyOf(body->header.header, body->pieces)) {
    Forget(body);
    return false;
  }
  MakeWhole(id, body, std::make_shared<const std::vector<std::string>>(std::move(body->pieces)),
            State::kWhole);
  return true;
}

void Bodies::Forget(Body* body) {
  body->state = State::kHeader;
  body->keys.clear();
  body->pieces.clear();
  body->missing.clear();
  Resize(body, 0);
}

void Bodies::MakeWhole(const BlockId& id, Body* body,
                       std::shared_ptr<const std::vector<std::string>> transactions, State state) {
  body->pieces.clear();
  body->missing.clear();
  body->transactions = std::move(transactions);
  body->state = state;
  Resize(body, BytesOf(*body->transactions));
  incomplete_.erase(id);
  if (state == State::kWhole) unchecked_.insert(id);
}

void Bodies::SetState(const BlockId& id, State state) {
  Body& body = bodies_.at(id);
  CHECK(body.is_whole());
  body.state = state;
  if (state == State::kWhole) {
    unchecked_.insert(id);
  } else {
    unchecked_.erase(id);
  }
}

void Bodies::Erase(const BlockId& id) {
  const auto it = bodies_.find(id);
  if (it == bodies_.end()) return;
  bytes_ -= it->second.cost;
  bodies_.erase(it);
  unchecked_.erase(id);
  incomplete_.erase(id);
}

void Bodies::Resize(Body* body, std::size_t bytes) {
  body->bytes = bytes;
  bytes_ -= body->cost;
  body->cost = bytes + body->keys.size() * kTransactionOverheadBytes;
  bytes_ += body->cost;
}

}  // namespace bourse::replica
