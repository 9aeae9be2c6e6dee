// Times and durations as people type and read them. All in microseconds; times since 1970 UTC.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace bourse::cli {

inline constexpr std::uint64_t kMicrosPerSecond = 1'000'000;

// "90s", "10m", "2h", "7d": a whole number and a unit.
[[nodiscard]] absl::StatusOr<std::uint64_t> ParseDuration(std::string_view what,
                                                          std::string_view text);

// A duration from `now` on, or a time such as "2026-11-22T15:04:05Z".
[[nodiscard]] absl::StatusOr<std::uint64_t> ParseTime(std::string_view what, std::string_view text,
                                                      std::uint64_t now);

// "2026-11-22T15:04:05.123456Z"; what lies past the year 9999 as a number.
[[nodiscard]] std::string FormatTime(std::uint64_t micros);

// "2 h 03 min", for uptimes.
[[nodiscard]] std::string FormatSeconds(std::uint64_t seconds);

}  // namespace bourse::cli
