// A FrameGuard with a clock that tests move.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "node/gate/frame_guard.h"
#include "node/gate/testing/frames.h"

namespace bourse::gate::testing {

inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kStart = 1'000 * kSecond;

inline std::span<const std::uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class Guard {
 public:
  explicit Guard(Role role = Role::kServer, const GuardOptions& options = {},
                 SharedLoad* all = nullptr, SharedLoad* address = nullptr)
      : guard_(role, options, kStart, all, address) {}

  Verdict Remote(std::string_view bytes) { return guard_.OnRemote(AsBytes(bytes), now_us_); }
  Verdict Local(std::string_view bytes) { return guard_.OnLocal(AsBytes(bytes), now_us_); }
  Verdict After(std::int64_t us) {
    now_us_ += us;
    return guard_.OnTime(now_us_);
  }
  // Greets as a client and a server do.
  Guard& Greet(Role role = Role::kServer) {
    Remote((role == Role::kServer ? kPreface : "") + Settings());
    Local((role == Role::kClient ? kPreface : "") + Settings());
    return *this;
  }
  FrameGuard& operator*() { return guard_; }
  FrameGuard* operator->() { return &guard_; }

 private:
  FrameGuard guard_;
  std::int64_t now_us_ = kStart;
};

// The headers of calls `first`, `first` + 2, …
inline std::string Calls(int count, std::uint32_t first = 1) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += Headers(first + 2 * static_cast<std::uint32_t>(i));
  return bytes;
}

}  // namespace bourse::gate::testing
