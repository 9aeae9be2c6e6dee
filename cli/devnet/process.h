// Starts, finds and stops the programs of a devnet.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bourse::cli {

// Runs a program to its end, its output appended to `log`. kFailedPrecondition, with the end of
// the log, if it fails.
[[nodiscard]] absl::Status RunProgram(const std::vector<std::string>& command,
                                      const std::filesystem::path& log);

// Starts a program that goes on when this one ends: in a session of its own, without standard
// input, its output appended to `log`.
[[nodiscard]] absl::StatusOr<pid_t> StartDaemon(const std::vector<std::string>& command,
                                                const std::filesystem::path& log);

// True if what StartDaemon has just started has ended. It tells for sure; IsRunning would not see
// a process that is about to begin.
[[nodiscard]] bool ChildHasEnded(pid_t pid);

// True if the process runs, and `mark` is among its arguments: process ids are used again.
[[nodiscard]] bool IsRunning(pid_t pid, const std::string& mark);

// Sends a signal (SIGTERM asks it to stop) to a process that runs; nothing to one that does not.
[[nodiscard]] absl::Status SendSignal(pid_t pid, const std::string& mark, int signal);
// Waits until it has ended. kDeadlineExceeded: it still runs.
[[nodiscard]] absl::Status AwaitEnd(pid_t pid, const std::string& mark,
                                    std::uint64_t timeout_micros);
// Asks it to stop, and waits.
[[nodiscard]] absl::Status StopAndWait(pid_t pid, const std::string& mark,
                                       std::uint64_t timeout_micros);

// The process id that a file holds; 0: none. The file may be of a process that is long gone.
[[nodiscard]] pid_t ReadPid(const std::filesystem::path& path);

// Whether somebody takes connections on this port of 127.0.0.1.
[[nodiscard]] bool IsListening(std::uint16_t port);

// So many different ports on 127.0.0.1 that nobody listens on now, outside the range from which the
// system itself takes ports for connections. kFailedPrecondition: none are free.
[[nodiscard]] absl::StatusOr<std::vector<std::uint16_t>> FreePorts(std::size_t count);

// For waiting until something is so: looks, with short pauses, until the time is over.
void Pause();

// The last lines of a file, for messages; empty if there is none.
[[nodiscard]] std::string LastLines(const std::filesystem::path& path);

// `given`, else the program beside this one (or where the build puts it), else on PATH.
// kInvalidArgument: found nowhere.
[[nodiscard]] absl::StatusOr<std::string> FindProgram(const std::string& name,
                                                      const std::string& given);

}  // namespace bourse::cli
