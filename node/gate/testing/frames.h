// HTTP/2 frames as bytes, for tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "node/gate/frame_reader.h"

namespace bourse::gate::testing {

inline const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline std::string BigEndian(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text.push_back(static_cast<char>(value >> shift & 0xff));
  }
  return text;
}

// The header alone, which may promise any length.
inline std::string Header(std::uint32_t length, std::uint8_t type, std::uint8_t flags,
                          std::uint32_t stream) {
  return BigEndian(length, 3) + static_cast<char>(type) + static_cast<char>(flags) +
         BigEndian(stream, 4);
}

inline std::string Frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                         std::string_view payload = "") {
  return Header(static_cast<std::uint32_t>(payload.size()), static_cast<std::uint8_t>(type), flags,
                stream)
      .append(payload);
}

inline std::string Settings(std::string_view entries = "") {
  return Frame(FrameType::kSettings, 0, 0, entries);
}
inline std::string Setting(std::uint32_t id, std::uint32_t value) {
  return BigEndian(id, 2) + BigEndian(value, 4);
}
inline std::string SettingsAck() { return Frame(FrameType::kSettings, kFlagAck, 0); }
inline std::string Ping() { return Frame(FrameType::kPing, 0, 0, "12345678"); }
inline std::string PingAck() { return Frame(FrameType::kPing, kFlagAck, 0, "12345678"); }
inline std::string Goaway() { return Frame(FrameType::kGoaway, 0, 0, "12345678"); }

inline std::string Headers(std::uint32_t stream, std::uint8_t flags = kFlagEndHeaders,
                           std::string_view block = "block") {
  return Frame(FrameType::kHeaders, flags, stream, block);
}
inline constexpr std::uint8_t kFlagsLastHeaders = kFlagEndHeaders | kFlagEndStream;

inline std::string Continuation(std::uint32_t stream, std::uint8_t flags = 0,
                                std::string_view block = "block") {
  return Frame(FrameType::kContinuation, flags, stream, block);
}
inline std::string Data(std::uint32_t stream, std::string_view bytes, std::uint8_t flags = 0) {
  return Frame(FrameType::kData, flags, stream, bytes);
}
inline std::string Reset(std::uint32_t stream) {
  return Frame(FrameType::kResetStream, 0, stream, BigEndian(8, 4));
}
inline std::string WindowUpdate(std::uint32_t stream, std::uint32_t increment = 1000) {
  return Frame(FrameType::kWindowUpdate, 0, stream, BigEndian(increment, 4));
}
inline std::string Priority(std::uint32_t stream) {
  return Frame(FrameType::kPriority, 0, stream, "12345");
}

// A whole gRPC message with `size` bytes in it, or its first bytes.
inline std::string Message(std::uint32_t size) {
  return std::string(1, '\0') + BigEndian(size, 4) + std::string(size, 'm');
}

inline std::string Times(int count, const std::string& bytes) {
  std::string all;
  all.reserve(static_cast<std::size_t>(count) * bytes.size());
  for (int i = 0; i < count; ++i) all += bytes;
  return all;
}

}  // namespace bourse::gate::testing
