#include "ledger/rocks_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>
#include <vector>

#include "ledger/rocks_folder.h"
#include "ledger/rocks_recovery.h"
#include "ledger/rocks_status.h"
#include "ledger/rocks_tuning.h"

namespace bourse::ledger {
namespace {

using Visitor = std::function<bool(std::string_view key, std::string_view value)>;

// The column families' names, by Family.
constexpr std::array<const char*, kFamilies> kFamilyNames = {
    "blocks",  "transactions", "swaps", "accounts", "orders",
    "markets", "assets",       "meta",  "finality",
};

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// The lowest key above all those with this prefix; nothing if there is none.
std::optional<std::string> PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (end.empty()) return std::nullopt;
  end.back() = static_cast<char>(end.back() + 1);
  return end;
}

// A change, and what it is sorted by.
struct Place {
  Family family;
  std::uint64_t start;  // of the key: its first bytes, as a number
  const Batch::Change* change;
};

std::uint64_t StartOf(std::string_view key) {
  std::uint64_t start = 0;
  for (std::size_t i = 0; i < sizeof(start); ++i) {
    start = start << 8 | (i < key.size() ? static_cast<std::uint8_t>(key[i]) : 0u);
  }
  return start;
}

// In the order of their keys, and of one key in their own order: from one to the next it is not far
// (rocks_tuning.cc has the hints), where to find each place anew costs many misses of the cache.
std::vector<Place> InOrder(const std::vector<Batch::Change>& changes) {
  std::vector<Place> places;
  places.reserve(changes.size());
  for (const Batch::Change& change : changes) {
    places.push_back({change.family, StartOf(change.key), &change});
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    if (a.family != b.family) return a.family < b.family;
    if (a.start != b.start) return a.start < b.start;
    const int order = a.change->key.compare(b.change->key);
    return order != 0 ? order < 0 : a.change < b.change;
  });
  return places;
}

}  // namespace

// An open RocksDB, its families, and reads as of a snapshot (null: as of now).
class RocksStore::Database {
 public:
  Database(std::string path, const RocksOptions& options)
      : path_(std::move(path)), sync_(options.sync) {}
  ~Database() { Close(); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  absl::Status Open(const RocksOptions& options);

  absl::StatusOr<std::optional<std::string>> Get(const rocksdb::Snapshot* snapshot, Family family,
                                                 std::string_view key) const;
  absl::Status Scan(const rocksdb::Snapshot* snapshot, Family family, std::string_view prefix,
                    std::string_view from, const Visitor& visit) const;
  absl::Status ScanBack(const rocksdb::Snapshot* snapshot, Family family, std::string_view prefix,
                        std::string_view from, const Visitor& visit) const;
  absl::Status Apply(const Batch& batch);

  rocksdb::DB* db() const { return db_.get(); }

 private:
  static std::size_t Index(Family family) { return static_cast<std::size_t>(family); }
  // The first is RocksDB's default family, the others are by Family.
  rocksdb::ColumnFamilyHandle* Handle(Family family) const { return handles_[Index(family) + 1]; }
  absl::Status Write(rocksdb::WriteBatch* batch);
  void Close();

  const std::string path_;
  const bool sync_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::mutex mutex_;     // one that ThreadSanitizer sees
  absl::Status failed_;  // the first error of Apply; guarded by mutex_
};

absl::Status RocksStore::Database::Open(const RocksOptions& options) {
  rocksdb::Env* env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  const absl::StatusOr<bool> exists = ClaimFolder(env, path_);
  if (!exists.ok()) return exists.status();
  if (const absl::Status status = PrepareRecovery(env, path_); !status.ok()) return status;

  rocksdb::DBOptions db_options = DatabaseOptions(options);
  db_options.create_if_missing = !*exists;
  // Power may have gone while the families were made, one by one; and a ledger may be older than a
  // family.
  db_options.create_missing_column_families = true;
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(options.cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, FamilyOptions(options, cache));
  for (std::size_t i = 0; i < kFamilyNames.size(); ++i) {
    families.emplace_back(kFamilyNames[i], FamilyOptions(options, cache));
  }
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(db_options, path_, families, &handles_, &db);
  db_.reset(db);
  return FromRocks(status, path_);
}

void RocksStore::Database::Close() {
  if (db_ == nullptr) return;
  // An error here loses nothing: the log has it all.
  db_->Flush(rocksdb::FlushOptions(), handles_).PermitUncheckedError();
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  db_->Close().PermitUncheckedError();
}

absl::StatusOr<std::optional<std::string>> RocksStore::Database::Get(
    const rocksdb::Snapshot* snapshot, Family family, std::string_view key) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = db_->Get(options, Handle(family), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return FromRocks(status, path_);
  return std::optional<std::string>(value.ToString());
}

absl::Status RocksStore::Database::Scan(const rocksdb::Snapshot* snapshot, Family family,
                                        std::string_view prefix, std::string_view from,
                                        const Visitor& visit) const {
  const std::optional<std::string> end = PrefixEnd(prefix);
  const rocksdb::Slice bound = end.has_value() ? ToSlice(*end) : rocksdb::Slice();
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  if (end.has_value()) options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, Handle(family)));
  for (it->Seek(ToSlice(std::max(prefix, from))); it->Valid(); it->Next()) {
    const std::string_view key = ToView(it->key());
    if (!key.starts_with(prefix) || !visit(key, ToView(it->value()))) break;
  }
  return FromRocks(it->status(), path_);
}

