#include "cli/devnet/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <system_error>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/exit_code.h"
#include "cli/files.h"

namespace bourse::cli {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& command, const fs::path& log) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGHUP);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, command.front().c_str(), &files, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) {
    return UsageError(absl::StrCat(command.front(), " can't be started: ", strerror(error)));
  }
  return pid;
}

// In a zombie's stead nobody runs: it only waits for its parent to look.
bool IsZombie(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  const std::string stat((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::size_t after_name = stat.rfind(')');
  return after_name != std::string::npos && stat.compare(after_name, 3, ") Z") == 0;
}

sockaddr_in Local(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool IsFree(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int reuse = 1;  // as the node does
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
  const sockaddr_in address = Local(port);
  const bool free = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
                    listen(fd, 1) == 0;
  close(fd);
  return free;
}

}  // namespace

absl::Status RunProgram(const std::vector<std::string>& command, const fs::path& log) {
  const absl::StatusOr<pid_t> pid = Spawn(command, log);
  if (!pid.ok()) return pid.status();
  int ended = 0;
  while (waitpid(*pid, &ended, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0) return absl::OkStatus();
  return RejectedError(
      absl::StrCat(command.front(), " ", command[1], " failed:\n", LastLines(log)));
}

absl::StatusOr<pid_t> StartDaemon(const std::vector<std::string>& command, const fs::path& log) {
  return Spawn(command, log);
}

bool ChildHasEnded(pid_t pid) {
  const pid_t found = waitpid(pid, nullptr, WNOHANG);
  return found == pid || (found < 0 && errno == ECHILD);
}

bool IsRunning(pid_t pid, const std::string& mark) {
  if (pid <= 0) return false;
  waitpid(pid, nullptr, WNOHANG);  // a child of ours that has ended
  if (IsZombie(pid)) return false;
  std::ifstream file(absl::StrCat("/proc/", pid, "/cmdline"));
  const std::string line((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::vector<std::string> words = absl::StrSplit(line, '\0');
  return std::find(words.begin(), words.end(), mark) != words.end();
}

absl::Status SendSignal(pid_t pid, const std::string& mark, int signal) {
  if (!IsRunning(pid, mark) || kill(pid, signal) == 0 || errno == ESRCH) return absl::OkStatus();
  return RejectedError(absl::StrCat("process ", pid, " can't be stopped: ", strerror(errno)));
}

absl::Status AwaitEnd(pid_t pid, const std::string& mark, std::uint64_t timeout_micros) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(timeout_micros);
  while (IsRunning(pid, mark)) {
    if (std::chrono::steady_clock::now() > end) {
      return absl::DeadlineExceededError(absl::StrCat("process ", pid,
                                                      " was asked to stop, and "
                                                      "still runs; 'kill -9 ",
                                                      pid, "' ends it, and it will recover"));
    }
    Pause();
  }
  return absl::OkStatus();
}

absl::Status StopAndWait(pid_t pid, const std::string& mark, std::uint64_t timeout_micros) {
  if (absl::Status sent = SendSignal(pid, mark, SIGTERM); !sent.ok()) return sent;
  return AwaitEnd(pid, mark, timeout_micros);
}

pid_t ReadPid(const fs::path& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  int pid = 0;
  if (!text.ok() || !absl::SimpleAtoi(text->substr(0, text->find('\n')), &pid)) return 0;
  return pid;
}

bool IsListening(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const sockaddr_in address = Local(port);
  const bool listening =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return listening;
}

absl::StatusOr<std::vector<std::uint16_t>> FreePorts(std::size_t count) {
  constexpr std::uint16_t kFirst = 20'000, kLast = 31'999;  // the system's begin at 32,768
  std::random_device random;
  std::uniform_int_distribution<std::uint32_t> any(kFirst, kLast);
  std::vector<std::uint16_t> out;
  for (int tries = 0; out.size() < count && tries < 10'000; ++tries) {
    const auto port = static_cast<std::uint16_t>(any(random));
    const bool chosen = std::find(out.begin(), out.end(), port) != out.end();
    if (!chosen && IsFree(port)) out.push_back(port);
  }
  if (out.size() < count) return RejectedError("no ports are free on 127.0.0.1");
  return out;
}

void Pause() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

std::string LastLines(const fs::path& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return "";
  std::vector<std::string> lines = absl::StrSplit(*text, '\n', absl::SkipEmpty());
  std::string out;
  for (std::size_t i = lines.size() > 8 ? lines.size() - 8 : 0; i < lines.size(); ++i) {
    absl::StrAppend(&out, i == 0 || out.empty() ? "" : "\n", lines[i]);
  }
  return out;
}

absl::StatusOr<std::string> FindProgram(const std::string& name, const std::string& given) {
  const auto runs = [](const fs::path& path) { return access(path.c_str(), X_OK) == 0; };
  std::error_code error;
  if (!given.empty()) {
    if (runs(given)) return fs::absolute(given, error).string();
    return UsageError(absl::StrCat(given, " is no program that can be started"));
  }
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::vector<fs::path> places = {folder / name, folder.parent_path() / "node" / name};
  const char* path = std::getenv("PATH");
  const std::vector<std::string> entries = absl::StrSplit(path == nullptr ? "" : path, ':');
  for (const std::string& entry : entries) {
    if (entry.starts_with('/')) places.push_back(fs::path(entry) / name);
  }
  for (const fs::path& place : places) {
    if (runs(place) && !fs::is_directory(place, error)) return place.lexically_normal().string();
  }
  return UsageError(absl::StrCat("the program ", name,
                                 " is neither beside bourse nor on PATH: "
                                 "say where it is with --",
                                 name, " PATH"));
}

}  // namespace bourse::cli
