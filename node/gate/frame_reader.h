// FrameReader: cuts a stream of bytes, in whatever pieces it comes, into HTTP/2
// frame headers and payloads (RFC 9113, section 4.1).
//
//   FrameReader reader(/*preface=*/true);
//   for (;;) {
//     const FrameReader::Event event = reader.Next(&bytes);
//     if (event == FrameReader::Event::kNeedMore) break;
//     ...
//   }
//
// Pure, allocates nothing. Payload is handed out as it comes, never stored.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace bourse::gate {

// RFC 9113, section 6.
enum class FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kResetStream = 3,
  kSettings = 4,
  kPushPromise = 5,
  kPing = 6,
  kGoaway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
};

inline constexpr std::uint8_t kFlagEndStream = 0x1;
inline constexpr std::uint8_t kFlagAck = 0x1;
inline constexpr std::uint8_t kFlagEndHeaders = 0x4;
inline constexpr std::uint8_t kFlagPadded = 0x8;

inline constexpr std::size_t kFrameHeaderBytes = 9;
inline constexpr std::size_t kPrefaceBytes = 24;

struct FrameHeader {
  std::uint32_t length = 0;  // of the payload, below 2^24
  FrameType type = FrameType::kData;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;  // without the reserved bit

  [[nodiscard]] bool Has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

class FrameReader {
 public:
  enum class Event : std::uint8_t {
    kNeedMore,    // nothing left in these bytes
    kBadPreface,  // not HTTP/2; every later call says so too
    kHeader,      // header() is new
    kPayload,     // payload() is a piece of header()'s payload, not empty
    kFrameEnd,    // all of header()'s payload was there; for an empty frame too
  };

  // With `preface`, the client's 24 bytes come before the first frame.
  explicit FrameReader(bool preface) : preface_left_(preface ? kPrefaceBytes : 0) {}

  // Consumes bytes from the front of `*bytes` up to the next event.
  Event Next(std::span<const std::uint8_t>* bytes);

  [[nodiscard]] const FrameHeader& header() const { return header_; }
  // Valid until the bytes given to Next are.
  [[nodiscard]] std::span<const std::uint8_t> payload() const { return payload_; }
  [[nodiscard]] bool preface_done() const { return preface_left_ == 0; }
  // Some bytes of a frame have come, and some have not.
  [[nodiscard]] bool inside_frame() const { return have_ != 0 || inside_payload_; }
  // The header is there, and some of the payload is not: header() is this frame's.
  [[nodiscard]] bool inside_payload() const { return inside_payload_; }

 private:
  Event NextOfPreface(std::span<const std::uint8_t>* bytes);
  void ParseHeader();

  std::size_t preface_left_;
  bool bad_ = false;
  std::size_t have_ = 0;  // bytes of the header
  std::array<std::uint8_t, kFrameHeaderBytes> head_{};
  FrameHeader header_;
  bool inside_payload_ = false;
  std::uint32_t payload_left_ = 0;
  std::span<const std::uint8_t> payload_;
};

}  // namespace bourse::gate
