#include "ledger/rocks_log.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/codec.h"

namespace bourse::ledger {
namespace {

constexpr std::size_t kBlockSize = 32 * 1024;
constexpr std::size_t kFragmentHeader = 7;

// 5 to 8 are the same in a log whose file is used again, with a number more; we use none.
enum FragmentType : std::uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

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

class LogReader {
 public:
  LogContents Read(std::string_view file) {
    for (std::size_t at = 0; at < file.size(); at += kBlockSize) {
      ReadBlock(file.substr(at, kBlockSize), at);
    }
    out_.torn = damaged_ || unfinished_.has_value();
    return std::move(out_);
  }

 private:
  void ReadBlock(std::string_view block, std::size_t start) {
    std::size_t at = 0;
    while (block.size() - at >= kFragmentHeader) {
      Reader header(block.substr(at, kFragmentHeader));
      const std::uint32_t crc = header.U32();
      const std::size_t length = header.U16();
      const std::uint8_t type = header.U8();
      const bool fits = length <= block.size() - at - kFragmentHeader;
      if (!fits || type < kFull || type > kLast ||
          MaskedCrc32c(block.substr(at + kFragmentHeader - 1, 1 + length)) != crc) {
        // Lengths are not to be trusted from here to the block's end.
        damaged_ = true;
        unfinished_.reset();
        return;
      }
      Fragment(type, block.substr(at + kFragmentHeader, length));
      at += kFragmentHeader + length;
      if (!damaged_ && !unfinished_.has_value()) out_.intact_bytes = start + at;
    }
  }

  void Fragment(std::uint8_t type, std::string_view bytes) {
    if (type == kFull || type == kFirst) {
      if (unfinished_.has_value()) damaged_ = true;  // its end is missing
      unfinished_.emplace();
    }
    if (!unfinished_.has_value()) {
      damaged_ = true;  // its beginning is missing
      return;
    }
    unfinished_->append(
        bytes.substr(0, kLogHeadSize - std::min(kLogHeadSize, unfinished_->size())));
    if (type == kFull || type == kLast) {
      out_.records.push_back({std::move(*unfinished_), damaged_});
      unfinished_.reset();
    }
  }

  LogContents out_;
  bool damaged_ = false;
  std::optional<std::string> unfinished_;  // the head of the record being read
};

}  // namespace

LogContents ReadLog(std::string_view file) { return LogReader().Read(file); }

}  // namespace bourse::ledger
