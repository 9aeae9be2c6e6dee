// What the streams between nodes carry: two transports of one process, over loopback with TLS.
//
//   peer_bench --seconds=3
//
// Round trips of a vote-sized message on an idle stream, and while bulk fills the stream; small
// messages a second; bytes a second.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "node/peer/transport.h"

namespace bourse::bench {
namespace {

using peer::PeerId;
using peer::Priority;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kVoteBytes = 150;

KeyPair KeyOf(std::uint8_t number) {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(number);
  return KeyPair::FromSeed(seed);
}

// Counts what comes, and sends votes back if it is to.
class Side final : public peer::Handler {
 public:
  explicit Side(bool echoes) : echoes_(echoes) {}

  void OnUp(PeerId id, const PublicKey&) override { peer.store(id.value()); }
  void OnMessage(PeerId id, std::string message) override {
    bytes += message.size();
    const bool is_vote = message.size() == kVoteBytes;
    ++(is_vote ? votes : messages);
    transport->Consumed(id, message.size());
    if (is_vote && echoes_) {
      transport->Send(id, Priority::kConsensus,
                      std::make_shared<const std::string>(std::move(message)));
    }
  }
  void OnDown(PeerId, const std::string& reason) override {
    if (!ending) std::fprintf(stderr, "disconnected: %s\n", reason.c_str());
  }

  bool Send(Priority priority, const std::shared_ptr<const std::string>& message) {
    return transport->Send(PeerId(peer.load()), priority, message);
  }

  std::unique_ptr<peer::Transport> transport;
  std::atomic<std::uint64_t> peer{0};
  std::atomic<std::uint64_t> votes{0}, messages{0}, bytes{0};
  std::atomic<bool> ending{false};

 private:
  const bool echoes_;
};

void Start(Side* side, peer::Options options) {
  auto started = peer::Transport::Start(std::move(options), side);
  if (!started.ok()) {
    std::fprintf(stderr, "%s\n", started.status().ToString().c_str());
    std::exit(1);
  }
  side->transport = *std::move(started);
}

template <typename Done>
void SpinUntil(const Done& done) {
  while (!done()) std::this_thread::sleep_for(std::chrono::microseconds(5));
}

// Round trips for so long; prints their median, 99th percentile and worst.
void PingPong(Side* side, const char* what, double seconds) {
  const auto vote = std::make_shared<const std::string>(kVoteBytes, 'v');
  std::vector<double> micros;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
    const std::uint64_t before = side->votes;
    const auto start = Clock::now();
    if (!side->Send(Priority::kConsensus, vote)) std::exit(1);
    SpinUntil([&] { return side->votes > before; });
    micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  std::sort(micros.begin(), micros.end());
  std::printf("%-34s %8zu trips, median %6.0f us, 99%% %6.0f us, worst %6.0f us\n", what,
              micros.size(), micros[micros.size() / 2], micros[micros.size() * 99 / 100],
              micros.back());
}

// Keeps the queue full until told to stop.
void Pour(Side* side, Priority priority, std::size_t size, const std::atomic<bool>& stop) {
  const auto message = std::make_shared<const std::string>(size, 'm');
  while (!stop) {
    if (!side->Send(priority, message)) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
}

void Throughput(Side* from, const Side& to, Priority priority, std::size_t size, double seconds) {
  std::atomic<bool> stop{false};
  std::thread pouring([&] { Pour(from, priority, size, stop); });
  const std::uint64_t messages = to.messages;
  const std::uint64_t bytes = to.bytes;
  const auto start = Clock::now();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const double took = std::chrono::duration<double>(Clock::now() - start).count();
  std::printf("messages of %7zu bytes: %11.0f a second, %6.0f MB/s\n", size,
              static_cast<double>(to.messages - messages) / took,
              static_cast<double>(to.bytes - bytes) / took / 1e6);
  stop = true;
  pouring.join();
}

void Run(double seconds) {
  Side server(/*echoes=*/true);
  Side client(/*echoes=*/false);
  peer::Options listening(KeyOf(1));
  listening.listen = peer::ListenAddress{};
  listening.peers = {{.key = KeyOf(2).public_key(), .host = "", .port = 0}};
  Start(&server, std::move(listening));
  peer::Options dialling(KeyOf(2));
  dialling.peers = {
      {.key = KeyOf(1).public_key(), .host = "127.0.0.1", .port = server.transport->port()}};
  Start(&client, std::move(dialling));
  SpinUntil([&] { return client.peer != 0 && server.peer != 0; });

  PingPong(&client, "a vote there and back, idle", seconds);
  {
    std::atomic<bool> stop{false};
    std::thread pouring([&] { Pour(&client, Priority::kBulk, 1 << 20, stop); });
    PingPong(&client, "a vote there and back, under bulk", seconds);
    stop = true;
    pouring.join();
  }
  SpinUntil([&] { return client.transport->List()[0].queue_messages == 0; });
  for (const std::size_t size : {200u, 10'000u, 1u << 20}) {
    Throughput(&client, server, Priority::kTransactions, size, seconds);
    SpinUntil([&] { return client.transport->List()[0].queue_messages == 0; });
  }
  server.ending = client.ending = true;
  client.transport->Stop();
  server.transport->Stop();
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) {
  double seconds = 3;
  CLI::App app("Messages between two nodes, over loopback with TLS.");
  app.add_option("--seconds", seconds, "of each measurement")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  bourse::bench::Run(seconds);
}
