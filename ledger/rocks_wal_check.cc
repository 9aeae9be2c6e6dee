#include "ledger/rocks_wal_check.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/codec.h"
#include "ledger/rocks_status.h"

namespace bourse::ledger {
namespace {

constexpr std::size_t kBlockSize = 32 * 1024;
constexpr std::size_t kHeaderSize = 7;

enum class RecordType : std::uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

constexpr std::array<std::uint32_t, 256> MakeCrcTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc % 2 == 1 ? 0x82f63b78u : 0u);
    table[i] = crc;
  }
  return table;
}

// CRC-32C (RFC 3720), "masked" as RocksDB stores it.
std::uint32_t MaskedCrc32c(std::string_view bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = MakeCrcTable();
  std::uint32_t crc = 0xffffffffu;
  for (const char byte : bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ static_cast<std::uint8_t>(byte)) & 0xff];
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

// The numbers of a batch's changes, [first, last].
struct Sequences {
  std::uint64_t first;
  std::uint64_t last;
};

// What one log holds.
struct LogContents {
  std::optional<Sequences> intact;  // of all intact batches together
  // Numbers that are missing before an intact batch.
  std::optional<std::uint64_t> missing_before;
  bool torn = false;  // something that is not intact comes last
};

// Finds the intact batches of one log.
class LogScan {
 public:
  [[nodiscard]] static LogContents Run(std::string_view log) {
    LogScan scan;
    for (std::size_t at = 0; at < log.size(); at += kBlockSize) {
      scan.Block(log.substr(at, kBlockSize));
    }
    scan.out_.torn = scan.broken_ || scan.batch_.has_value();
    return scan.out_;
  }

 private:
  // A batch's first bytes: its first number and its count.
  static constexpr std::size_t kBatchHeader = 12;

  void Block(std::string_view block) {
    while (block.size() >= kHeaderSize) {
      Reader header(block.substr(0, kHeaderSize));
      const std::uint32_t crc = header.U32();
      const std::size_t length = header.U16();
      const std::uint8_t type = header.U8();
      if (length > block.size() - kHeaderSize || type < 1 || type > 4 ||
          MaskedCrc32c(block.substr(kHeaderSize - 1, 1 + length)) != crc) {
        // Lengths are not to be trusted from here to the block's end.
        broken_ = true;
        batch_.reset();
        return;
      }
      Record(static_cast<RecordType>(type), block.substr(kHeaderSize, length));
      block.remove_prefix(kHeaderSize + length);
    }
  }

  void Record(RecordType type, std::string_view bytes) {
    if (type == RecordType::kFull || type == RecordType::kFirst) {
      if (batch_.has_value()) broken_ = true;  // its end is missing
      batch_.emplace();
    }
    if (!batch_.has_value()) {
      broken_ = true;  // its beginning is missing
      return;
    }
    batch_->append(bytes.substr(0, kBatchHeader - std::min(kBatchHeader, batch_->size())));
    if (type == RecordType::kFull || type == RecordType::kLast) {
      Batch(*batch_);
      batch_.reset();
    }
  }

  void Batch(std::string_view header) {
    Reader reader(header);
    const std::uint64_t first = reader.U64();
    const std::uint64_t count = reader.U32();
    if (!reader.ok() || count == 0) return;
    const bool gap = out_.intact.has_value() && first != out_.intact->last + 1;
    if ((broken_ || gap) && !out_.missing_before.has_value()) out_.missing_before = first;
    out_.intact =
        Sequences{out_.intact.has_value() ? out_.intact->first : first, first + count - 1};
  }

  LogContents out_;
  bool broken_ = false;
  std::optional<std::string> batch_;  // the first bytes of the one being read
};

// Number → name of each log in the folder.
std::map<std::uint64_t, std::string> LogNames(const std::vector<std::string>& children) {
  static constexpr std::string_view kSuffix = ".log";
  std::map<std::uint64_t, std::string> out;
  for (const std::string& name : children) {
    if (!name.ends_with(kSuffix) || name.size() > 24) continue;
    const std::string number = name.substr(0, name.size() - kSuffix.size());
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos) continue;
    out[std::stoull(number)] = name;
  }
  return out;
}

// Whether `log` goes on later than where the one before it was torn. Numbers go on from log to log:
// those of a torn batch that replay dropped are given again. A log that ends well and is not
// followed by its next is no sign of damage, as logs that tables replaced are deleted in any order;
// that none which is needed is missing, RocksDB checks itself (track_and_verify_wals_in_manifest).
bool IsGap(const std::optional<LogContents>& previous, const LogContents& log) {
  return previous.has_value() && previous->torn && log.intact.has_value() &&
         log.intact->first > previous->intact->last + 1;
}

}  // namespace

absl::Status CheckWriteAheadLogs(rocksdb::Env* env, const std::string& path) {
  std::vector<std::string> children;
  if (const rocksdb::Status status = env->GetChildren(path, &children); !status.ok()) {
    return FromRocks(status, path);
  }
  std::optional<LogContents> previous;
  for (const auto& [number, name] : LogNames(children)) {
    std::string log;
    const rocksdb::Status status = rocksdb::ReadFileToString(env, path + "/" + name, &log);
    if (!status.ok()) return FromRocks(status, path);
    LogContents contents = LogScan::Run(log);
    if (!contents.missing_before.has_value() && IsGap(previous, contents)) {
      contents.missing_before = contents.intact->first;
    }
    if (contents.missing_before.has_value()) {
      return DamagedError(path, absl::StrCat("changes before number ", *contents.missing_before,
                                             " are missing from ", name,
                                             " or the log before it, though later ones are there"));
    }
    if (contents.intact.has_value()) previous = contents;
  }
  return absl::OkStatus();
}

}  // namespace bourse::ledger
