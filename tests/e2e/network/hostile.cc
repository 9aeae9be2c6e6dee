// hostile: a validator that holds its key and doesn't play by the rules. For tests of honest nodes.
//
//   hostile --home DIR --behaviour equivocate --peer KEY@127.0.0.1:7501 …
//
// It speaks the real protocol over the real transport. Behaviours:
//   equivocate  signs both of whatever excludes each other, for every slot that it hears of
//   far_votes   floods with votes for slots far ahead
//   fetches     floods with requests for all blocks and candidates
//   slow        asks for much and reads nothing
//   liar        claims heights that rise and fall, and answers requests with corrupt blocks
//   garbage     sends bytes that are no messages
//   forger      sends votes and certificates with signatures that are wrong
// Ends with its standard input.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "common/ed25519.h"
#include "ledger/genesis.h"
#include "ledger/merkle.h"
#include "node/config/home.h"
#include "node/consensus/validators.h"
#include "node/consensus/vote.h"
#include "node/peer/transport.h"
#include "node/replica/message.h"

namespace bourse {
namespace {

using consensus::Slot;
using consensus::VoteKind;
using peer::PeerId;
using replica::Message;

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "hostile: %s\n", why.c_str());
  std::exit(1);
}

struct Options {
  std::string home;
  std::string behaviour;
  std::vector<std::string> peers;  // KEY@host:port
};

std::vector<PublicKey> KeysOf(const ledger::Genesis& genesis) {
  std::vector<PublicKey> keys;
  for (const ledger::Validator& validator : genesis.validators) keys.push_back(validator.key);
  return keys;
}

peer::PeerAddress ParsePeer(const std::string& text) {
  const std::size_t at = text.find('@');
  const std::size_t colon = text.rfind(':');
  Hash256 key;
  std::uint32_t port = 0;
  if (at == std::string::npos || colon == std::string::npos || !FromHex(text.substr(0, at), &key) ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port)) {
    Fail("--peer is KEY@host:port, not " + text);
  }
  peer::PeerAddress address;
  address.key.bytes = key.bytes;
  address.host = text.substr(at + 1, colon - at - 1);
  address.port = static_cast<std::uint16_t>(port);
  return address;
}

class Hostile final : public peer::Handler {
 public:
  Hostile(const Options& options, const KeyPair& key, const ledger::Genesis& genesis)
      : behaviour_(options.behaviour),
        key_(key),
        validators_(ledger::GenesisHash(genesis), KeysOf(genesis)) {
    const auto self = validators_.Find(key.public_key());
    if (!self) Fail("the key is no validator's");
    self_ = *self;
    peer::Options transport(key);
    transport.genesis_hash = validators_.genesis_hash();
    transport.software = "bourse/0.1.0";
    for (const std::string& peer : options.peers) transport.peers.push_back(ParsePeer(peer));
    auto started = peer::Transport::Start(std::move(transport), this);
    if (!started.ok()) Fail(std::string(started.status().message()));
    transport_ = *std::move(started);
  }

  // Until the standard input ends.
  void Run() {
    std::thread worker([this] { Work(); });
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    stop_ = true;
    worker.join();
    transport_->Stop();
  }

  void OnUp(PeerId peer, const PublicKey&) override {
    const std::lock_guard lock(mutex_);
    peers_.push_back(peer);
  }
  void OnDown(PeerId peer, const std::string&) override {
    const std::lock_guard lock(mutex_);
    std::erase(peers_, peer);
  }
  void OnMessage(PeerId peer, std::string bytes) override {
    if (behaviour_ == "slow") return;  // nothing is ever consumed
    transport_->Consumed(peer, bytes.size());
    Message message;
    if (!replica::Decode(validators_, bytes, &message)) return;
    if (const auto* vote = std::get_if<consensus::SignedVote>(&message)) {
      Hear(vote->vote.slot, vote->vote.hash);
    }
    if (const auto* candidate = std::get_if<replica::CompactCandidate>(&message)) {
      const std::lock_guard lock(mutex_);
      last_header_ = candidate->header;
    }
    if (behaviour_ == "liar") {
      if (const auto* fetch = std::get_if<replica::FetchBlocks>(&message)) Lie(peer, fetch->from);
    }
  }

 private:
  std::vector<PeerId> Peers() {
    const std::lock_guard lock(mutex_);
    return peers_;
  }

  bool Send(PeerId peer, const Message& message) {
    return transport_->Send(peer, replica::PriorityOf(message),
                            std::make_shared<const std::string>(replica::Encode(message)));
  }

  consensus::SignedVote Sign(VoteKind kind, Slot slot, const Hash256& hash) const {
    const consensus::Vote vote{kind, slot, kind == VoteKind::kSkip ? Hash256{} : hash};
    const std::string bytes = consensus::SignedBytes(validators_, vote);
    return {vote, self_, key_.Sign(AsBytes(bytes))};
  }

