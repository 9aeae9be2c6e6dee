// bourse: the command for traders and operators. See docs/cli.md.
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "cli/app.h"
#include "common/ed25519.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // `bourse … | head` ends without a crash
  if (const absl::Status status = bourse::CheckVerifier(); !status.ok()) {
    std::cerr << "bourse: " << status.message() << std::endl;
    return static_cast<int>(bourse::cli::ExitCode::kUsage);
  }
  return static_cast<int>(bourse::cli::RunBourse(std::vector<std::string>(argv + 1, argv + argc),
                                                 std::cout, std::cerr));
}