absl::Status RocksStore::Database::ScanBack(const rocksdb::Snapshot* snapshot, Family family,
                                            std::string_view prefix, std::string_view from,
                                            const Visitor& visit) const {
  const std::optional<std::string> end = PrefixEnd(prefix);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, Handle(family)));
  if (!from.empty() && (!end.has_value() || from < *end)) {
    it->SeekForPrev(ToSlice(from));
  } else if (end.has_value()) {
    it->SeekForPrev(ToSlice(*end));
    if (it->Valid() && ToView(it->key()) == *end) it->Prev();
  } else {
    it->SeekToLast();
  }
  for (; it->Valid(); it->Prev()) {
    const std::string_view key = ToView(it->key());
    if (!key.starts_with(prefix) || !visit(key, ToView(it->value()))) break;
  }
  return FromRocks(it->status(), path_);
}

absl::Status RocksStore::Database::Apply(const Batch& batch) {
  rocksdb::WriteBatch out;
  for (const Place& place : InOrder(batch.changes())) {
    const Batch::Change& change = *place.change;
    const rocksdb::Status status = change.value.has_value()
                                       ? out.Put(Handle(change.family), change.key, *change.value)
                                       : out.Delete(Handle(change.family), change.key);
    if (!status.ok()) return FromRocks(status, path_);
  }
  return Write(&out);
}

absl::Status RocksStore::Database::Write(rocksdb::WriteBatch* batch) {
  const std::lock_guard lock(mutex_);
  if (!failed_.ok()) return failed_;
  rocksdb::WriteOptions options;
  options.sync = sync_;
  failed_ = FromRocks(db_->Write(options, batch), path_);
  return failed_;
}

// The store as of a snapshot.
class RocksStore::Frozen : public View {
 public:
  explicit Frozen(const Database& database)
      : database_(database), snapshot_(database.db()->GetSnapshot()) {}
  ~Frozen() override { database_.db()->ReleaseSnapshot(snapshot_); }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

  absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                 std::string_view key) const override {
    return database_.Get(snapshot_, family, key);
  }
  absl::Status Scan(Family family, std::string_view prefix, std::string_view from,
                    const Visitor& visit) const override {
    return database_.Scan(snapshot_, family, prefix, from, visit);
  }
  absl::Status ScanBack(Family family, std::string_view prefix, std::string_view from,
                        const Visitor& visit) const override {
    return database_.ScanBack(snapshot_, family, prefix, from, visit);
  }

 private:
  const Database& database_;
  const rocksdb::Snapshot* snapshot_;
};

RocksStore::RocksStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
RocksStore::~RocksStore() = default;

absl::StatusOr<std::unique_ptr<RocksStore>> RocksStore::Open(const std::string& path,
                                                             const RocksOptions& options) {
  auto database = std::make_unique<Database>(path, options);
  if (const absl::Status status = database->Open(options); !status.ok()) return status;
  return std::unique_ptr<RocksStore>(new RocksStore(std::move(database)));
}

absl::StatusOr<std::optional<std::string>> RocksStore::Get(Family family,
                                                           std::string_view key) const {
  return database_->Get(nullptr, family, key);
}

absl::Status RocksStore::Scan(Family family, std::string_view prefix, std::string_view from,
                              const Visitor& visit) const {
  return database_->Scan(nullptr, family, prefix, from, visit);
}

absl::Status RocksStore::ScanBack(Family family, std::string_view prefix, std::string_view from,
                                  const Visitor& visit) const {
  return database_->ScanBack(nullptr, family, prefix, from, visit);
}

absl::Status RocksStore::Apply(const Batch& batch) { return database_->Apply(batch); }

std::unique_ptr<View> RocksStore::Snapshot() const { return std::make_unique<Frozen>(*database_); }

}  // namespace bourse::ledger
