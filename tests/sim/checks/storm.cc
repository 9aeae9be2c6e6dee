#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/sim/checks/checks.h"

namespace bourse::sim {
namespace {

// Counts messages to all peers together, against the bound for one peer times their number.
class Storm final : public Check {
 public:
  explicit Storm(const CheckContext* context) : Check(context), sent_(context->roles.size()) {}
  [[nodiscard]] std::string_view name() const override { return "storm"; }

  void OnSent(std::uint64_t now_us, NodeIndex from, std::size_t receivers,
              const Packet& /*packet*/) override {
    if (!context().IsHonest(from)) return;
    Sent& sent = sent_[from];
    const std::uint64_t window = now_us / context().storm_window_us;
    if (sent.window != window) sent = {window, 0};
    const std::uint64_t most = context().storm_messages_max * sent_.size();
    const bool was_within = sent.messages <= most;
    sent.messages += receivers;
    highest_permille_ = std::max(highest_permille_, sent.messages * 1'000 / most);
    if (!was_within || sent.messages <= most) return;
    Fail(absl::StrCat("node ", from, " sent over ", most, " messages within ",
                      context().storm_window_us, " us"));
  }

  [[nodiscard]] std::uint64_t permille() const override { return highest_permille_; }

 private:
  struct Sent {
    std::uint64_t window = 0;
    std::uint64_t messages = 0;
  };
  std::vector<Sent> sent_;
  std::uint64_t highest_permille_ = 0;
};

}  // namespace

std::unique_ptr<Check> MakeStormCheck(const CheckContext* context) {
  return std::make_unique<Storm>(context);
}

}  // namespace bourse::sim
