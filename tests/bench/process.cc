#include "tests/bench/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace bourse::bench {

void Fail(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

pid_t Spawn(std::vector<std::string> arguments, const std::string& log) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a benchmark that fails leaves nothing running
    ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
    if (!log.empty()) {
      const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(file, STDOUT_FILENO);
      ::dup2(file, STDERR_FILENO);
    }
    ::execvp(argv[0], argv.data());
    std::_Exit(127);
  }
  return pid;
}

void RunToEnd(const std::vector<std::string>& arguments) {
  int status = 0;
  ::waitpid(Spawn(arguments, ""), &status, 0);
  if (status != 0) Fail(absl::StrCat(arguments[0], " ", arguments[1], " failed: see above"));
}

void StopAll(const std::vector<pid_t>& pids) {
  for (const pid_t pid : pids) {
    if (pid > 0) ::kill(pid, SIGTERM);
  }
  for (const pid_t pid : pids) {
    int status = 0;
    if (pid > 0) ::waitpid(pid, &status, 0);
  }
}

double CpuSecondsOf(pid_t pid) {
  double ticks = 0;
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string word;
  for (int field = 1; field <= 15 && file >> word; ++field) {
    if (field >= 14) ticks += std::stod(word);  // user and system
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace bourse::bench
