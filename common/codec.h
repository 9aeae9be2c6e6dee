// Fixed little-endian layouts, for what is hashed, signed or stored.
//
//   Writer writer;
//   writer.U64(height.value());
//   writer.Raw(hash.bytes);
//   std::string bytes = std::move(writer).Take();
//
//   Reader reader(bytes);
//   const std::uint64_t height = reader.U64();
//   reader.Raw(hash.bytes);
//   if (!reader.Done()) …  // too short, or something left
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "common/hash.h"

namespace bourse {

class Writer {
 public:
  Writer() = default;
  Writer(const Writer&) = default;
  Writer& operator=(const Writer&) = default;
  Writer(Writer&& other) noexcept
      : out_(std::exchange(other.out_, {})), used_(std::exchange(other.used_, 0)) {}
  Writer& operator=(Writer&& other) noexcept {
    out_ = std::exchange(other.out_, {});
    used_ = std::exchange(other.used_, 0);
    return *this;
  }
  ~Writer() = default;

  void U8(std::uint8_t value) { Little(value); }
  void U16(std::uint16_t value) { Little(value); }
  void U32(std::uint32_t value) { Little(value); }
  void U64(std::uint64_t value) { Little(value); }
  // Big-endian: for keys, whose bytes sort as the numbers do.
  void BigU32(std::uint32_t value) { Big(value); }
  void BigU64(std::uint64_t value) { Big(value); }
  void Raw(Bytes bytes) { Raw(AsText(bytes)); }
  void Raw(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(Room(bytes.size()), bytes.data(), bytes.size());
  }
  // A 32-bit length, then the bytes.
  void Sized(std::string_view bytes) {
    U32(static_cast<std::uint32_t>(bytes.size()));
    Raw(bytes);
  }

  // Makes room for so many bytes in all.
  void Reserve(std::size_t size) {
    if (size > out_.size()) out_.resize(size);
  }
  // Forgets what was written, and keeps its memory for what comes.
  void Clear() { used_ = 0; }

  // What was written; good until more is.
  [[nodiscard]] std::string_view bytes() const { return {out_.data(), used_}; }
  [[nodiscard]] std::string Take() && {
    out_.resize(std::exchange(used_, 0));
    return std::move(out_);
  }

 private:
  // Where the next `size` bytes go.
  char* Room(std::size_t size) {
    if (size > out_.size() - used_) Grow(size);
    return out_.data() + std::exchange(used_, used_ + size);
  }
  [[gnu::noinline]] void Grow(std::size_t size) {
    out_.resize(std::max({out_.capacity(), 2 * out_.size(), used_ + size}));
  }
  template <typename Integer>
  void Little(Integer value) {
    char* const at = Room(sizeof(value));
    for (std::size_t i = 0; i < sizeof(value); ++i) at[i] = static_cast<char>(value >> (8 * i));
  }
  template <typename Integer>
  void Big(Integer value) {
    char* const at = Room(sizeof(value)) + sizeof(value) - 1;
    for (std::size_t i = 0; i < sizeof(value); ++i) *(at - i) = static_cast<char>(value >> (8 * i));
  }

  std::string out_;  // of which the first `used_` bytes are written
  std::size_t used_ = 0;
};

// Reads what Writer wrote. Past the end it returns zeros and ok() turns false, so callers check
// once, at the end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  std::uint8_t U8() { return static_cast<std::uint8_t>(Little(1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Little(2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Little(4)); }
  std::uint64_t U64() { return Little(8); }
  std::uint32_t BigU32() { return static_cast<std::uint32_t>(Big(4)); }
  std::uint64_t BigU64() { return Big(8); }
  void Raw(std::span<std::uint8_t> out) {
    const std::string_view bytes = Take(out.size());
    if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  }
  std::string_view Sized() { return Take(U32()); }

  // Nothing was missing so far.
  [[nodiscard]] bool ok() const { return ok_; }
  // Nothing was missing, and nothing is left.
  [[nodiscard]] bool Done() const { return ok_ && left_.empty(); }
  [[nodiscard]] std::size_t left() const { return left_.size(); }

 private:
  std::string_view Take(std::size_t size) {
    if (size > left_.size()) {
      ok_ = false;
      left_ = {};
      return {};
    }
    const std::string_view out = left_.substr(0, size);
    left_.remove_prefix(size);
    return out;
  }
  std::uint64_t Little(std::size_t size) {
    const std::string_view bytes = Take(size);
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
    }
    return value;
  }
  std::uint64_t Big(std::size_t size) {
    std::uint64_t value = 0;
    for (const char byte : Take(size)) value = value << 8 | static_cast<std::uint8_t>(byte);
    return value;
  }
  std::string_view left_;
  bool ok_ = true;
};

}  // namespace bourse
