#include <map>

#include "absl/strings/str_cat.h"
#include "tests/sim/checks/checks.h"

namespace bourse::sim {
namespace {

// That none is lost again follows from the chains check: what any node executed, all execute.
class Once final : public Check {
 public:
  using Check::Check;
  [[nodiscard]] std::string_view name() const override { return "once"; }

  void OnExecuted(NodeIndex node, const ExecutedBlock& block) override {
    const std::uint64_t height = block.result.header.height.value();
    for (const ledger::Receipt& receipt : block.result.receipts) {
      if (receipt.skip != SkipReason::kNone) continue;
      const std::uint64_t first = applied_.emplace(receipt.txid, height).first->second;
      if (first == height) continue;
      Fail(absl::StrCat("node ", node, " applied ", ToHex(receipt.txid), " at heights ", first,
                        " and ", height));
    }
  }

 private:
  std::map<TxId, std::uint64_t> applied_;  // at which height
};

}  // namespace

std::unique_ptr<Check> MakeOnceCheck(const CheckContext* context) {
  return std::make_unique<Once>(context);
}

}  // namespace bourse::sim
