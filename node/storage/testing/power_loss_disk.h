// The Disk of tests and simulation: in memory, and it forgets what was not synced when the power
// goes (ledger/testing/simulated_disk.h).
//
//   PowerLossDisk disk(seed);
//   disk.CutAfter(7);     // the power goes with the 7th change from now
//   … use it, until calls fail with kUnavailable …
//   disk.Restore();       // files opened before are dead
//
// Paths are absolute; "/" is there from the start. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/testing/simulated_disk.h"
#include "node/storage/disk.h"

namespace bourse::storage::testing {

class PowerLossDisk final : public Disk {
 public:
  explicit PowerLossDisk(std::uint64_t seed);

  void CutAfter(std::uint64_t count) { disk_->CutAfter(count); }
  void Cut() { disk_->Cut(); }
  void Restore() { disk_->Restore(); }
  [[nodiscard]] bool is_off() const { return disk_->is_off(); }
  // Changes so far: writes, syncs, and what is done to names.
  [[nodiscard]] std::uint64_t changes() const { return disk_->changes(); }

  absl::Status MakeFolder(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<File>> Create(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& path) override;
  absl::Status SyncFolder(const std::string& path, std::string_view site) override;

  // Puts these bytes in a file's place, synced: damage, as a broken disk would do it.
  absl::Status Overwrite(const std::string& path, std::string_view bytes);

 private:
  std::shared_ptr<ledger::testing::SimulatedDisk> disk_;
};

}  // namespace bourse::storage::testing
