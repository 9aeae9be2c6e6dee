// One node as its clients see it: signed orders over gRPC in, receipts from the synced disk back.
//
//   node_bench --transactions=20000 --per-transaction=1
//
// Starts a boursed of its own in a temporary folder, signs everything beforehand, and sends it over
// streams. The yardstick, measured in the same run, is what this machine's cores do if they only
// check signatures: a node must check one for each transaction. Then it measures how long one order
// takes on an idle node, and beside an account that floods the node with orders bound to be
// rejected.
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <sodium.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "bourse/v1/services.grpc.pb.h"
#include "common/address.h"
#include "common/ed25519.h"
#include "common/transaction.h"

namespace bourse::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Transactions of a stream that wait for their answers, at most.
constexpr std::ptrdiff_t kInFlight = 512;

struct Options {
  std::uint32_t transactions = 20'000;
  std::uint32_t per_transaction = 1;
  std::uint32_t accounts = 500;
  std::uint32_t streams = 4;
  std::uint32_t probes = 200;
  std::string boursed;
};

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "node_bench: %s\n", why.c_str());
  std::exit(1);
}

KeyPair KeyOf(std::uint32_t account) {
  std::array<std::uint8_t, 32> seed{};
  for (std::size_t i = 0; i < 4; ++i) seed[i] = static_cast<std::uint8_t>(account >> (8 * i));
  return KeyPair::FromSeed(seed);
}

// The last accounts: one that floods, with little money, and one that wants to trade meanwhile.
struct Cast {
  std::uint32_t spammer, trader;
};
Cast CastOf(const Options& options) { return {options.accounts, options.accounts + 1}; }

nlohmann::json GenesisJson(const Options& options) {
  const std::string rich = "1000000000000";
  nlohmann::json accounts = nlohmann::json::array();
  for (std::uint32_t i = 0; i < options.accounts + 2; ++i) {
    const bool spammer = i == CastOf(options).spammer;
    accounts.push_back(
        {{"id", FormatAddress(KeyOf(i).public_key())},
         {"balances", {{"BRS", spammer ? "2000000" : rich}, {"BTC", rich}, {"USD", rich}}}});
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
          {"validators", nlohmann::json::array()}};
}

// A boursed in a folder of its own, stopped and removed at the end.
class Node {
 public:
  explicit Node(const Options& options) : boursed_(options.boursed) {
    std::string pattern = (std::filesystem::temp_directory_path() / "node_bench.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) Fail("can't make a temporary folder");
    folder_ = pattern;
    std::ofstream(folder_ + "/genesis.json") << GenesisJson(options).dump();
    const std::string home = folder_ + "/node";
    int status = 0;
    ::waitpid(Spawn({"init", "--home", home, "--genesis", folder_ + "/genesis.json"}), &status, 0);
    if (status != 0) Fail("boursed init failed: see its message above");
    pid_ = Spawn({"start", "--home", home, "--listen", "127.0.0.1:0", "--peer-listen", "",
                  "--log-level", "warning"});
    for (int i = 0; i < 300 && address_.empty(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      std::ifstream(home + "/listen") >> address_;
    }
    if (address_.empty()) Fail("boursed does not serve");
  }

  ~Node() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    std::filesystem::remove_all(folder_);
  }

  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  pid_t Spawn(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), boursed_);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
      ::execv(boursed_.c_str(), argv.data());
      std::_Exit(127);
    }
    return pid;
  }

  std::string boursed_, folder_, address_;
  pid_t pid_ = -1;
};

std::unique_ptr<v1::SubmitService::Stub> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt("grpc.enable_http_proxy", 0);
  arguments.SetInt("grpc.use_local_subchannel_pool", 1);
  return v1::SubmitService::NewStub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
}

// Signs transactions of one network.
class Signer {
 public:
  Signer(const std::string& genesis_hash, std::uint32_t accounts) : nonces_(accounts) {
    if (genesis_hash.size() != 32) Fail("the node's genesis hash is not one");
    std::copy(genesis_hash.begin(), genesis_hash.end(), genesis_hash_.bytes.begin());
    for (std::uint32_t i = 0; i < accounts; ++i) keys_.push_back(KeyOf(i));
  }

