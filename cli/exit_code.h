// How a command ends. Errors travel as absl::Status; the code of the status decides.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bourse::cli {

// The process's exit codes; docs/cli.md promises them.
enum class ExitCode {
  kDone = 0,
  kRejected = 1,     // the node or the exchange said no, or there is no such thing
  kUsage = 2,        // what was typed can't be done as typed; nothing was sent
  kUnreachable = 3,  // no node answered; nothing was sent
  kUnknown = 4,      // sent, and nobody knows what became of it: ask `bourse tx`
};

[[nodiscard]] inline absl::Status UsageError(const std::string& text) {
  return absl::InvalidArgumentError(text);
}
[[nodiscard]] inline absl::Status RejectedError(const std::string& text) {
  return absl::FailedPreconditionError(text);
}
[[nodiscard]] inline absl::Status UnreachableError(const std::string& text) {
  return absl::UnavailableError(text);
}
[[nodiscard]] inline absl::Status OutcomeUnknownError(const std::string& text) {
  return absl::UnknownError(text);
}

[[nodiscard]] inline ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kDone;
    case absl::StatusCode::kInvalidArgument:
      return ExitCode::kUsage;
    case absl::StatusCode::kUnavailable:
      return ExitCode::kUnreachable;
    case absl::StatusCode::kUnknown:
      return ExitCode::kUnknown;
    default:
      return ExitCode::kRejected;
  }
}

// As JSON documents name it.
[[nodiscard]] inline const char* NameOf(ExitCode code) {
  switch (code) {
    case ExitCode::kDone:
      return "DONE";
    case ExitCode::kRejected:
      return "REJECTED";
    case ExitCode::kUsage:
      return "USAGE";
    case ExitCode::kUnreachable:
      return "UNREACHABLE";
    case ExitCode::kUnknown:
      return "OUTCOME_UNKNOWN";
  }
  return "REJECTED";
}

}  // namespace bourse::cli
