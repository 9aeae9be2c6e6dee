// A transport as a process, for tests alone: echoes what comes, or with --ping sends to that peer
// and counts the echoes.
//
//   peer_node --self N --peers N,N,... [--dial N:PORT]... [--ping N] [--certificates FOLDER]
//
// Keys are those of seeds of one byte, N. Prints "port N" once it listens, then a line of counts
// four times a second; with --certificates it first writes N.crt, N.key
// and N.pub (hexadecimal) of all N.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "node/gate/loop.h"
#include "node/gate/node_certificate.h"
#include "node/peer/testing/nodes.h"
#include "node/peer/transport.h"

namespace bourse::peer {
namespace {

using testing::KeyOf;

std::atomic<bool> ended{false};

struct Arguments {
  std::uint8_t self = 0;
  std::vector<PeerAddress> peers;
  PublicKey pinged;  // zeros: nobody
  std::string certificates;
};

std::uint32_t NumberOf(const std::string& text) {
  std::uint32_t number = 0;
  CHECK(absl::SimpleAtoi(text, &number));
  return number;
}

PeerAddress PeerOf(const std::string& number, std::uint16_t port) {
  const auto seed = static_cast<std::uint8_t>(NumberOf(number));
  return {.key = KeyOf(seed).public_key(), .host = "127.0.0.1", .port = port};
}

Arguments Parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    CHECK(i + 1 < argc);
    const std::string value = argv[++i];
    if (name == "--self") arguments.self = static_cast<std::uint8_t>(NumberOf(value));
    if (name == "--certificates") arguments.certificates = value;
    if (name == "--ping") arguments.pinged = PeerOf(value, 0).key;
    if (name == "--peers") {
      const std::vector<std::string> numbers = absl::StrSplit(value, ',');
      for (const std::string& number : numbers) arguments.peers.push_back(PeerOf(number, 0));
    }
    if (name == "--dial") {
      const std::vector<std::string> parts = absl::StrSplit(value, ':');
      arguments.peers.push_back(PeerOf(parts[0], static_cast<std::uint16_t>(NumberOf(parts[1]))));
    }
  }
  return arguments;
}

void WriteCertificates(const std::string& folder) {
  for (std::uint8_t number = 1; number < 100; ++number) {
    const auto tls = gate::NodeCertificate(KeyOf(number));
    CHECK(tls.ok());
    std::ofstream(folder + "/" + std::to_string(number) + ".crt") << tls->certificate_pem;
    std::ofstream(folder + "/" + std::to_string(number) + ".key") << tls->key_pem;
    const PublicKey key = KeyOf(number).public_key();
    std::ofstream(folder + "/" + std::to_string(number) + ".pub") << ToHex(Bytes(key.bytes));
  }
}

// Echoes, or takes echoes: eight bytes of time, and a filling.
class Counter final : public Handler {
 public:
  explicit Counter(const PublicKey& pinged) : pinged_(pinged) {}

  void OnUp(PeerId id, const PublicKey& key) override {
    ++ups;
    ++up;
    if (key == pinged_) pinged_id_ = id.value();
  }
  void OnDown(PeerId, const std::string& reason) override {
    --up;
    std::fprintf(stderr, "down: %s\n", reason.c_str());
  }
  void OnMessage(PeerId id, std::string bytes) override {
    transport->Consumed(id, bytes.size());
    if (pinged_ == PublicKey()) {
      transport->Send(id, Priority::kConsensus, testing::Message(std::move(bytes)));
      return;
    }
    std::int64_t sent_us = 0;
    if (bytes.size() < sizeof(sent_us)) return;
    std::memcpy(&sent_us, bytes.data(), sizeof(sent_us));
    const std::int64_t took_us = gate::Loop::NowUs() - sent_us;
    if (took_us > worst_us) worst_us = took_us;
    ++echoed;
  }
  void Ping() {
    std::string bytes(150, 'p');
    const std::int64_t now_us = gate::Loop::NowUs();
    std::memcpy(bytes.data(), &now_us, sizeof(now_us));
    transport->Send(PeerId(pinged_id_.load()), Priority::kConsensus,
                    testing::Message(std::move(bytes)));
  }

  Transport* transport = nullptr;
  std::atomic<std::uint64_t> echoed{0}, ups{0};
  std::atomic<std::int64_t> worst_us{0};
  std::atomic<int> up{0};

 private:
  const PublicKey pinged_;
  std::atomic<std::uint64_t> pinged_id_{0};
};

void Report(const Transport& transport, Counter* counter) {
  std::printf("up %d ups %lu echoed %lu worst_us %ld", counter->up.load(), counter->ups.load(),
              counter->echoed.load(), counter->worst_us.exchange(0));
  std::uint64_t refused = 0;
  for (const PeerStatus& peer : transport.List()) {
    refused += peer.state == PeerStatus::State::kRefused ? 1 : 0;
  }
  std::printf(" refused %lu handed_over %lu\n", refused, transport.counters().handed_over);
  std::fflush(stdout);
}

int Run(const Arguments& arguments) {
  if (!arguments.certificates.empty()) WriteCertificates(arguments.certificates);
  Options options = testing::OptionsOf(arguments.self);
  options.times = {};
  options.times.redial_us_max = 500'000;
  options.peers = arguments.peers;
  Counter counter(arguments.pinged);
  auto transport = Transport::Start(std::move(options), &counter);
  CHECK(transport.ok());
  counter.transport = transport->get();
  std::printf("port %d\n", (*transport)->port());
  std::fflush(stdout);
  for (std::uint64_t i = 1; !ended; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (arguments.pinged != PublicKey()) counter.Ping();
    if (i % 50 == 0) Report(**transport, &counter);
  }
  (*transport)->Stop();
  return 0;
}

}  // namespace
}  // namespace bourse::peer

int main(int argc, char** argv) {
  const auto end = [](int) { bourse::peer::ended = true; };
  std::signal(SIGTERM, end);
  std::signal(SIGINT, end);
  return bourse::peer::Run(bourse::peer::Parse(argc, argv));
}