  v1::SubmitRequest Sign(std::uint32_t account, std::vector<Operation> operations) {
    Transaction transaction;
    transaction.genesis_hash = genesis_hash_;
    transaction.account = transaction.signer = keys_[account].public_key();
    transaction.nonce = Nonce(nonces_[account]++);
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    transaction.valid_until = TimeMicros(static_cast<std::uint64_t>(now.count()) + 500'000'000);
    transaction.operations = std::move(operations);
    const std::string body = EncodeTransaction(transaction);
    const std::string message = SigningBytes(genesis_hash_, AsBytes(body));
    const Signature signature = keys_[account].Sign(AsBytes(message));
    v1::SubmitRequest request;
    request.set_wait(true);
    request.mutable_transaction()->set_body(body);
    request.mutable_transaction()->set_signature(std::string(AsText(signature.bytes)));
    return request;
  }

 private:
  Hash256 genesis_hash_;
  std::vector<KeyPair> keys_;
  std::vector<std::uint64_t> nonces_;
};

PlaceOrder Order(std::uint32_t n, std::uint64_t price) {
  PlaceOrder order;
  order.market = MarketId(1);
  order.side = n % 2 == 0 ? Side::kSell : Side::kBuy;
  order.self_trade = SelfTrade::kCancelMaker;
  order.price = PriceTicks(price);
  order.quantity = Lots(1 + n % 7);
  return order;
}

