#include <algorithm>
#include <set>
#include <span>

#include "absl/strings/str_cat.h"
#include "tests/sim/checks/checks.h"

namespace bourse::sim {
namespace {

class Certificates final : public Check {
 public:
  using Check::Check;
  [[nodiscard]] std::string_view name() const override { return "certificates"; }

  void OnSent(std::uint64_t /*now_us*/, NodeIndex from, std::size_t /*receivers*/,
              const Packet& packet) override {
    if (!context().IsHonest(from)) return;
    if (!packet.message) return Fail(absl::StrCat("node ", from, " sent what doesn't decode"));
    if (const auto* one = std::get_if<consensus::Certificate>(&*packet.message)) Judge(from, *one);
    if (const auto* one = std::get_if<consensus::ExecutionCertificate>(&*packet.message)) {
      Judge(from, *one);
    }
    if (const auto* blocks = std::get_if<replica::Blocks>(&*packet.message)) {
      for (const consensus::Certificate& one : blocks->certificate) Judge(from, one);
      for (const consensus::ExecutionCertificate& one : blocks->executions) Judge(from, one);
    }
    if (!packet.claims_good) Fail(absl::StrCat("node ", from, " sent a bad signature"));
  }

  void OnCertified(NodeIndex node, const consensus::ExecutionCertificate& certificate) override {
    Judge(node, certificate);
  }

 private:
  void Judge(NodeIndex node, const consensus::Certificate& certificate) const {
    Judge(node, SignedBytes(context().validators, certificate.vote), certificate.signatures);
  }
  void Judge(NodeIndex node, const consensus::ExecutionCertificate& certificate) const {
    Judge(node, SignedBytes(context().validators, certificate.executed), certificate.signatures);
  }

  void Judge(NodeIndex node, const std::string& bytes,
             std::span<const consensus::VoteSignature> signatures) const {
    const consensus::Validators& validators = context().validators;
    std::set<consensus::ValidatorIndex> signers;
    for (const consensus::VoteSignature& one : signatures) {
      const bool is_good =
          validators.Has(one.validator) &&
          context().keyring.Verify(validators.key(one.validator), bytes, one.signature);
      if (!is_good) return Fail(absl::StrCat("node ", node, ": a bad signature in a certificate"));
      signers.insert(one.validator);
    }
    const std::size_t quorum = 2 * validators.size() / 3 + 1;
    if (signers.size() == quorum && signatures.size() == quorum) return;
    Fail(absl::StrCat("node ", node, ": a certificate of ", signatures.size(), " signatures by ",
                      signers.size(), " validators"));
  }
};

}  // namespace

std::unique_ptr<Check> MakeCertificatesCheck(const CheckContext* context) {
  return std::make_unique<Certificates>(context);
}

}  // namespace bourse::sim
