// Network: connections between nodes, and all that goes wrong with them.
//
// A pair of nodes is connected or not, and both learn of each change. What is under way when a
// connection ends is lost. Beside that, messages are lost for ever, delayed, overtaken and repeated
// while the connection stands, and a direction can be cut without anybody noticing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "tests/model/random.h"
#include "tests/sim/actor.h"
#include "tests/sim/packet.h"
#include "tests/sim/scheduler.h"

namespace bourse::sim {

struct NetworkOptions {
  std::uint64_t delay_us_min = 1'000;  // one way
  std::uint64_t delay_us_max = 2'000;
  std::uint32_t loss_permille = 0;  // for ever
  std::uint32_t repeat_permille = 0;
  // Messages that take up to slow_us: longer than the timeouts.
  std::uint32_t slow_permille = 0;
  std::uint64_t slow_us = 0;
};

struct NetworkCounters {
  std::uint64_t sent = 0, delivered = 0, lost = 0, repeated = 0, slow = 0, cut = 0, reset = 0;
};

class Network {
 public:
  // What a node gets to hear.
  struct Handler {
    std::function<void(NodeIndex to, NodeIndex from, const PacketPtr& packet)> on_message;
    std::function<void(NodeIndex to, NodeIndex peer)> on_up;
    std::function<void(NodeIndex to, NodeIndex peer)> on_down;
  };
  // Decides instead of chance: false loses the packet.
  using Filter = std::function<bool(NodeIndex from, NodeIndex to, const Packet& packet)>;

  // `scheduler` must outlive it.
  Network(Scheduler* scheduler, std::uint64_t seed, std::size_t nodes, Handler handler);

  void set_options(const NetworkOptions& options) { options_ = options; }
  [[nodiscard]] const NetworkOptions& options() const { return options_; }
  void set_filter(Filter filter) { filter_ = std::move(filter); }

  void Send(NodeIndex from, NodeIndex to, const PacketPtr& packet);

  [[nodiscard]] bool IsConnected(NodeIndex a, NodeIndex b) const { return At(a, b).up; }
  // Both are told, `a` first. Nothing happens where it is so already.
  void Connect(NodeIndex a, NodeIndex b);
  void Disconnect(NodeIndex a, NodeIndex b);
  // Packets from one to the other are lost from now on, and nobody is told.
  void Cut(NodeIndex from, NodeIndex to) { At(from, to).cut = true; }
  void HealCuts();
  // What goes from one to the other takes so much longer.
  void Slow(NodeIndex from, NodeIndex to, std::uint64_t extra_us) {
    At(from, to).extra_us = extra_us;
  }

  [[nodiscard]] const NetworkCounters& counters() const { return counters_; }

 private:
  // One direction.
  struct Link {
    bool up = false;
    bool cut = false;
    std::uint64_t extra_us = 0;
    std::uint64_t epoch = 0;  // of the connection
  };
  [[nodiscard]] Link& At(NodeIndex from, NodeIndex to) { return links_[from * nodes_ + to]; }
  [[nodiscard]] const Link& At(NodeIndex from, NodeIndex to) const {
    return links_[from * nodes_ + to];
  }
  [[nodiscard]] std::uint64_t Delay(const Link& link);
  void Deliver(NodeIndex from, NodeIndex to, const PacketPtr& packet, std::uint64_t delay_us);

  Scheduler& scheduler_;
  model::Random random_;
  const std::size_t nodes_;
  const Handler handler_;
  NetworkOptions options_;
  Filter filter_;
  std::vector<Link> links_;
  NetworkCounters counters_;
};

}  // namespace bourse::sim
