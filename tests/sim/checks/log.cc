#include "absl/strings/str_cat.h"
#include "tests/sim/checks/checks.h"

namespace bourse::sim {
namespace {

class Log final : public Check {
 public:
  using Check::Check;
  [[nodiscard]] std::string_view name() const override { return "log"; }

  void OnLogRead(NodeIndex node, bool is_whole, bool was_lost) override {
    if (is_whole && was_lost) {
      Fail(absl::StrCat("node ", node, " takes a lost log for a whole one"));
    }
    if (!is_whole && !was_lost) Fail(absl::StrCat("a crash damaged the log of node ", node));
  }
};

}  // namespace

std::unique_ptr<Check> MakeLogCheck(const CheckContext* context) {
  return std::make_unique<Log>(context);
}

}  // namespace bourse::sim
