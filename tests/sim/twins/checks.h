// What must hold of all instances in a scenario of Twins, looked at after each step.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/hash.h"
#include "common/units.h"
#include "node/consensus/simplex.h"
#include "node/consensus/validators.h"
#include "node/consensus/vote.h"
#include "tests/sim/twins/scenario.h"

namespace bourse::sim::twins {

// The validator that an instance runs as.
[[nodiscard]] inline std::uint32_t ValidatorOf(const Scenario& scenario, std::size_t instance) {
  return instance < kValidators ? static_cast<std::uint32_t>(instance) : scenario.twinned;
}

// A signature that needs no key: nobody forges one here.
[[nodiscard]] Signature StubSignature(std::uint32_t validator, std::string_view bytes);

class Checks {
 public:
  Checks(const Scenario* scenario, const consensus::Validators* validators)
      : scenario_(*scenario), validators_(*validators) {}

  // After `instance` took a step with these effects.
  void Look(std::size_t instance, const consensus::Effects& effects);
  void Fail(const std::string& what);

  // The first check that failed; empty: none.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] bool saw_two_certificates() const { return saw_two_certificates_; }
  [[nodiscard]] bool saw_two_candidates() const { return saw_two_candidates_; }

 private:
  void LookAtVote(std::size_t instance, const consensus::SignedVote& vote);
  void LookAtCertificate(const consensus::Certificate& certificate);
  void LookAtChain(std::size_t instance, const consensus::Decided& decided);

  struct Certified {
    std::set<Hash256> notar, final;
    bool skip = false;
  };

  const Scenario& scenario_;
  const consensus::Validators& validators_;
  std::array<std::map<consensus::Slot, std::vector<consensus::Vote>>, kInstances> votes_;
  std::map<consensus::Slot, Certified> certified_;
  std::set<std::pair<consensus::Vote, std::vector<consensus::ValidatorIndex>>> good_certificates_;
  std::map<consensus::Slot, Hash256> candidates_;
  std::map<Height, consensus::BlockId> chain_;
  std::array<Height, kInstances> heights_{};
  bool saw_two_certificates_ = false;
  bool saw_two_candidates_ = false;
  std::string failure_;
};

}  // namespace bourse::sim::twins
