// bourse: the command for traders and operators. See docs/cli.md.
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "cli/app.h"
#include "common/ed25519.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);                      // `bourse … | head` ends without a crash
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // errors are told once, by us
  if (const absl::Status status = bourse::CheckVerifier(); !status.ok()) {
    std::cerr << "bourse: " << status.message() << std::endl;
    return static_cast<int>(bourse::cli::ExitCode::kUsage);
  }
  return static_cast<int>(bourse::cli::RunBourse(std::vector<std::string>(argv + 1, argv + argc),
                                                 std::cout, std::cerr));
}
