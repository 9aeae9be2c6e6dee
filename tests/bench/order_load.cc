#include "tests/bench/order_load.h"

#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <semaphore>
#include <thread>
#include <utility>

#include "tests/bench/bench_keys.h"
#include "tests/bench/bench_network.h"
#include "tests/bench/process.h"

namespace bourse::bench {
namespace {

// Transactions of a stream that wait for their answers, at most.
constexpr std::ptrdiff_t kInFlight = 512;

// Sends one stream's share, and reads all answers; returns how many were final.
std::uint32_t RunStream(const std::string& address, const std::vector<v1::SubmitRequest>& load) {
  const auto stub = v1::SubmitService::NewStub(Connect(address));
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

}  // namespace

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt("grpc.enable_http_proxy", 0);
  arguments.SetInt("grpc.use_local_subchannel_pool", 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

v1::NodeStatus StatusOf(const std::string& address) {
  grpc::ClientContext context;
  v1::NodeStatus status;
  const auto nodes = v1::NodeService::NewStub(Connect(address));
  if (!nodes->GetStatus(&context, {}, &status).ok()) Fail("the node does not answer");
  return status;
}

Signer::Signer(const std::string& genesis_hash, std::uint32_t accounts) : nonces_(accounts) {
  if (genesis_hash.size() != 32) Fail("the node's genesis hash is not one");
  std::copy(genesis_hash.begin(), genesis_hash.end(), genesis_hash_.bytes.begin());
  for (std::uint32_t i = 0; i < accounts; ++i) keys_.push_back(KeyOf(i));
}

v1::SubmitRequest Signer::Sign(std::uint32_t account, std::vector<Operation> operations) {
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

PlaceOrder Order(std::uint32_t n, std::uint64_t price) {
  PlaceOrder order;
  order.market = MarketId(1);
  order.side = n % 2 == 0 ? Side::kSell : Side::kBuy;
  order.self_trade = SelfTrade::kCancelMaker;
  order.price = PriceTicks(price);
  order.quantity = Lots(1 + n % 7);
  return order;
}

void AddLoadOptions(LoadOptions* options, CLI::App* app) {
  app->add_option("--transactions", options->transactions)->check(CLI::Range(100, 1'000'000));
  app->add_option("--per-transaction", options->per_transaction, "orders under one signature")
      ->check(CLI::Range(1, 200));
  app->add_option("--accounts", options->accounts)->check(CLI::Range(1, 100'000));
  app->add_option("--streams", options->streams)->check(CLI::Range(1, 64));
}

std::vector<std::vector<v1::SubmitRequest>> MakeLoad(const LoadOptions& options, Signer& signer) {
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

double RunLoad(const std::vector<std::string>& addresses,
               const std::vector<std::vector<v1::SubmitRequest>>& load) {
  std::atomic<std::uint32_t> final = 0;
  std::size_t expected = 0;
  std::vector<std::thread> threads;
  const auto start = Clock::now();
  for (std::size_t i = 0; i < load.size(); ++i) {
    expected += load[i].size();
    threads.emplace_back([&, i] { final += RunStream(addresses[i % addresses.size()], load[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = SecondsSince(start);
  if (final != expected) Fail("not all transactions became final");
  return seconds;
}

Latency Probe(const std::vector<std::string>& addresses, std::uint32_t account, std::uint32_t count,
              Signer& signer) {
  std::vector<std::unique_ptr<v1::SubmitService::Stub>> stubs;
  for (const std::string& address : addresses) {
    stubs.push_back(v1::SubmitService::NewStub(Connect(address)));
  }
  // Not in turn, as leaders are: all would be sent to the leader, or none.
  std::mt19937 random(count);
  std::vector<double> millis;
  for (std::uint32_t i = 0; i < count; ++i) {
    const v1::SubmitRequest request = signer.Sign(account, {Order(i % 2, 500 + i % 2)});
    grpc::ClientContext context;
    v1::SubmitResponse response;
    const auto start = Clock::now();
    const grpc::Status status =
        stubs[random() % stubs.size()]->Submit(&context, request, &response);
    millis.push_back(SecondsSince(start) * 1e3);
    if (!status.ok()) Fail(status.error_message());
  }
  std::sort(millis.begin(), millis.end());
  return {millis[millis.size() / 2], millis[millis.size() * 99 / 100]};
}

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

}  // namespace bourse::bench
