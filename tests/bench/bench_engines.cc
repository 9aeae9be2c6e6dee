#include "tests/bench/bench_engines.h"

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/devnet/engine.h"
#include "cli/devnet/process.h"
#include "tests/bench/process.h"

namespace bourse::bench {
namespace {

template <typename Value>
Value OrFail(absl::StatusOr<Value> value) {
  if (!value.ok()) Fail(std::string(value.status().message()));
  return *std::move(value);
}

std::string LogOf(const std::string& home) { return home + ".cometbft.log"; }

}  // namespace

BenchEngines::BenchEngines(std::string cometbft, std::vector<std::string> homes)
    : cometbft_(std::move(cometbft)), homes_(std::move(homes)), nodes_(homes_.size()) {
  const std::vector<std::uint16_t> ports = OrFail(cli::FreePorts(3 * homes_.size()));
  for (std::size_t i = 0; i < homes_.size(); ++i) {
    nodes_[i].name = absl::StrCat("node", i + 1);
    nodes_[i].peer_port = ports[3 * i];
    nodes_[i].rpc_port = ports[3 * i + 1];
    nodes_[i].app_port = ports[3 * i + 2];
    nodes_[i].engine_id =
        OrFail(cli::PrepareEngine(cometbft_, homes_[i] + "/cometbft", LogOf(homes_[i])));
  }
}

BenchEngines::~BenchEngines() { StopAll(pids_); }

std::vector<std::string> BenchEngines::NodeFlags(std::size_t i) const {
  return cli::EngineFlags(homes_[i], nodes_[i]);
}

void BenchEngines::Launch() {
  for (std::size_t i = 0; i < homes_.size(); ++i) {
    pids_.push_back(
        Spawn(cli::EngineCommand(cometbft_, homes_[i], nodes_[i], nodes_), LogOf(homes_[i])));
  }
}

double BenchEngines::CpuSeconds() const {
  double out = 0;
  for (const pid_t pid : pids_) out += CpuSecondsOf(pid);
  return out;
}

}  // namespace bourse::bench
