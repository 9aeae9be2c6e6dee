// CertifiedView: a view of the ledger with certificates that came after it was taken. The archive
// writes a block's certificate with the next block (ArchivingStore::Keep), which may be a while;
// readers of the block shall not wait for it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/store.h"
#include "node/consensus/vote.h"

namespace bourse::storage {

// Certificates by their keys in the archive.
using ArchivedCertificates = std::map<std::string, std::string, std::less<>>;

// Puts one there.
void AddCertificate(const consensus::ExecutionCertificate& certificate, ArchivedCertificates* to);

// Thread-safe.
class CertifiedView final : public ledger::View {
 public:
  CertifiedView(std::shared_ptr<const ledger::View> view, ArchivedCertificates certificates)
      : view_(std::move(view)), certificates_(std::move(certificates)) {}

  absl::StatusOr<std::optional<std::string>> Get(ledger::Family family,
                                                 std::string_view key) const override;
  // Without the certificates that came later.
  absl::Status Scan(ledger::Family family, std::string_view prefix, std::string_view from,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit)
      const override {
    return view_->Scan(family, prefix, from, visit);
  }
  absl::Status ScanBack(ledger::Family family, std::string_view prefix, std::string_view from,
                        const std::function<bool(std::string_view key, std::string_view value)>&
                            visit) const override {
    return view_->ScanBack(family, prefix, from, visit);
  }

 private:
  const std::shared_ptr<const ledger::View> view_;
  const ArchivedCertificates certificates_;
};

}  // namespace bourse::storage
