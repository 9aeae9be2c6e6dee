#include "node/replica/testing/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "common/limits.h"

namespace bourse::replica::testing {
namespace {

constexpr std::uint64_t kWall = 1'700'000'000'000'000;
constexpr std::uint64_t kWorkUs = 100;  // a check, an admission, an execution

Hash256 GenesisHash() { return HashOf(AsBytes("genesis")); }

std::vector<PublicKey> KeysOf(std::size_t count) {
  std::vector<PublicKey> keys(count);
  for (std::size_t i = 0; i < count; ++i) keys[i].bytes[0] = static_cast<std::uint8_t>(i + 1);
  return keys;
}

Signature StubSignature(const PublicKey& key, std::string_view bytes) {
  const Hash256 hash = Hasher("stub").Update(Bytes(key.bytes)).Update(bytes).Finish();
  Signature signature;
  std::copy(hash.bytes.begin(), hash.bytes.end(), signature.bytes.begin());
  return signature;
}

bool AreGood(const std::vector<Claim>& claims) {
  return std::all_of(claims.begin(), claims.end(), [](const Claim& claim) {
    return claim.signature == StubSignature(claim.key, claim.bytes);
  });
}

SignedTransaction Decoded(const std::string& encoded) {
  SignedTransaction out;
  out.txid = HashOf(AsBytes(encoded));
  out.transaction.account.bytes = out.txid.bytes;
  out.transaction.valid_until = TimeMicros(kWall + limits::kMaxLifetimeMicros / 2);
  return out;
}

std::vector<consensus::ValidatorIndex> SignersOf(const Message& message) {
  if (const auto* vote = std::get_if<consensus::SignedVote>(&message)) return {vote->validator};
  std::vector<consensus::ValidatorIndex> out;
  if (const auto* certificate = std::get_if<consensus::Certificate>(&message)) {
    for (const auto& one : certificate->signatures) out.push_back(one.validator);
  }
  return out;
}

}  // namespace

Cluster::Cluster(const ClusterOptions& options)
    : options_(options),
      validators_(GenesisHash(), KeysOf(options.validators)),
      random_(options.seed),
      nodes_(options.validators + options.full_nodes) {}

Now Cluster::At() const { return {TimeMicros(kWall + now_us_), now_us_}; }

void Cluster::StartAll() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) Start(i);
}

void Cluster::Start(std::size_t i) {
  TestNode& node = nodes_[i];
  Options options;
  options.seed = options_.seed * 1'000 + i;
  options.log_bytes_max = options_.log_bytes_max;
  options.simplex.timeout_us = 20 * options_.delay_us;
  options.simplex.idle_us = 100'000;
  options.simplex.standstill_us = 400'000;
  PublicKey key;
  if (i < validators_.size()) {
    options.simplex.self = consensus::ValidatorIndex(static_cast<std::uint16_t>(i));
    key = validators_.key(*options.simplex.self);
  }
  node.replica = std::make_unique<Replica>(
      &validators_, options, [key](std::string_view bytes) { return StubSignature(key, bytes); });
  node.certified_now.clear();
  Started started;
  started.log = log_is_lost_[i] ? std::vector<std::string>{} : node.log;
  started.log_is_whole = !log_is_lost_[i];
  started.height = HeightOf(i);
  if (!node.archive.empty()) {
    started.head = node.archive.back().header;
    started.time = started.head->header.time;
    started.executed = node.results.back();
  }
  Step(i, std::move(started));
  for (std::size_t other = 0; other < nodes_.size(); ++other) {
    if (other != i && nodes_[other].replica) Connect(i, other);
  }
}

void Cluster::Connect(std::size_t a, std::size_t b) {
  const auto up = [this](std::size_t of, std::size_t peer) {
    PeerUp event{PeerId(peer), std::nullopt};
    if (peer < validators_.size()) {
      event.validator = consensus::ValidatorIndex(static_cast<std::uint16_t>(peer));
    }
    Step(of, event);
  };
  up(a, b);
  up(b, a);
}

void Cluster::Crash(std::size_t i) {
  nodes_[i].replica.reset();
  ++nodes_[i].life;
  for (std::size_t other = 0; other < nodes_.size(); ++other) {
    if (nodes_[other].replica) Step(other, PeerDown{PeerId(i)});
  }
}

