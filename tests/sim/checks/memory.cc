#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/sim/checks/checks.h"

namespace bourse::sim {
namespace {

// What a core must keep is what lies above the highest Final: a few records a slot. It costs
// something to ask, so only now and then.
class Memory final : public Check {
 public:
  using Check::Check;
  [[nodiscard]] std::string_view name() const override { return "memory"; }

  void OnStep(NodeIndex node, const replica::Replica& replica) override {
    if (++steps_ % 512 != 0) return;
    const consensus::Simplex& simplex = replica.simplex();
    const std::uint64_t first = simplex.delivered().slot.value() + 1;
    const std::uint64_t slots = simplex.frontier().value() - first + context().window + 1;
    const std::size_t records = simplex.Durable().size();
    const std::uint64_t most = kRecordsPerSlot * slots + kRecordsBeside;
    highest_permille_ = std::max(highest_permille_, records * 1'000 / most);
    if (records <= most) return;
    Fail(absl::StrCat("node ", node, " keeps ", records, " records over ", slots, " slots"));
  }

  [[nodiscard]] std::uint64_t permille() const override { return highest_permille_; }

 private:
  // Three votes, three certificates and two candidates.
  static constexpr std::uint64_t kRecordsPerSlot = 8;
  static constexpr std::uint64_t kRecordsBeside = 64;
  std::uint64_t steps_ = 0;
  std::uint64_t highest_permille_ = 0;
};

}  // namespace

std::unique_ptr<Check> MakeMemoryCheck(const CheckContext* context) {
  return std::make_unique<Memory>(context);
}

}  // namespace bourse::sim
