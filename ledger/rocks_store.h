// The ledger on disk: a Store over RocksDB.
//
// Each family is a column family. A file beside RocksDB's own says that the folder is ours and of
// which format (see ledger/rocks_folder.h).
//
//   auto store = RocksStore::Open(home / "ledger", {});
//   if (!store.ok()) …  // the message tells an operator what to do
//
// What it promises: once Apply has returned OK, the batch survives a loss of power; a batch is
// there whole or not at all; and data that was acknowledged and can't be read back is reported,
// never dropped in silence (see ledger/rocks_recovery.h).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/store.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace bourse::ledger {

struct RocksOptions {
  // Whether Apply waits until the disk has the batch. Without it a loss of power takes the last
  // blocks along; for tests and measurements only.
  bool sync = true;
  // Memory for blocks of tables, their indexes and filters; shared by all families.
  std::size_t cache_bytes = std::size_t{256} << 20;
  // Memory for what is not yet in tables, over all families. What a restart replays is at most
  // twice as much.
  std::size_t write_buffer_bytes = std::size_t{128} << 20;
  // The file system to use; must outlive the store. Null: the machine's.
  rocksdb::Env* env = nullptr;
};

// Thread-safe: one thread applies, any may read.
class RocksStore : public Store {
 public:
  // Opens the database in `path`, or makes a new one there if there is none; makes the folder, but
  // not those above it. Errors, each saying what an operator can do:
  //   FAILED_PRECONDITION  in use by another process; not a ledger of Bourse; of a newer version
  //   DATA_LOSS            damaged: a file is missing or does not match its checksums
  //   RESOURCE_EXHAUSTED   no space left
  //   PERMISSION_DENIED    the folder can't be read or written
  //   UNAVAILABLE          the disk failed otherwise
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<RocksStore>> Open(
      const std::string& path, const RocksOptions& options);

  // Writes what is in memory into tables, so that the next start has nothing to replay.
  ~RocksStore() override;
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;

  absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                 std::string_view key) const override;
  absl::Status Scan(Family family, std::string_view prefix, std::string_view from,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit)
      const override;
  absl::Status ScanBack(Family family, std::string_view prefix, std::string_view from,
                        const std::function<bool(std::string_view key, std::string_view value)>&
                            visit) const override;

  // After an error no one knows whether the disk has the batch, so the store takes no other: each
  // later call fails alike, and the node has to stop and open it again. Errors as of Open.
  absl::Status Apply(const Batch& batch) override;

  std::unique_ptr<View> Snapshot() const override;

 private:
  class Database;
  class Frozen;
  explicit RocksStore(std::unique_ptr<Database> database);

  std::unique_ptr<Database> database_;
};

}  // namespace bourse::ledger