void Cluster::Step(std::size_t i, decltype(Event::what) what) {
  Perform(i, nodes_[i].replica->Step({At(), std::move(what)}));
}

void Cluster::Perform(std::size_t i, Effects effects) {
  TestNode& node = nodes_[i];
  if (!effects.fatal.empty()) {
    node.fatal = effects.fatal;
    EXPECT_TRUE(node.diverges) << "node " << i << ": " << node.fatal;
    return Later(i, 0, [=, this] { Crash(i); });
  }
  if (effects.rewrite_log) {
    node.log = std::move(*effects.rewrite_log);
  } else {
    for (std::string& record : effects.persist) node.log.push_back(std::move(record));
  }
  node.evidence += effects.evidence.size();
  node.misbehaviour += effects.misbehaviour.size();
  for (const Outgoing& one : effects.send) {
    for (const PeerId to : one.to) Transmit(i, to, one.bytes);
  }
  for (CheckBody& check : effects.check) {
    const BlockId id = IdOf(check.header.header);
    const bool good = std::all_of(check.transactions->begin(), check.transactions->end(),
                                  [](const std::string& one) { return one.starts_with("tx"); });
    Later(i, kWorkUs, [=, this] { Step(i, BodyChecked{id, good}); });
  }
  for (Incoming& incoming : effects.incoming) {
    for (std::string& encoded : incoming.encoded) {
      Later(i, kWorkUs, [=, this, from = incoming.from] {
        Step(i, Admitted{Decoded(encoded), encoded, from, nullptr});
      });
    }
  }
  for (Execute& block : effects.execute) {
    Later(i, options_.execution_us, [=, this] { Run(i, block); });
  }
  for (const ServeBlocks& request : effects.serve) {
    Later(i, kWorkUs, [=, this] { Serve(i, request); });
  }
  for (const consensus::ExecutionCertificate& one : effects.certified) {
    EXPECT_LE(one.executed.height, HeightOf(i));
    EXPECT_TRUE(node.certified_now.insert(one.executed.height).second);
    node.certified.insert_or_assign(one.executed.height, one);
  }
  const std::optional<std::uint64_t> timer_us = node.replica->timer_us();
  if (timer_us) {
    const std::uint64_t delay_us = *timer_us > now_us_ ? *timer_us - now_us_ : 0;
    Later(i, std::max<std::uint64_t>(delay_us, 1), [=, this] {
      const std::optional<std::uint64_t> due_us = nodes_[i].replica->timer_us();
      if (due_us && *due_us <= now_us_) Step(i, TimerFired{});
    });
  }
}

void Cluster::Later(std::size_t i, std::uint64_t delay_us, std::function<void()> what) {
  queue_.emplace(now_us_ + delay_us, [this, i, life = nodes_[i].life, what = std::move(what)] {
    if (nodes_[i].replica && nodes_[i].life == life) what();
  });
}

