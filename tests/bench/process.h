// Processes of a benchmark.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace bourse::bench {

// Says why, and ends the benchmark with 1.
[[noreturn]] void Fail(const std::string& why);

// Starts a program, found on PATH if it is no path; it is killed when the calling thread ends. What
// it says goes to the end of `log`; empty: its errors go to ours, the rest nowhere.
[[nodiscard]] pid_t Spawn(std::vector<std::string> arguments, const std::string& log);
// Starts it and waits for its end. Fails if that is not 0.
void RunToEnd(const std::vector<std::string>& arguments);

// Sends SIGTERM to all, and waits until they have ended; 0 or less is none.
void StopAll(const std::vector<pid_t>& pids);

// CPU time so far, of one that runs, in seconds.
[[nodiscard]] double CpuSecondsOf(pid_t pid);

}  // namespace bourse::bench
