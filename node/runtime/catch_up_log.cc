#include "node/runtime/catch_up_log.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "node/runtime/log.h"

namespace bourse::runtime {
namespace {

constexpr std::uint64_t kEveryUs = 5'000'000;
// A block or two behind is no news.
constexpr std::uint64_t kWorthTelling = 10;

}  // namespace

void CatchUpLog::Turned(const replica::Progress& progress, std::uint64_t now_us) {
  if (!progress.catching_up) {
    if (catching_up_ && said_us_ != began_us_) {
      Log(LogLevel::kInfo, "caught up", {{"height", progress.height.value()}});
    }
    catching_up_ = false;
    return;
  }
  if (!catching_up_) {
    catching_up_ = true;
    began_us_ = said_us_ = now_us;
    began_ = progress.height;
    return;
  }
  const std::uint64_t left =
      std::max(progress.network, progress.height).value() - progress.height.value();
  if (now_us < said_us_ + kEveryUs || left < kWorthTelling) return;
  said_us_ = now_us;
  const std::uint64_t done = progress.height.value() - began_.value();
  const std::uint64_t per_second =
      done * 1'000'000 / std::max<std::uint64_t>(1, now_us - began_us_);
  Log(LogLevel::kInfo, "catching up",
      {{"height", progress.height.value()},
       {"network", progress.network.value()},
       {"blocks_per_second", per_second},
       {"seconds_left",
        per_second == 0 ? std::string("unknown") : absl::StrCat(left / per_second)}});
}

}  // namespace bourse::runtime
