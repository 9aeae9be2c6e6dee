#include "node/storage/archive_audit.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/ed25519.h"
#include "node/consensus/evidence.h"
#include "node/consensus/vote.h"
#include "node/storage/block_archive.h"
#include "node/storage/evidence_store.h"

namespace bourse::storage {
namespace {

using consensus::Header;
using consensus::Validators;
using ledger::Family;

absl::Status Wrong(std::string_view what) { return absl::DataLossError(std::string(what)); }

bool AreGood(const Validators& validators, const std::string& signed_bytes,
             const std::vector<consensus::VoteSignature>& signatures) {
  for (const consensus::VoteSignature& one : signatures) {
    if (!Verify(validators.key(one.validator), AsBytes(signed_bytes), one.signature)) return false;
  }
  return true;
}

// Whether the validator that it blames signed this.
class IsSigned {
 public:
  IsSigned(const Validators& validators, consensus::ValidatorIndex blamed)
      : validators_(validators), key_(validators.key(blamed)) {}

  bool operator()(const consensus::SignedVote& vote) const {
    return IsGood(SignedBytes(validators_, vote.vote), vote.signature);
  }
  bool operator()(const consensus::SignedExecuted& executed) const {
    return IsGood(SignedBytes(validators_, executed.executed), executed.signature);
  }
  bool operator()(const consensus::SignedHeader& header) const {
    return IsGood(SignedBytes(header.header), header.signature);
  }

 private:
  [[nodiscard]] bool IsGood(const std::string& bytes, const Signature& signature) const {
    return Verify(key_, AsBytes(bytes), signature);
  }

  const Validators& validators_;
  const PublicKey& key_;
};

class Audit {
 public:
  Audit(const ledger::View& view, const Validators& validators, Height head)
      : view_(view), validators_(validators), head_(head) {}

  absl::StatusOr<ArchiveCounts> Run() {
    for (std::uint64_t i = 1; i <= head_.value(); ++i) {
      const absl::Status status = CheckBlock(Height(i));
      if (status.ok()) continue;
      return absl::Status(status.code(),
                          absl::StrCat("at height ", i, ": ", std::string(status.message())));
    }
    absl::Status status = CheckEvidence();
    if (status.ok()) status = CheckNothingElse();
    if (!status.ok()) return status;
    return counts_;
  }

 private:
  absl::Status CheckBlock(Height height) {
    auto block = ReadHead(view_, validators_, height);
    if (!block.ok()) return block.status();
    if (!block->header.has_value()) {
      // A ledger that was never of this consensus has no header at all.
      return counts_.blocks == 0 ? absl::OkStatus() : Wrong("the signed header is missing");
    }
    if (counts_.blocks + 1 != height.value()) return Wrong("the headers before are missing");
    ++counts_.blocks;
    const Header& header = block->header->header;
    absl::Status status = CheckHeader(header, block->executed);
    if (status.ok()) status = CheckFinal(header);
    if (status.ok()) status = CheckExecution(block->executed);
    parent_ = header;
    return status;
  }

  absl::Status CheckHeader(const Header& header, const consensus::Executed& executed) const {
    if (header.genesis_hash != validators_.genesis_hash()) {
      return Wrong("the signed header is of another network");
    }
    if (HashOf(header) != executed.block_hash || header.time != executed.time) {
      return Wrong("the signed header is not that of the block");
    }
    if (parent_.has_value() && ParentOf(header) != IdOf(*parent_)) {
      return Wrong("the signed header does not follow the one before");
    }
    return absl::OkStatus();
  }

  absl::Status CheckFinal(const Header& header) {
    const auto certificate = ReadFinalCertificate(view_, validators_, header.height);
    if (!certificate.ok()) return certificate.status();
    if (!certificate->has_value()) return absl::OkStatus();
    const consensus::Vote vote{consensus::VoteKind::kFinal, header.slot, HashOf(header)};
    if ((*certificate)->vote != vote) return Wrong("the Final certificate is of another block");
    if (!AreGood(validators_, SignedBytes(validators_, vote), (*certificate)->signatures)) {
      return Wrong("a signature of the Final certificate is not good");
    }
    ++counts_.final_certificates;
    counts_.finalized = header.height;
    return absl::OkStatus();
  }

  absl::Status CheckExecution(const consensus::Executed& executed) {
    const auto certificate = ReadExecutionCertificate(view_, validators_, executed.height);
    if (!certificate.ok()) return certificate.status();
    if (!certificate->has_value()) return absl::OkStatus();
    if ((*certificate)->executed != executed) {
      return Wrong("what a quorum certifies of the block's results is not what the ledger holds");
    }
    if (!AreGood(validators_, SignedBytes(validators_, executed), (*certificate)->signatures)) {
      return Wrong("a signature of the execution certificate is not good");
    }
    ++counts_.execution_certificates;
    counts_.certified = executed.height;
    return absl::OkStatus();
  }

  absl::Status CheckEvidence() {
    const auto all = ReadEvidence(view_, validators_);
    if (!all.ok()) return all.status();
    for (const consensus::Evidence& one : *all) {
      const IsSigned is_signed(validators_, one.validator);
      if (!std::visit(is_signed, one.first) || !std::visit(is_signed, one.second)) {
        return Wrong(absl::StrCat("a signature is not good in the evidence ", Describe(one)));
      }
    }
    counts_.evidence = all->size();
    return absl::OkStatus();
  }

  absl::Status CheckNothingElse() const {
    std::uint64_t records = 0;
    const absl::Status scanned = view_.Scan(Family::kFinality, "", "", [&](auto, auto) {
      ++records;
      return true;
    });
    if (!scanned.ok()) return scanned;
    const std::uint64_t known = counts_.blocks + counts_.final_certificates +
                                counts_.execution_certificates + counts_.evidence;
    if (records == known) return absl::OkStatus();
    return Wrong(absl::StrCat("there are ", records - known, " finality records of no block"));
  }

  const ledger::View& view_;
  const Validators& validators_;
  const Height head_;
  std::optional<Header> parent_;
  ArchiveCounts counts_;
};

}  // namespace

absl::StatusOr<ArchiveCounts> CheckArchive(const ledger::View& view, const Validators& validators,
                                           Height head) {
  return Audit(view, validators, head).Run();
}

}  // namespace bourse::storage
