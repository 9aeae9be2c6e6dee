#include "cli/devnet/engine.h"

#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/devnet/process.h"
#include "cli/exit_code.h"
#include "cli/files.h"

namespace bourse::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kHowToGetIt[] =
    "\nGet it by: go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.17\nand put "
    "$(go env GOPATH)/bin on PATH, or say where it is with --cometbft-bin PATH";

// Runs a program, and gives the last line that it wrote.
absl::StatusOr<std::string> LastLineOf(const std::vector<std::string>& command,
                                       const fs::path& log) {
  if (absl::Status status = RunProgram(command, log); !status.ok()) return status;
  const std::string lines = LastLines(log);
  std::error_code ignored;
  fs::remove(log, ignored);
  return lines.substr(lines.rfind('\n') + 1);
}

fs::path SocketOf(const fs::path& home) { return home / "abci"; }

bool HasTooLongAPath(const fs::path& home) {
  return SocketOf(home).string().size() >= sizeof(sockaddr_un::sun_path);
}

std::string LocalPort(std::uint16_t port) { return absl::StrCat("127.0.0.1:", port); }

}  // namespace

absl::StatusOr<std::string> FindCometBft(const std::string& given) {
  absl::StatusOr<std::string> program = FindProgram("cometbft", given);
  if (!program.ok() && !given.empty()) return program;
  if (!program.ok()) {
    return UsageError(absl::StrCat("CometBFT is not on PATH", kHowToGetIt));
  }
  std::error_code error;
  const fs::path log = fs::temp_directory_path(error) / absl::StrCat("bourse-", getpid(), ".log");
  const absl::StatusOr<std::string> version = LastLineOf({*program, "version"}, log);
  if (!version.ok()) return version.status();
  if (version->starts_with("0.38.")) return program;
  return UsageError(
      absl::StrCat(*program, " is version ", *version, ", not 0.38 of CometBFT", kHowToGetIt));
}

absl::StatusOr<std::string> PrepareEngine(const std::string& cometbft, const fs::path& home,
                                          const fs::path& log) {
  const fs::path config = home / "config" / "config.toml";
  const absl::StatusOr<std::string> text = ReadFile(config);
  if (!text.ok()) return text.status();
  absl::Status written = WriteFile(
      config,
      absl::StrReplaceAll(*text, {{"allow_duplicate_ip = false", "allow_duplicate_ip = true"},
                                  {"addr_book_strict = true", "addr_book_strict = false"}}));
  if (!written.ok()) return written;
  return LastLineOf({cometbft, "gen-node-key", "--home", home.string()}, log);
}

std::vector<std::string> EngineFlags(const fs::path& home, const DevnetNode& node) {
  std::vector<std::string> out = {"--engine", "cometbft", "--engine-rpc", LocalPort(node.rpc_port)};
  if (HasTooLongAPath(home)) out.insert(out.end(), {"--engine-listen", LocalPort(node.app_port)});
  return out;
}

std::vector<std::string> EngineCommand(const std::string& cometbft, const fs::path& home,
                                       const DevnetNode& node,
                                       const std::vector<DevnetNode>& nodes) {
  std::vector<std::string> peers;
  for (const DevnetNode& other : nodes) {
    if (other.name == node.name) continue;
    peers.push_back(absl::StrCat(other.engine_id, "@", LocalPort(other.peer_port)));
  }
  return {cometbft,
          "start",
          "--home",
          (home / "cometbft").string(),
          "--proxy_app",
          HasTooLongAPath(home) ? absl::StrCat("tcp://", LocalPort(node.app_port))
                                : absl::StrCat("unix://", SocketOf(home).string()),
          "--rpc.laddr",
          absl::StrCat("tcp://", LocalPort(node.rpc_port)),
          "--p2p.laddr",
          absl::StrCat("tcp://", LocalPort(node.peer_port)),
          "--p2p.persistent_peers",
          absl::StrJoin(peers, ",")};
}

}  // namespace bourse::cli
