#include "node/gate/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace bourse::gate {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
static_assert(kPreface.size() == kPrefaceBytes);

}  // namespace

FrameReader::Event FrameReader::NextOfPreface(std::span<const std::uint8_t>* bytes) {
  const std::size_t count = std::min(bytes->size(), preface_left_);
  if (std::memcmp(bytes->data(), kPreface.data() + (kPrefaceBytes - preface_left_), count) != 0) {
    bad_ = true;
    return Event::kBadPreface;
  }
  preface_left_ -= count;
  *bytes = bytes->subspan(count);
  return Event::kNeedMore;
}

FrameReader::Event FrameReader::Next(std::span<const std::uint8_t>* bytes) {
  if (bad_) return Event::kBadPreface;
  if (preface_left_ != 0 && !bytes->empty() && NextOfPreface(bytes) == Event::kBadPreface) {
    return Event::kBadPreface;
  }
  if (inside_payload_) {
    if (payload_left_ == 0) {
      inside_payload_ = false;
      return Event::kFrameEnd;
    }
    if (bytes->empty()) return Event::kNeedMore;
    const std::size_t count = std::min<std::size_t>(bytes->size(), payload_left_);
    payload_ = bytes->first(count);
    *bytes = bytes->subspan(count);
    payload_left_ -= static_cast<std::uint32_t>(count);
    return Event::kPayload;
  }
  if (bytes->empty()) return Event::kNeedMore;
  const std::size_t count = std::min(bytes->size(), kFrameHeaderBytes - have_);
  std::memcpy(head_.data() + have_, bytes->data(), count);
  have_ += count;
  *bytes = bytes->subspan(count);
  if (have_ < kFrameHeaderBytes) return Event::kNeedMore;
  ParseHeader();
  return Event::kHeader;
}

void FrameReader::ParseHeader() {
  have_ = 0;
  const auto byte = [this](std::size_t i) { return static_cast<std::uint32_t>(head_[i]); };
  header_.length = byte(0) << 16 | byte(1) << 8 | byte(2);
  header_.type = static_cast<FrameType>(head_[3]);
  header_.flags = head_[4];
  header_.stream = (byte(5) & 0x7f) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8);
  inside_payload_ = true;
  payload_left_ = header_.length;
}

}  // namespace bourse::gate
