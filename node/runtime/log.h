// The node's log: one line an event, as key=value pairs (logfmt), to standard error.
//
//   Log(Level::kInfo, "serving", {{"address", "127.0.0.1:7400"}});
//   ts=2026-01-31T12:00:00.123456Z level=info msg=serving address=127.0.0.1:7400
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bourse::runtime {

enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarning, kError };

// A value as text. Anything that is not plain is put in quotes.
struct LogField {
  LogField(std::string_view name_in, std::string_view text) : name(name_in), value(text) {}
  LogField(std::string_view name_in, std::uint64_t number)
      : name(name_in), value(absl::StrCat(number)) {}
  std::string_view name;
  std::string value;
};

// From "trace" to "error"; anything else is info. Before anything is logged.
void StartLog(std::string_view level);
// Thread-safe.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
[[nodiscard]] bool LogsAt(LogLevel level);

// `value` as a logfmt value: as it is, or in quotes with ", \ and control characters escaped.
[[nodiscard]] std::string LogfmtValue(std::string_view value);

}  // namespace bourse::runtime
