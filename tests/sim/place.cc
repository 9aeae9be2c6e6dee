#include "tests/sim/place.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/check.h"

namespace bourse::sim {

Place::Place(Surroundings* surroundings, NodeIndex self, std::uint64_t seed)
    : around_(*surroundings), self_(self), random_(seed) {}

consensus::Now Place::now() const {
  const std::uint64_t steady_us = around_.scheduler.now_us();
  const std::uint64_t right = kStartMicros + steady_us;
  return {TimeMicros(right + static_cast<std::uint64_t>(clock_offset_us_)), steady_us};
}

void Place::After(std::uint64_t delay_us, std::function<void()> call) {
  around_.scheduler.After(delay_us, [this, life = life_, call = std::move(call)] {
    if (life == life_) call();
  });
}

bool Place::MaySignFor(consensus::ValidatorIndex validator) const {
  if (around_.seats[self_] == validator) return true;
  if (around_.roles[self_] != Role::kByzantine) return false;
  for (NodeIndex node = 0; node < around_.seats.size(); ++node) {
    if (around_.seats[node] == validator) return around_.roles[node] == Role::kByzantine;
  }
  return false;
}

Signature Place::Sign(consensus::ValidatorIndex validator, std::string_view bytes) {
  CHECK(MaySignFor(validator));
  return around_.keyring.Sign(ValidatorKey(validator.value()), bytes);
}

std::string Place::MakeTransaction(TimeMicros time) {
  constexpr std::uint64_t kLifetimeMicros = 60'000'000;
  return around_.economy.Make(&random_, time, kLifetimeMicros);
}

void Place::Trace(const std::string& line) {
  if (around_.trace) around_.trace(absl::StrCat("node ", self_, " ", line));
}

}  // namespace bourse::sim
