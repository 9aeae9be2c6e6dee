#include "node/runtime/engine_check.h"

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/hash.h"
#include "node/cometbft/app_hash.h"
#include "node/config/config.h"

namespace bourse::runtime {
namespace {

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

absl::Status IsFor(const config::Home& home, const std::string& engine, const std::string& whose) {
  return absl::FailedPreconditionError(absl::StrCat(
      home.path, ": this node's blocks are ordered by ", whose, ", and its network keeps that: ",
      "start it with --engine ", engine, ", or with engine = \"", engine, "\" in ", home.toml(),
      ". A node of another network is made by: boursed init --home DIR --engine ENGINE"));
}

}  // namespace

absl::Status CheckEngine(const config::Home& home, std::string_view engine,
                         const ledger::View& ledger) {
  const bool for_cometbft = Exists(home.engine()) && !Exists(home.consensus());
  const bool for_simplex = Exists(home.consensus()) && !Exists(home.engine());
  if (engine == config::kCometBft) {
    if (for_simplex) return IsFor(home, config::kSimplex, "the built-in consensus");
    return absl::OkStatus();
  }
  const absl::StatusOr<std::optional<Hash256>> app_hash = cometbft::ReadAppHash(ledger);
  if (!app_hash.ok()) return app_hash.status();
  if (for_cometbft || app_hash->has_value()) return IsFor(home, config::kCometBft, "CometBFT");
  return absl::OkStatus();
}

}  // namespace bourse::runtime
