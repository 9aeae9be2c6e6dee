#include "cli/devnet/genesis.h"

#include <algorithm>

#include "cli/output.h"
#include "common/address.h"

namespace bourse::cli {
namespace {

constexpr std::uint64_t kBtc = 100'000'000;  // atoms, 8 decimals
constexpr std::uint64_t kEth = 100'000'000;  // 8 decimals
constexpr std::uint64_t kUsd = 1'000'000;    // 6 decimals
constexpr std::uint64_t kBrs = 100'000'000;  // 8 decimals

Json Asset(const char* code, int decimals, const std::string& issuer, std::uint64_t cap) {
  return {{"code", code}, {"decimals", decimals}, {"issuer", issuer}, {"supply_cap", Number(cap)}};
}

// Small enough that nobody runs dry, large enough to be seen in a balance.
Json Fees() {
  return {{"asset", "BRS"},
          {"per_transaction", Number(1'000)},
          {"per_operation", Number(1'000)},
          {"per_cancel", Number(100)},
          {"per_byte", Number(10)},
          {"account_deposit", Number(1 * kBrs)},
          {"order_deposit", Number(kBrs / 100)},
          {"asset_deposit", Number(100 * kBrs)},
          {"market_deposit", Number(100 * kBrs)}};
}

// Ticks of 0.01 USD for one base, in either market.
Json Markets() {
  Json btc = {{"base", "BTC"},
              {"quote", "USD"},
              {"lot_size", Number(kBtc / 1'000)},
              {"tick_size", Number(kUsd / 100 / 1'000)},
              {"min_notional", Number(1 * kUsd)},
              {"maker_fee_ppm", 100},
              {"taker_fee_ppm", 200}};
  Json eth = {{"base", "ETH"},
              {"quote", "USD"},
              {"lot_size", Number(kEth / 100)},
              {"tick_size", Number(kUsd / 100 / 100)},
              {"min_notional", Number(1 * kUsd)},
              {"maker_fee_ppm", 100},
              {"taker_fee_ppm", 200}};
  return Json::array({btc, eth});
}

Json Balances(const std::string& name) {
  if (name == kDevnetIssuer) return {{"BRS", Number(100'000 * kBrs)}};
  return {{"BTC", Number(100 * kBtc)},
          {"ETH", Number(1'000 * kEth)},
          {"USD", Number(10'000'000 * kUsd)},
          {"BRS", Number(10'000 * kBrs)}};
}

}  // namespace

const std::vector<std::string>& DevnetTraders() {
  static const auto* const names = new std::vector<std::string>{"alice", "bob", "carol"};
  return *names;
}

std::string DevnetGenesis(const std::vector<DevnetAccount>& accounts,
                          const std::vector<DevnetValidator>& validators, std::uint64_t time) {
  std::string issuer;
  Json funded = Json::array();
  for (const DevnetAccount& account : accounts) {
    const std::string id = FormatAddress(account.id);
    if (account.name == kDevnetIssuer) issuer = id;
    funded.push_back({{"id", id}, {"balances", Balances(account.name)}});
  }
  Json voters = Json::array();
  for (const DevnetValidator& validator : validators) {
    voters.push_back({{"name", validator.name}, {"key", validator.key}});
  }
  const Json genesis = {
      {"chain_name", "devnet"},
      {"time", Number(time)},
      {"protocol_version", 1},
      {"fees", Fees()},
      {"assets", Json::array({Asset("BRS", 8, "", 1'000'000'000 * kBrs),
                              Asset("BTC", 8, issuer, 21'000'000 * kBtc),
                              Asset("ETH", 8, issuer, 1'000'000'000 * kEth),
                              Asset("USD", 6, issuer, 1'000'000'000'000 * kUsd)})},
      {"markets", Markets()},
      {"accounts", funded},
      {"validators", voters}};
  return genesis.dump(2) + "\n";
}

}  // namespace bourse::cli