// Orders around one price, so that about every second one trades; one stream's share a row.
std::vector<std::vector<v1::SubmitRequest>> MakeLoad(const Options& options, Signer& signer) {
  std::vector<std::vector<v1::SubmitRequest>> load(options.streams);
  std::uint32_t n = 0;
  for (std::uint32_t i = 0; i < options.transactions; ++i) {
    std::vector<Operation> operations;
    for (std::uint32_t j = 0; j < options.per_transaction; ++j, ++n) {
      operations.emplace_back(Order(n, 1'000 + n % 5));
    }
    load[i % options.streams].push_back(
        signer.Sign((i / options.streams) % options.accounts, std::move(operations)));
  }
  return load;
}

// Sends one stream's share, and reads all answers; returns how many were final.
std::uint32_t RunStream(const std::string& address, const std::vector<v1::SubmitRequest>& load) {
  const auto stub = Connect(address);
  grpc::ClientContext context;
  auto stream = stub->SubmitStream(&context);
  std::counting_semaphore<kInFlight> window(kInFlight);
  std::thread writer([&] {
    for (const v1::SubmitRequest& request : load) {
      window.acquire();
      if (!stream->Write(request)) break;
    }
    stream->WritesDone();
  });
  std::uint32_t final = 0;
  v1::SubmitResponse response;
  while (stream->Read(&response)) {
    window.release();
    final += response.status() == v1::TRANSACTION_STATUS_FINAL ? 1 : 0;
    if (response.status() == v1::TRANSACTION_STATUS_REFUSED) Fail(response.error());
  }
  writer.join();
  const grpc::Status status = stream->Finish();
  if (!status.ok()) Fail(status.error_message());
  return final;
}

// Signatures that all cores check in a second, doing nothing else.
double VerificationsPerSecond() {
  const KeyPair key = KeyOf(1);
  const std::string message(200, 'm');
  const Signature signature = key.Sign(AsBytes(message));
  std::atomic<std::uint64_t> done = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  const auto start = Clock::now();
  for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
    threads.emplace_back([&] {
      while (!stop) done += Verify(key.public_key(), AsBytes(message), signature) ? 1 : 0;
    });
  }
  std::this_thread::sleep_for(std::chrono::seconds(1));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(done) / SecondsSince(start);
}

struct Latency {
  double p50_ms, p99_ms;
};

// Sends a trader's orders one by one, each when the last one is final.
Latency Probe(const Options& options, v1::SubmitService::Stub& stub, Signer& signer) {
  std::vector<double> millis;
  for (std::uint32_t i = 0; i < options.probes; ++i) {
    const v1::SubmitRequest request =
        signer.Sign(CastOf(options).trader, {Order(i % 2, 500 + i % 2)});
    grpc::ClientContext context;
    v1::SubmitResponse response;
    const auto start = Clock::now();
    const grpc::Status status = stub.Submit(&context, request, &response);
    millis.push_back(SecondsSince(start) * 1e3);
    if (!status.ok()) Fail(status.error_message());
  }
  std::sort(millis.begin(), millis.end());
  return {millis[millis.size() / 2], millis[millis.size() * 99 / 100]};
}

// Floods with orders bound to be rejected, until the money is gone; counts the operations paid.
std::uint64_t Spam(const Options& options, const std::string& address, Signer& signer,
                   std::atomic<bool>& stop) {
  const auto stub = Connect(address);
  std::uint64_t operations = 0;
  while (!stop) {
    const std::vector<Operation> bad(200, Order(0, 0));
    grpc::ClientContext context;
    v1::SubmitResponse response;
    v1::SubmitRequest request = signer.Sign(CastOf(options).spammer, bad);
    request.set_wait(false);
    const grpc::Status status = stub->Submit(&context, request, &response);
    if (status.ok()) {
      operations += bad.size();
    } else if (status.error_code() == grpc::StatusCode::FAILED_PRECONDITION) {
      break;  // it can't pay any more
    }
  }
  return operations;
}

void MeasureThroughput(const Options& options, const Node& node, Signer& signer, double verify) {
  const auto load = MakeLoad(options, signer);
  std::atomic<std::uint32_t> final = 0;
  std::vector<std::thread> threads;
  const auto start = Clock::now();
  for (const auto& share : load) {
    threads.emplace_back([&] { final += RunStream(node.address(), share); });
  }
  for (std::thread& thread : threads) thread.join();
  const double rate = options.transactions / SecondsSince(start);
  if (final != options.transactions) Fail("not all transactions became final");
  std::printf("%u transactions of %u orders, from gRPC to synced disk and back:\n",
              options.transactions, options.per_transaction);
  std::printf(
      "  %10.0f transactions/s   %10.0f orders/s   %.2f of what %u cores check of signatures "
      "(%.0f/s)\n",
      rate, rate * options.per_transaction, rate / verify, std::thread::hardware_concurrency(),
      verify);
}

void MeasureLatency(const Options& options, const Node& node, Signer& signer) {
  const auto stub = Connect(node.address());
  const Latency idle = Probe(options, *stub, signer);
  std::printf("one order on an idle node, sent to final receipt: p50 %.2f ms, p99 %.2f ms\n",
              idle.p50_ms, idle.p99_ms);
  std::atomic<bool> stop = false;
  std::uint64_t spam = 0;
  Signer spammer = signer;
  std::thread thread([&] { spam = Spam(options, node.address(), spammer, stop); });
  const Latency beside = Probe(options, *stub, signer);
  thread.join();
  std::printf("beside a flood of orders bound to be rejected:    p50 %.2f ms, p99 %.2f ms\n",
              beside.p50_ms, beside.p99_ms);
  std::printf("  the flood paid for %llu operations, and its account was empty\n",
              static_cast<unsigned long long>(spam));
}

void Run(const Options& options) {
  const double verify = VerificationsPerSecond();
  const Node node(options);
  grpc::ChannelArguments arguments;
  arguments.SetInt("grpc.enable_http_proxy", 0);
  const auto nodes = v1::NodeService::NewStub(
      grpc::CreateCustomChannel(node.address(), grpc::InsecureChannelCredentials(), arguments));
  grpc::ClientContext context;
  v1::NodeStatus status;
  if (!nodes->GetStatus(&context, {}, &status).ok()) Fail("the node does not answer");
  Signer signer(status.genesis_hash(), options.accounts + 2);
  MeasureThroughput(options, node, signer, verify);
  MeasureLatency(options, node, signer);
}

}  // namespace
}  // namespace bourse::bench

int main(int argc, char** argv) {
  bourse::bench::Options options;
  options.boursed =
      (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../../node/boursed")
          .lexically_normal()
          .string();
  CLI::App app("One node, from a signed order over gRPC to the synced disk and back");
  app.add_option("--transactions", options.transactions)->check(CLI::Range(100, 1'000'000));
  app.add_option("--per-transaction", options.per_transaction, "orders under one signature")
      ->check(CLI::Range(1, 200));
  app.add_option("--accounts", options.accounts)->check(CLI::Range(1, 100'000));
  app.add_option("--streams", options.streams)->check(CLI::Range(1, 64));
  app.add_option("--probes", options.probes, "orders sent one by one")
      ->check(CLI::Range(10, 10'000));
  app.add_option("--boursed", options.boursed, "the node's program");
  CLI11_PARSE(app, argc, argv);
  const absl::Status verifier = bourse::CheckVerifier();
  if (!verifier.ok()) bourse::bench::Fail(std::string(verifier.message()));
  bourse::bench::Run(options);
  return 0;
}
