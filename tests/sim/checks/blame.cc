#include "absl/strings/str_cat.h"
#include "node/consensus/evidence.h"
#include "tests/sim/checks/checks.h"

namespace bourse::sim {
namespace {

class Blame final : public Check {
 public:
  using Check::Check;
  [[nodiscard]] std::string_view name() const override { return "blame"; }

  void OnEvidence(NodeIndex node, const consensus::Evidence& evidence) override {
    const auto validator = evidence.validator;
    if (!context().IsHonestKey(validator)) return;
    Fail(absl::StrCat("node ", node, " blames validator ", validator.value(), ": ",
                      consensus::Describe(evidence)));
  }

  void OnMisbehaviour(NodeIndex node, NodeIndex peer, const std::string& what) override {
    if (!context().IsHonest(peer)) return;
    Fail(absl::StrCat("node ", node, " blames node ", peer, ": ", what));
  }

  void OnFatal(NodeIndex node, const std::string& why) override {
    Fail(absl::StrCat("node ", node, " stops: ", why));
  }
};

}  // namespace

std::unique_ptr<Check> MakeBlameCheck(const CheckContext* context) {
  return std::make_unique<Blame>(context);
}

}  // namespace bourse::sim