void Cluster::Transmit(std::size_t from, PeerId to, std::shared_ptr<const std::string> bytes) {
  if (random_.Below(1'000) < options_.loss_permille) return;
  const std::uint64_t delay_us = options_.delay_us + random_.Below(options_.delay_us + 1);
  Later(to.value(), delay_us, [=, this] { Receive(from, to.value(), *bytes); });
}

void Cluster::Receive(std::size_t from, std::size_t to, const std::string& bytes) {
  Message message;
  ASSERT_TRUE(Decode(validators_, bytes, &message));
  if (passes && !passes(from, to, message)) return;
  if (tamper) tamper(from, to, &message);
  const auto screening = nodes_[to].replica->Screen(message);
  if (screening == consensus::Simplex::Screening::kDrop) return;
  ASSERT_TRUE(AreGood(ClaimsOf(validators_, message)));
  if (screening == consensus::Simplex::Screening::kNote) {
    return Step(to, LateSignatures{SignersOf(message), consensus::Slot(0)});
  }
  Step(to, MessageArrived{PeerId(from), std::move(message)});
}

void Cluster::Run(std::size_t i, Execute block) {
  TestNode& node = nodes_[i];
  const consensus::Header& header = block.header.header;
  ASSERT_EQ(header.height.value(), node.archive.size() + 1);
  consensus::Executed result{header.height, HashOf(header), header.time, {}, {}};
  const Hash256 before = node.results.empty() ? Hash256{} : node.results.back().state_root;
  result.state_root = Hasher("state").Update(before).Update(result.block_hash).Finish();
  if (node.diverges) result.state_root = {};
  BlockCommitted event;
  for (const std::string& encoded : *block.transactions) {
    event.transactions.push_back(HashOf(AsBytes(encoded)));
  }
  node.results.push_back(result);
  node.archive.push_back(std::move(block));
  Step(i, BlockExecuted{result});
  Step(i, std::move(event));
}

void Cluster::Serve(std::size_t i, const ServeBlocks& request) {
  const TestNode& node = nodes_[i];
  constexpr std::size_t kRun = 32;
  Blocks answer{request.from, {}, {}, {}, {}};
  for (std::size_t at = request.from.value() - 1; at < node.archive.size(); ++at) {
    const Execute& block = node.archive[at];
    if (answer.blocks.size() < kRun) {
      answer.blocks.push_back({block.header, *block.transactions});
      const auto certified = node.certified.find(Height(at + 1));
      if (certified != node.certified.end()) answer.executions.push_back(certified->second);
    } else {
      answer.headers.push_back(block.header.header);
    }
    if (block.certificate && answer.blocks.size() == std::min(kRun, node.archive.size())) {
      answer.certificate = {*block.certificate};
      break;
    }
    if (block.certificate && at + kRun >= node.archive.size())
      answer.certificate = {*block.certificate};
  }
  if (answer.certificate.empty()) answer = {request.from, {}, {}, {}, {}};
  // No block after the one that the certificate is of.
  while (!answer.blocks.empty() && answer.headers.empty() &&
         IdOf(answer.blocks.back().header.header).hash != answer.certificate[0].vote.hash) {
    const Height height = answer.blocks.back().header.header.height;
    std::erase_if(answer.executions,
                  [&](const auto& one) { return one.executed.height == height; });
    answer.blocks.pop_back();
  }
  Transmit(i, request.to, std::make_shared<const std::string>(Encode(std::move(answer))));
}

std::string Cluster::Submit(std::size_t i, std::size_t bytes) {
  std::string encoded = "tx" + std::to_string(submitted_++) + "/";
  encoded.resize(std::max(bytes, encoded.size()), '.');
  Step(i, Admitted{Decoded(encoded), encoded, std::nullopt, nullptr});
  return encoded;
}

bool Cluster::DoOne(std::uint64_t end_us) {
  if (queue_.empty() || queue_.begin()->first > end_us) return false;
  now_us_ = queue_.begin()->first;
  const std::function<void()> what = std::move(queue_.begin()->second);
  queue_.erase(queue_.begin());
  what();
  return true;
}

void Cluster::RunFor(std::uint64_t duration_us) {
  const std::uint64_t end_us = now_us_ + duration_us;
  while (DoOne(end_us)) {
  }
  now_us_ = end_us;
}

void Cluster::RunUntil(const std::function<bool()>& condition, const std::string& what) {
  const std::uint64_t end_us = now_us_ + 60'000'000;
  while (!condition()) {
    ASSERT_TRUE(DoOne(end_us)) << what << " (seed " << options_.seed << ")";
  }
}

bool Cluster::Executed(std::size_t i, const std::string& transaction) const {
  return std::any_of(nodes_[i].archive.begin(), nodes_[i].archive.end(), [&](const Execute& block) {
    return std::find(block.transactions->begin(), block.transactions->end(), transaction) !=
           block.transactions->end();
  });
}

void Cluster::ExpectOneChain() const {
  for (const TestNode& a : nodes_) {
    for (const TestNode& b : nodes_) {
      if (a.diverges || b.diverges) continue;
      for (std::size_t at = 0; at < std::min(a.results.size(), b.results.size()); ++at) {
        ASSERT_EQ(a.results[at], b.results[at]) << "height " << at + 1;
      }
    }
  }
}

}  // namespace bourse::replica::testing
