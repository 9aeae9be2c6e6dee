#include "tests/bench/bench_network.h"

#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/address.h"
#include "tests/bench/bench_keys.h"
#include "tests/bench/process.h"

namespace bourse::bench {
namespace {

constexpr int kPeerPort = 17'600;  // of the first node, where all have one address

}  // namespace

std::string BuiltBoursed() {
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return (folder / "../../node/boursed").lexically_normal().string();
}

BenchNetwork::BenchNetwork(NetworkOptions options)
    : options_(std::move(options)), nodes_(options_.nodes) {
  std::string pattern = (std::filesystem::temp_directory_path() / "bench.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) Fail("can't make a temporary folder");
  folder_ = pattern;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].home = absl::StrCat(folder_, "/node", i + 1);
    MakeKey(&nodes_[i]);
  }
  std::ofstream(folder_ + "/genesis.json") << GenesisJson().dump();
  for (std::size_t i = 0; i < nodes_.size(); ++i) Initialize(i);
  if (on_cometbft()) {
    std::vector<std::string> homes;
    for (const Node& node : nodes_) homes.push_back(node.home);
    engines_ = std::make_unique<BenchEngines>(options_.cometbft, std::move(homes));
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) Launch(i);
  for (std::size_t i = 0; i < nodes_.size(); ++i) AwaitServing(i);
  if (on_cometbft()) engines_->Launch();
}

BenchNetwork::~BenchNetwork() {
  engines_.reset();  // without its node it would not always end
  std::vector<pid_t> pids;
  for (const Node& node : nodes_) pids.push_back(node.pid);
  StopAll(pids);
  std::filesystem::remove_all(folder_);
}

void BenchNetwork::MakeKey(Node* node) const {
  const std::string out = node->home + ".key";
  RunToEnd({"/bin/sh", "-c",
            absl::StrCat("'", options_.boursed, "' init --home '", node->home, "' --key-only > '",
                         out, "'")});
  std::ifstream file(out);
  for (std::string word; file >> word;) node->key = word;
  if (node->key.size() != 64) Fail("boursed init --key-only does not end with a key");
}

std::string BenchNetwork::Filled(std::string text, std::size_t i) const {
  return absl::StrReplaceAll(text, {{"{i}", std::to_string(i + 1)}});
}

std::string BenchNetwork::PeerAddress(std::size_t i) const {
  const std::string host = Filled(options_.host, i);
  const int port = host == options_.host ? kPeerPort + static_cast<int>(i) : kPeerPort;
  return absl::StrCat(host, ":", port);
}

void BenchNetwork::Initialize(std::size_t i) const {
  const Node& node = nodes_[i];
  RunToEnd({options_.boursed, "init", "--home", node.home, "--genesis", folder_ + "/genesis.json",
            "--engine", on_cometbft() ? "cometbft" : "simplex"});
  if (on_cometbft()) return;
  nlohmann::json peers = nlohmann::json::array();
  for (std::size_t j = 0; j < nodes_.size(); ++j) {
    if (j != i) peers.push_back(absl::StrCat(nodes_[j].key, "@", PeerAddress(j)));
  }
  std::ofstream(node.home + "/boursed.toml")
      << "peer_listen = \"" << PeerAddress(i) << "\"\npeers = " << peers.dump() << "\n";
}

void BenchNetwork::Launch(std::size_t i) {
  std::vector<std::string> command;
  for (const std::string& word : options_.wrapper) command.push_back(Filled(word, i));
  for (const std::string& word :
       {options_.boursed, std::string("start"), std::string("--home"), nodes_[i].home,
        std::string("--listen"), Filled(options_.host, i) + ":0"}) {
    command.push_back(word);
  }
  command.insert(command.end(), options_.flags.begin(), options_.flags.end());
  if (on_cometbft()) {
    const std::vector<std::string> flags = engines_->NodeFlags(i);
    command.insert(command.end(), flags.begin(), flags.end());
  }
  nodes_[i].pid = Spawn(command, nodes_[i].home + ".log");
}

void BenchNetwork::AwaitServing(std::size_t i) {
  Node& node = nodes_[i];
  for (int tries = 0; tries < 600 && node.address.empty(); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::ifstream(node.home + "/listen") >> node.address;
  }
  if (node.address.empty()) Fail("boursed does not serve:\n" + log(i));
}

std::string BenchNetwork::log(std::size_t i) const {
  std::ifstream file(nodes_[i].home + ".log");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void BenchNetwork::Kill(std::size_t i) {
  ::kill(nodes_[i].pid, SIGKILL);
  int status = 0;
  ::waitpid(nodes_[i].pid, &status, 0);
  nodes_[i].pid = -1;
}

double BenchNetwork::CpuSeconds() const {
  double out = on_cometbft() ? engines_->CpuSeconds() : 0;
  for (const Node& node : nodes_) out += CpuSecondsOf(node.pid);
  return out;
}

nlohmann::json BenchNetwork::GenesisJson() const {
  const std::string rich = "1000000000000";
  nlohmann::json accounts = nlohmann::json::array();
  for (std::uint32_t i = 0; i < options_.accounts; ++i) {
    accounts.push_back(
        {{"id", FormatAddress(KeyOf(i).public_key())},
         {"balances",
          {{"BRS", i == options_.poor ? "2000000" : rich}, {"BTC", rich}, {"USD", rich}}}});
  }
  nlohmann::json validators = nlohmann::json::array();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    validators.push_back({{"name", absl::StrCat("node", i + 1)}, {"key", nodes_[i].key}});
  }
  const auto asset = [](const char* code, int decimals) {
    return nlohmann::json{{"code", code},
                          {"decimals", decimals},
                          {"issuer", ""},
                          {"supply_cap", "9000000000000000000"}};
  };
  return {{"chain_name", "bench"},
          {"time", "1700000000000000"},
          {"protocol_version", 1},
          {"fees",
           {{"asset", "BRS"},
            {"per_transaction", "10"},
            {"per_operation", "5"},
            {"per_cancel", "1"},
            {"per_byte", "0"},
            {"account_deposit", "100"},
            {"order_deposit", "7"},
            {"asset_deposit", "50"},
            {"market_deposit", "60"}}},
          {"assets", {asset("BRS", 6), asset("BTC", 8), asset("USD", 2)}},
          {"markets",
           {{{"base", "BTC"},
             {"quote", "USD"},
             {"lot_size", "1"},
             {"tick_size", "1"},
             {"min_notional", "0"},
             {"maker_fee_ppm", 100},
             {"taker_fee_ppm", 500}}}},
          {"accounts", accounts},
          {"validators", validators}};
}

}  // namespace bourse::bench
