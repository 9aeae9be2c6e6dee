#include "absl/strings/str_cat.h"
#include "node/exchange/audit.h"
#include "tests/sim/checks/checks.h"

namespace bourse::sim {
namespace {

// Of the first node that reaches a height: the others' state is the same, or the roots differ.
class Laws final : public Check {
 public:
  using Check::Check;
  [[nodiscard]] std::string_view name() const override { return "laws"; }

  void OnExecuted(NodeIndex node, const ExecutedBlock& block) override {
    const std::uint64_t height = block.result.header.height.value();
    if (height <= checked_) return;
    checked_ = height;
    const absl::Status status = exchange::CheckLaws(block.exchange.core());
    if (status.ok()) return;
    Fail(absl::StrCat("node ", node, ", height ", height, ": ", std::string(status.message())));
  }

 private:
  std::uint64_t checked_ = 0;
};

}  // namespace

std::unique_ptr<Check> MakeLawsCheck(const CheckContext* context) {
  return std::make_unique<Laws>(context);
}

}  // namespace bourse::sim
