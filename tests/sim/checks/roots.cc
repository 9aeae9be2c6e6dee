#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/sim/checks/checks.h"

namespace bourse::sim {
namespace {

class Roots final : public Check {
 public:
  using Check::Check;
  [[nodiscard]] std::string_view name() const override { return "roots"; }

  void OnExecuted(NodeIndex node, const ExecutedBlock& block) override {
    const ledger::BlockHeader& header = block.result.header;
    const std::uint64_t height = header.height.value();
    Result result{header.state_root, header.results_root, block.result.events.Pack()};
    if (height == results_.size() + 1) {
      results_.push_back(std::move(result));
      const auto certified = certified_.find(height);
      if (certified != certified_.end()) Compare(node, certified->second);
      return;
    }
    if (height > results_.size()) return;  // the chains check says it
    const Result& first = results_[height - 1];
    if (first.state_root != result.state_root) Differ(node, height, "state root");
    if (first.results_root != result.results_root) Differ(node, height, "results root");
    if (first.events != result.events) Differ(node, height, "events");
  }

  // What a quorum signed is what was executed; it may be signed before anybody has committed it.
  void OnCertified(NodeIndex node, const consensus::ExecutionCertificate& certificate) override {
    certified_.emplace(certificate.executed.height.value(), certificate.executed);
    Compare(node, certificate.executed);
  }

 private:
  struct Result {
    Hash256 state_root;
    Hash256 results_root;
    std::string events;
  };

  void Compare(NodeIndex node, const consensus::Executed& executed) const {
    const std::uint64_t height = executed.height.value();
    if (height == 0 || height > results_.size()) return;
    const Result& first = results_[height - 1];
    if (first.state_root != executed.state_root) Differ(node, height, "certified state root");
    if (first.results_root != executed.results_root) Differ(node, height, "certified results root");
  }

  void Differ(NodeIndex node, std::uint64_t height, const char* what) const {
    Fail(absl::StrCat("node ", node, " has another ", what, " at height ", height));
  }

  std::vector<Result> results_;
  std::map<std::uint64_t, consensus::Executed> certified_;  // by height
};

}  // namespace

std::unique_ptr<Check> MakeRootsCheck(const CheckContext* context) {
  return std::make_unique<Roots>(context);
}

}  // namespace bourse::sim