  // A slot that others vote in, and for what.
  void Hear(Slot slot, const Hash256& hash) {
    {
      const std::lock_guard lock(mutex_);
      if (slot.value() > highest_) highest_ = slot.value();
      if (!seen_.emplace(slot, hash).second) return;
      if (seen_.size() > 1'000) seen_.erase(seen_.begin());
    }
    if (behaviour_ == "equivocate") Equivocate(slot, hash);
  }

  void Equivocate(Slot slot, const Hash256& hash) {
    Hash256 other = hash;
    other.bytes[0] = static_cast<std::uint8_t>(other.bytes[0] ^ 1);
    const std::vector<PeerId> peers = Peers();
    for (std::size_t i = 0; i < peers.size(); ++i) {
      Send(peers[i], Sign(VoteKind::kNotar, slot, i % 2 == 0 ? hash : other));
      Send(peers[i], Sign(i % 2 == 0 ? VoteKind::kSkip : VoteKind::kFinal, slot, hash));
      Send(peers[i], Sign(VoteKind::kFinal, slot, i % 2 == 0 ? other : hash));
    }
    ProposeTwice(Slot(slot.value() + 1), peers);
  }

  // Two empty candidates for a slot of ours, to different halves.
  void ProposeTwice(Slot slot, const std::vector<PeerId>& peers) {
    if (validators_.LeaderOf(slot) != self_) return;
    consensus::SignedHeader parent;
    {
      const std::lock_guard lock(mutex_);
      parent = last_header_;
    }
    for (std::size_t i = 0; i < peers.size(); ++i) {
      replica::CompactCandidate candidate;
      candidate.header.header = parent.header;
      consensus::Header& header = candidate.header.header;
      header.slot = slot;
      header.height = Height(parent.header.height.value() + 1);
      header.parent_slot = parent.header.slot;
      header.parent_hash = HashOf(parent.header);
      header.time = TimeMicros(parent.header.time.value() + 1 + i % 2);
      header.transactions_root = ledger::MerkleRoot({});
      candidate.header.signature = key_.Sign(AsBytes(consensus::SignedBytes(header)));
      Send(peers[i], candidate);
    }
  }

  void Lie(PeerId peer, Height from) {
    replica::Blocks blocks;
    blocks.from = from;
    replica::FullCandidate block;
    {
      const std::lock_guard lock(mutex_);
      block.header = last_header_;
    }
    block.header.header.height = from;
    block.transactions.assign(3, "corrupt");
    blocks.blocks.push_back(block);
    consensus::Certificate certificate;
    certificate.vote = {VoteKind::kFinal, block.header.header.slot, HashOf(block.header.header)};
    for (std::uint16_t i = 0; i < validators_.quorum(); ++i) {
      certificate.signatures.push_back({consensus::ValidatorIndex(i), {}});
    }
    blocks.certificate.push_back(certificate);
    Send(peer, blocks);
  }

  void Work() {
    std::mt19937_64 random(1);
    std::uint64_t n = 0;
    while (!stop_) {
      const std::vector<PeerId> peers = Peers();
      bool busy = false;
      for (const PeerId peer : peers) busy = WorkOn(peer, random, n++) || busy;
      if (!busy) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  // True if there is more of it to do at once.
  bool WorkOn(PeerId peer, std::mt19937_64& random, std::uint64_t n) {
    Hash256 hash;
    hash.bytes[0] = static_cast<std::uint8_t>(n);
    hash.bytes[1] = static_cast<std::uint8_t>(n >> 8);
    if (behaviour_ == "far_votes") {
      const Slot far(highest_ + 1'000 + random() % 1'000'000'000);
      return Send(peer, Sign(VoteKind::kNotar, far, hash));
    }
    if (behaviour_ == "fetches") {
      const bool sent = Send(peer, replica::FetchBlocks{Height(1)});
      return Send(peer, replica::FetchCandidate{{Slot(highest_), hash}, Slot(0), {}}) && sent;
    }
    if (behaviour_ == "slow") {
      Send(peer, replica::FetchBlocks{Height(1 + n % 50)});
      return false;
    }
    if (behaviour_ == "liar") {
      Send(peer, replica::Status{Height(n % 3 == 0 ? 1 : 1'000'000'000 - n)});
      return false;
    }
    if (behaviour_ == "garbage") {
      std::string bytes(1 + random() % 2'000, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random());
      transport_->Send(peer, replica::Priority::kConsensus,
                       std::make_shared<const std::string>(std::move(bytes)));
      return false;
    }
    if (behaviour_ == "forger") {
      consensus::SignedVote vote = Sign(VoteKind::kFinal, Slot(highest_ + 1), hash);
      vote.signature.bytes[5] = static_cast<std::uint8_t>(vote.signature.bytes[5] ^ 1);
      Send(peer, vote);
      return false;
    }
    return false;
  }

  const std::string behaviour_;
  const KeyPair key_;
  const consensus::Validators validators_;
  consensus::ValidatorIndex self_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> highest_ = 0;

  std::mutex mutex_;  // guards the three below
  std::vector<PeerId> peers_;
  std::map<Slot, Hash256> seen_;
  consensus::SignedHeader last_header_;

  std::unique_ptr<peer::Transport> transport_;  // last: its callbacks need the rest
};

}  // namespace
}  // namespace bourse

int main(int argc, char** argv) {
  bourse::Options options;
  CLI::App app("A validator that does not play by the rules");
  app.add_option("--home", options.home, "with node_key and genesis.json")->required();
  app.add_option("--behaviour", options.behaviour)
      ->required()
      ->check(CLI::IsMember(
          {"equivocate", "far_votes", "fetches", "slow", "liar", "garbage", "forger"}));
  app.add_option("--peer", options.peers, "KEY@host:port")->required();
  CLI11_PARSE(app, argc, argv);
  const absl::Status verifier = bourse::CheckVerifier();
  if (!verifier.ok()) bourse::Fail(std::string(verifier.message()));
  const bourse::config::Home home(options.home);
  const auto key = bourse::config::ReadNodeKey(home);
  const auto genesis = bourse::config::ReadGenesis(home);
  if (!key.ok()) bourse::Fail(std::string(key.status().message()));
  if (!genesis.ok()) bourse::Fail(std::string(genesis.status().message()));
  bourse::Hostile(options, *key, *genesis).Run();
  return 0;
}
