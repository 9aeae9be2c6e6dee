#include "node/storage/certified_view.h"

#include "common/codec.h"
#include "node/consensus/codec.h"
#include "node/storage/block_archive.h"

namespace bourse::storage {

void AddCertificate(const consensus::ExecutionCertificate& certificate, ArchivedCertificates* to) {
  Writer writer;
  consensus::Write(certificate, &writer);
  (*to)[ExecutionCertificateKey(certificate.executed.height)] = std::move(writer).Take();
}

absl::StatusOr<std::optional<std::string>> CertifiedView::Get(ledger::Family family,
                                                              std::string_view key) const {
  if (family == ledger::Family::kFinality) {
    const auto it = certificates_.find(key);
    if (it != certificates_.end()) return std::optional<std::string>(it->second);
  }
  return view_->Get(family, key);
}

}  // namespace bourse::storage
