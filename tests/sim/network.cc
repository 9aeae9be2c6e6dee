#include "tests/sim/network.h"

#include <utility>

namespace bourse::sim {

Network::Network(Scheduler* scheduler, std::uint64_t seed, std::size_t nodes, Handler handler)
    : scheduler_(*scheduler),
      random_(seed),
      nodes_(nodes),
      handler_(std::move(handler)),
      links_(nodes * nodes) {}

void Network::Send(NodeIndex from, NodeIndex to, const PacketPtr& packet) {
  const Link& link = At(from, to);
  if (!link.up) return;
  ++counters_.sent;
  if (link.cut || (filter_ && !filter_(from, to, *packet))) {
    ++counters_.cut;
    return;
  }
  if (random_.Below(1'000) < options_.loss_permille) {
    ++counters_.lost;
    return;
  }
  if (random_.Below(1'000) < options_.repeat_permille) {
    ++counters_.repeated;
    Deliver(from, to, packet, Delay(link));
  }
  Deliver(from, to, packet, Delay(link));
}

std::uint64_t Network::Delay(const Link& link) {
  std::uint64_t delay_us = random_.Between(options_.delay_us_min, options_.delay_us_max);
  if (random_.Below(1'000) < options_.slow_permille) {
    ++counters_.slow;
    delay_us += random_.Between(0, options_.slow_us);
  }
  return delay_us + link.extra_us;
}

void Network::Deliver(NodeIndex from, NodeIndex to, const PacketPtr& packet,
                      std::uint64_t delay_us) {
  const std::uint64_t epoch = At(from, to).epoch;
  scheduler_.After(delay_us, [this, from, to, packet, epoch] {
    const Link& link = At(from, to);
    if (!link.up || link.epoch != epoch) return;
    ++counters_.delivered;
    handler_.on_message(to, from, packet);
  });
}

void Network::Connect(NodeIndex a, NodeIndex b) {
  if (At(a, b).up) return;
  At(a, b).up = At(b, a).up = true;
  ++At(a, b).epoch;
  ++At(b, a).epoch;
  handler_.on_up(a, b);
  handler_.on_up(b, a);
}

void Network::Disconnect(NodeIndex a, NodeIndex b) {
  if (!At(a, b).up) return;
  ++counters_.reset;
  At(a, b).up = At(b, a).up = false;
  handler_.on_down(a, b);
  handler_.on_down(b, a);
}

void Network::HealCuts() {
  for (Link& link : links_) {
    link.cut = false;
    link.extra_us = 0;
  }
}

}  // namespace bourse::sim
