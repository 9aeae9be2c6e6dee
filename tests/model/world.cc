#include "tests/model/world.h"

#include <array>

#include "common/ed25519.h"
#include "tests/model/random.h"

namespace bourse::model {
namespace {

constexpr std::uint32_t kUsd = 0;
constexpr std::uint32_t kBtc = 1;
constexpr std::uint32_t kEth = 2;
constexpr std::uint32_t kGas = 3;
constexpr std::uint32_t kAssets = 4;

constexpr int kMembers = 20;
constexpr int kStrangers = 12;

AccountId MakeKey(std::uint8_t kind, int number) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = kind;
  seed[1] = static_cast<std::uint8_t>(number);
  return KeyPair::FromSeed(seed).public_key();
}

ledger::FeeSchedule MakeFees(Random& random) {
  ledger::FeeSchedule fees;
  fees.asset = random.Pick(std::vector<std::uint32_t>{kUsd, kBtc, kGas, kGas});
  if (random.Chance(15)) return fees;  // all is free
  fees.per_transaction = random.Below(30);
  fees.per_operation = random.Below(20);
  fees.per_cancel = random.Below(5);
  fees.per_byte = random.Below(3);
  fees.account_deposit = random.Below(500);
  fees.order_deposit = random.Below(100);
  fees.asset_deposit = random.Below(5'000);
  fees.market_deposit = random.Below(20'000);
  return fees;
}

std::uint32_t MakeRate(Random& random) {
  return random.Pick(std::vector<std::uint32_t>{0, 1, 137, 1'000, 2'500, 33'333, 100'000});
}

ledger::GenesisMarket MakeMarket(Random& random, std::uint32_t base, std::uint32_t quote) {
  ledger::GenesisMarket market;
  market.base = base;
  market.quote = quote;
  market.lot_size = random.Between(1, 100);
  market.tick_size = random.Between(1, 20);
  market.min_notional = random.Chance(60) ? random.Below(4 * kMidPrice * market.tick_size) : 0;
  market.maker_fee_ppm = MakeRate(random);
  market.taker_fee_ppm = MakeRate(random);
  return market;
}

// A balance that lasts, one for a few orders, or next to nothing.
std::uint64_t MakeBalance(Random& random) {
  const std::uint64_t kind = random.Below(10);
  if (kind < 6) return random.Between(1'000'000'000, 1'000'000'000'000);
  if (kind < 9) return random.Between(10'000, 20'000'000);
  return random.Below(1'000);
}

ledger::GenesisAccount MakeAccount(Random& random, const ledger::FeeSchedule& fees,
                                   const AccountId& id, bool is_poor) {
  ledger::GenesisAccount account;
  account.id = id;
  for (std::uint32_t asset = 0; asset < kAssets; ++asset) {
    std::uint64_t amount = MakeBalance(random);
    if (asset == fees.asset) {
      amount = is_poor ? fees.account_deposit + random.Below(2'000)
                       : random.Between(1'000'000'000, 1'000'000'000'000);
    }
    if (amount != 0) account.balances.push_back({asset, amount});
  }
  return account;
}

exchange::Limits MakeLimits(Random& random) {
  exchange::Limits limits;
  const auto between = [&](std::uint64_t low, std::uint64_t high) {
    return static_cast<std::uint32_t>(random.Between(low, high));
  };
  limits.max_fills_per_operation = between(1, 6);
  limits.max_fill_or_kill_makers = between(1, 6);
  limits.max_fills_per_block = between(4, 40);
  limits.max_closures_per_block = between(1, 8);
  limits.max_carried_per_block = between(1, 3);
  limits.max_open_orders = between(6, 14);
  limits.max_client_ids = between(10, 50);
  limits.max_markets = between(5, 8);
  limits.max_assets = between(7, 12);
  limits.max_assets_per_account = between(4, 7);
  return limits;
}

}  // namespace

std::vector<std::string> AssetCodes() { return {"ALPHA", "B2", "GAMMA77", "Z"}; }

World MakeWorld(std::uint64_t seed) {
  Random random(seed);
  World world;
  for (int i = 0; i < kMembers; ++i) world.members.push_back(MakeKey(1, i));
  for (int i = 0; i < kStrangers; ++i) world.strangers.push_back(MakeKey(2, i));
  world.invalid.emplace_back();  // of small order
  world.invalid.emplace_back().bytes.fill(0xff);
  world.limits = MakeLimits(random);

  ledger::Genesis& genesis = world.genesis;
  genesis.chain_name = "model";
  genesis.time = TimeMicros(1'700'000'000'000'000);
  genesis.fees = MakeFees(random);
  const std::uint64_t cap = std::uint64_t{1} << 62;
  genesis.assets = {{"USD", 2, world.members[0], cap},
                    {"BTC", 8, world.members[1], cap},
                    {"ETH", 18, AccountId{}, cap},
                    {"GAS", 0, world.members[0], cap}};
  genesis.markets = {MakeMarket(random, kBtc, kUsd), MakeMarket(random, kEth, kUsd),
                     MakeMarket(random, kBtc, kGas), MakeMarket(random, kGas, kUsd)};
  for (std::size_t i = 0; i < world.members.size(); ++i) {
    const bool is_poor = i % 7 == 6;
    genesis.accounts.push_back(MakeAccount(random, genesis.fees, world.members[i], is_poor));
  }
  genesis.validators = {{"one", MakeKey(3, 0)}};
  world.genesis_hash = ledger::GenesisHash(genesis);
  return world;
}

}  // namespace bourse::model
