#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "tests/sim/checks/checks.h"

namespace bourse::sim {
namespace {

// Of all certificates whose signatures are good, whoever sent them.
class Conflicts final : public Check {
 public:
  using Check::Check;
  [[nodiscard]] std::string_view name() const override { return "conflicts"; }

  void OnSent(std::uint64_t /*now_us*/, NodeIndex /*from*/, std::size_t /*receivers*/,
              const Packet& packet) override {
    if (!packet.message || !packet.claims_good) return;
    if (const auto* one = std::get_if<consensus::Certificate>(&*packet.message)) Take(one->vote);
    if (const auto* blocks = std::get_if<replica::Blocks>(&*packet.message)) {
      for (const consensus::Certificate& one : blocks->certificate) Take(one.vote);
    }
    if (const auto* one = std::get_if<consensus::ExecutionCertificate>(&*packet.message)) {
      Take(one->executed);
    }
  }

  void OnCertified(NodeIndex /*node*/,
                   const consensus::ExecutionCertificate& certificate) override {
    Take(certificate.executed);
  }

 private:
  struct Seen {
    bool skip = false;
    std::optional<Hash256> notar;
    std::optional<Hash256> final;
  };

  void Take(const consensus::Vote& vote) {
    Seen& seen = slots_[vote.slot];
    switch (vote.kind) {
      case consensus::VoteKind::kSkip:
        seen.skip = true;
        break;
      case consensus::VoteKind::kNotar:
        TakeHash(vote, &seen.notar);
        break;
      case consensus::VoteKind::kFinal:
        TakeHash(vote, &seen.final);
        break;
    }
    if (seen.skip && seen.final) Report(vote.slot, "Final and Skip");
    if (seen.notar && seen.final && *seen.notar != *seen.final) {
      Report(vote.slot, "Notar and Final of different blocks");
    }
  }

  void TakeHash(const consensus::Vote& vote, std::optional<Hash256>* hash) const {
    if (*hash && **hash != vote.hash) Report(vote.slot, "two blocks");
    *hash = vote.hash;
  }

  void Take(const consensus::Executed& executed) {
    const auto [found, is_new] = executed_.emplace(executed.height, executed);
    if (is_new || found->second == executed) return;
    Fail(absl::StrCat("two results of height ", executed.height.value(), " have certificates"));
  }

  void Report(consensus::Slot slot, const char* what) const {
    Fail(absl::StrCat("slot ", slot.value(), " has certificates for ", what));
  }

  std::map<consensus::Slot, Seen> slots_;
  std::map<Height, consensus::Executed> executed_;
};

}  // namespace

std::unique_ptr<Check> MakeConflictsCheck(const CheckContext* context) {
  return std::make_unique<Conflicts>(context);
}

}  // namespace bourse::sim
