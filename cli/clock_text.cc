#include "cli/clock_text.h"

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "cli/decimal.h"
#include "common/checked_math.h"

namespace bourse::cli {
namespace {

constexpr std::uint64_t kYear10000 = 253'402'300'800 * kMicrosPerSecond;

std::uint64_t SecondsOf(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3'600;
    case 'd':
      return 86'400;
    default:
      return 0;
  }
}

}  // namespace

absl::StatusOr<std::uint64_t> ParseDuration(std::string_view what, std::string_view text) {
  const std::uint64_t unit = text.empty() ? 0 : SecondsOf(text.back());
  const absl::StatusOr<std::uint64_t> count =
      ParseNumber(what, text.substr(0, text.empty() ? 0 : text.size() - 1));
  if (unit == 0 || !count.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(what), " '", std::string(text.substr(0, 40)),
                     "' is not a duration: write a whole number and s, m, h or d, such as 10m"));
  }
  const std::optional<std::uint64_t> micros = CheckedMul(*count, unit * kMicrosPerSecond);
  if (!micros.has_value() || *micros > kYear10000) {
    return absl::InvalidArgumentError(absl::StrCat(std::string(what), " is too long"));
  }
  return *micros;
}

absl::StatusOr<std::uint64_t> ParseTime(std::string_view what, std::string_view text,
                                        std::uint64_t now) {
  if (text.find('-') == std::string_view::npos) {
    const absl::StatusOr<std::uint64_t> duration = ParseDuration(what, text);
    if (!duration.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(duration.status().message(), ", or a time such as 2026-11-22T15:04:05Z"));
    }
    return now + *duration;
  }
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, std::string(text), &time, &error) ||
      absl::ToUnixMicros(time) <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(what), " '", std::string(text.substr(0, 40)),
                     "' is not a time: write it as 2026-11-22T15:04:05Z, or as a duration: 10m"));
  }
  return static_cast<std::uint64_t>(absl::ToUnixMicros(time));
}

std::string FormatTime(std::uint64_t micros) {
  if (micros >= kYear10000) return absl::StrCat(micros);
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ",
                          absl::FromUnixMicros(static_cast<std::int64_t>(micros)),
                          absl::UTCTimeZone());
}

std::string FormatSeconds(std::uint64_t seconds) {
  const std::uint64_t minutes = seconds / 60;
  if (minutes == 0) return absl::StrCat(seconds, " s");
  if (minutes < 60) return absl::StrFormat("%d min %02d s", minutes, seconds % 60);
  return absl::StrFormat("%d h %02d min", minutes / 60, minutes % 60);
}

}  // namespace bourse::cli
