// What each transaction costs before it is looked at: decoding, its TXID, its signature.
// Of one place_order, as most are, and of a requote of 40 orders.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "common/transaction.h"

namespace bourse {
namespace {

struct Sample {
  Transaction transaction;
  KeyPair key = KeyPair::FromSeed({1});
  std::string body, encoded;
  SignedTransaction decoded;
};

Sample MakeSample(const benchmark::State& state) {
  Sample sample;
  Transaction& transaction = sample.transaction;
  transaction.genesis_hash.bytes.fill(0xa5);
  transaction.account = transaction.signer = sample.key.public_key();
  transaction.nonce = Nonce(70'000);
  transaction.valid_until = TimeMicros(1'800'000'000'000'000);
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    transaction.operations.push_back(PlaceOrder{.market = MarketId(1),
                                                .type = OrderType::kPostOnly,
                                                .price = PriceTicks(6'400'000),
                                                .quantity = Lots(500),
                                                .client_id = ClientOrderId(1'000'000),
                                                .expires = TimeMicros(0)});
  }
  sample.body = EncodeTransaction(transaction);
  sample.encoded = EncodeSignedTransaction(
      sample.body,
      sample.key.Sign(AsBytes(SigningBytes(transaction.genesis_hash, AsBytes(sample.body)))));
  sample.decoded = *DecodeSignedTransaction(AsBytes(sample.encoded));
  return sample;
}

void Finish(benchmark::State& state, const Sample& sample) {
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes"] = static_cast<double>(sample.encoded.size());
}

void Encode(benchmark::State& state) {
  const Sample sample = MakeSample(state);
  for (auto _ : state) benchmark::DoNotOptimize(EncodeTransaction(sample.transaction));
  Finish(state, sample);
}
void DecodeBody(benchmark::State& state) {
  const Sample sample = MakeSample(state);
  for (auto _ : state) benchmark::DoNotOptimize(DecodeTransaction(AsBytes(sample.body)));
  Finish(state, sample);
}
// With the TXID.
void DecodeSigned(benchmark::State& state) {
  const Sample sample = MakeSample(state);
  for (auto _ : state) benchmark::DoNotOptimize(DecodeSignedTransaction(AsBytes(sample.encoded)));
  Finish(state, sample);
}
void VerifySignature(benchmark::State& state) {
  const Sample sample = MakeSample(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(VerifySignature(sample.decoded, AsBytes(sample.encoded)));
  }
  Finish(state, sample);
}
void Sign(benchmark::State& state) {
  const Sample sample = MakeSample(state);
  for (auto _ : state) benchmark::DoNotOptimize(sample.key.Sign(AsBytes(sample.body)));
  Finish(state, sample);
}

BENCHMARK(Encode)->Arg(1)->Arg(40);
BENCHMARK(DecodeBody)->Arg(1)->Arg(40);
BENCHMARK(DecodeSigned)->Arg(1)->Arg(40);
BENCHMARK(VerifySignature)->Arg(1)->Arg(40);
BENCHMARK(Sign)->Arg(1)->Arg(40);

}  // namespace
}  // namespace bourse
