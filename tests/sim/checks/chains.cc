#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/sim/checks/checks.h"

namespace bourse::sim {
namespace {

class Chains final : public Check {
 public:
  using Check::Check;
  [[nodiscard]] std::string_view name() const override { return "chains"; }

  void OnExecuted(NodeIndex node, const ExecutedBlock& block) override {
    const ledger::BlockHeader& header = block.result.header;
    const std::uint64_t height = header.height.value();
    std::uint64_t& last = heights_[node];
    if (height != last + 1) {
      return Fail(absl::StrCat("node ", node, " executed height ", height, " after ", last));
    }
    last = height;
    if (height == chain_.size() + 1) {
      if (!chain_.empty() && header.parent_hash != chain_.back()) {
        return Fail(absl::StrCat("node ", node, ": height ", height, " has another parent"));
      }
      chain_.push_back(header.hash);
    } else if (chain_[height - 1] != header.hash) {
      Fail(absl::StrCat("node ", node, " executed ", ToHex(header.hash), " at height ", height,
                        ", another ", ToHex(chain_[height - 1])));
    }
  }

  void OnDiskLost(NodeIndex node) override { heights_[node] = 0; }

 private:
  std::vector<Hash256> chain_;
  std::map<NodeIndex, std::uint64_t> heights_;
};

}  // namespace

std::unique_ptr<Check> MakeChainsCheck(const CheckContext* context) {
  return std::make_unique<Chains>(context);
}

}  // namespace bourse::sim
