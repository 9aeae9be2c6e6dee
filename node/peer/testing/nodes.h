// Nodes of a test: a transport each, and what its handler heard.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/check.h"
#include "node/peer/transport.h"

namespace bourse::peer::testing {

// Keys in ascending order of `number` are not in ascending order of bytes.
inline KeyPair KeyOf(std::uint8_t number) {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(number);
  return KeyPair::FromSeed(seed);
}

inline std::shared_ptr<const std::string> Message(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

// Remembers all. Consumes at once unless told not to.
class Recorder final : public Handler {
 public:
  struct Peer {
    PeerId id;
    PublicKey key;
    bool up = true;
    std::string reason;
    std::vector<std::string> messages;
    std::size_t bytes = 0;
  };

  void Use(Transport* transport) {
    const std::lock_guard lock(mutex_);
    transport_ = transport;
  }
  void ConsumeNothing() {
    const std::lock_guard lock(mutex_);
    consumes_ = false;
  }

  void OnUp(PeerId id, const PublicKey& key) override {
    const std::lock_guard lock(mutex_);
    for (const Peer& peer : peers_) CHECK(!peer.up || peer.key != key);  // one at a time
    peers_.emplace_back();
    peers_.back().id = id;
    peers_.back().key = key;
    changed_.notify_all();
  }
  void OnMessage(PeerId id, std::string bytes) override {
    const std::size_t size = bytes.size();
    Transport* transport = nullptr;
    {
      const std::lock_guard lock(mutex_);
      Peer& peer = Find(id);
      CHECK(peer.up);
      peer.bytes += size;
      peer.messages.push_back(size > 1'000 ? std::to_string(size) : std::move(bytes));
      if (consumes_) transport = transport_;
      changed_.notify_all();
    }
    if (transport != nullptr) transport->Consumed(id, size);
  }
  void OnDown(PeerId id, const std::string& reason) override {
    const std::lock_guard lock(mutex_);
    Peer& peer = Find(id);
    CHECK(peer.up);
    peer.up = false;
    peer.reason = reason;
    changed_.notify_all();
  }

  using Peers = std::vector<Peer>;
  // Waits until `done` says so of all peers ever seen; false after `seconds`.
  bool Wait(const std::function<bool(const Peers&)>& done, int seconds = 20) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(seconds), [&] { return done(peers_); });
  }
  Peers peers() const {
    const std::lock_guard lock(mutex_);
    return peers_;
  }

 private:
  Peer& Find(PeerId id) {
    for (Peer& peer : peers_) {
      if (peer.id == id) return peer;
    }
    CHECK(false);
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Transport* transport_ = nullptr;
  bool consumes_ = true;
  Peers peers_;
};

inline std::size_t UpIn(const Recorder::Peers& peers) {
  std::size_t count = 0;
  for (const auto& peer : peers) count += peer.up ? 1 : 0;
  return count;
}
inline std::function<bool(const Recorder::Peers&)> Up(std::size_t count) {
  return [count](const Recorder::Peers& peers) { return UpIn(peers) == count; };
}

// Options of a node that listens and dials nobody yet.
inline Options OptionsOf(std::uint8_t number) {
  Options options(KeyOf(number));
  options.genesis_hash.bytes[0] = 7;
  options.software = "test";
  options.listen = ListenAddress{};
  options.times.tick_us = 10'000;
  return options;
}

struct Node {
  explicit Node(Options options) {
    auto started = Transport::Start(std::move(options), &heard);
    CHECK(started.ok());
    transport = *std::move(started);
    heard.Use(transport.get());
  }
  // The only peer that is up.
  [[nodiscard]] PeerId peer() const {
    for (const auto& peer : heard.peers()) {
      if (peer.up) return peer.id;
    }
    CHECK(false);
  }
  [[nodiscard]] std::uint16_t port() const { return transport->port(); }
  bool Send(Priority priority, std::string text) {
    return transport->Send(peer(), priority, Message(std::move(text)));
  }

  Recorder heard;
  std::unique_ptr<Transport> transport;
};

}  // namespace bourse::peer::testing
