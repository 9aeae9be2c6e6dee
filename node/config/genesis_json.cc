#include "node/config/genesis_json.h"

#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/address.h"
#include "common/hash.h"
#include "node/config/nearest.h"
#include "node/config/strict_json.h"

namespace bourse::config {
namespace {

using ledger::Genesis;

// Places of assets by their codes.
class AssetCodes {
 public:
  void Add(const std::string& code) {
    places_.try_emplace(code, static_cast<std::uint32_t>(names_.size()));
    names_.push_back(code);
  }
  std::uint32_t Find(StrictObject& at, const std::string& key, const std::string& code) const {
    const auto it = places_.find(code);
    if (it != places_.end()) return it->second;
    at.Fail(key, absl::StrCat("there is no asset \"", code, "\"", DidYouMean(code, names_)));
    return 0;
  }

 private:
  std::map<std::string, std::uint32_t> places_;
  std::vector<std::string> names_;
};

AccountId ReadAddress(StrictObject& object, const std::string& key, bool may_be_empty) {
  const std::string text = object.String(key);
  if (text.empty() && may_be_empty) return {};
  const absl::StatusOr<AccountId> id = ParseAddress(text);
  if (id.ok()) return *id;
  object.Fail(key, std::string(id.status().message()));
  return {};
}

ledger::FeeSchedule ReadFees(StrictObject fees, const AssetCodes& codes) {
  ledger::FeeSchedule out;
  out.asset = codes.Find(fees, "asset", fees.String("asset"));
  out.per_transaction = fees.U64("per_transaction");
  out.per_operation = fees.U64("per_operation");
  out.per_cancel = fees.U64("per_cancel");
  out.per_byte = fees.U64("per_byte");
  out.account_deposit = fees.U64("account_deposit");
  out.order_deposit = fees.U64("order_deposit");
  out.asset_deposit = fees.U64("asset_deposit");
  out.market_deposit = fees.U64("market_deposit");
  fees.Finish();
  return out;
}

void ReadAssets(StrictObject& file, Genesis* genesis, AssetCodes* codes) {
  file.Each("assets", [&](StrictObject& asset) {
    ledger::GenesisAsset out;
    out.code = asset.String("code");
    out.decimals = asset.U32("decimals");
    out.issuer = ReadAddress(asset, "issuer", /*may_be_empty=*/true);
    out.supply_cap = asset.U64("supply_cap");
    codes->Add(out.code);
    genesis->assets.push_back(out);
  });
}

void ReadMarkets(StrictObject& file, const AssetCodes& codes, Genesis* genesis) {
  file.Each("markets", [&](StrictObject& market) {
    ledger::GenesisMarket out;
    out.base = codes.Find(market, "base", market.String("base"));
    out.quote = codes.Find(market, "quote", market.String("quote"));
    out.lot_size = market.U64("lot_size");
    out.tick_size = market.U64("tick_size");
    out.min_notional = market.U64("min_notional");
    out.maker_fee_ppm = market.U32("maker_fee_ppm");
    out.taker_fee_ppm = market.U32("taker_fee_ppm");
    genesis->markets.push_back(out);
  });
}

void ReadAccounts(StrictObject& file, const AssetCodes& codes, Genesis* genesis) {
  file.Each("accounts", [&](StrictObject& account) {
    ledger::GenesisAccount out;
    out.id = ReadAddress(account, "id", /*may_be_empty=*/false);
    account.EachU64("balances", [&](const std::string& code, std::uint64_t amount) {
      out.balances.push_back({codes.Find(account, absl::StrCat("balances.", code), code), amount});
    });
    genesis->accounts.push_back(out);
  });
}

void ReadValidators(StrictObject& file, Genesis* genesis) {
  file.Each("validators", [&](StrictObject& validator) {
    ledger::Validator out;
    out.name = validator.String("name");
    Hash256 key;
    if (!FromHex(validator.String("key"), &key)) validator.Fail("key", "expected 64 hex digits");
    out.key.bytes = key.bytes;
    genesis->validators.push_back(out);
  });
}

std::string Text(std::uint64_t value) { return absl::StrCat(value); }

}  // namespace

absl::StatusOr<Genesis> GenesisFromJson(std::string_view text) {
  const absl::StatusOr<nlohmann::json> json = ParseJson(text);
  if (!json.ok()) return json.status();
  std::string error;
  StrictObject file(*json, "", &error);
  Genesis genesis;
  AssetCodes codes;
  genesis.chain_name = file.String("chain_name");
  genesis.time = TimeMicros(file.U64("time"));
  genesis.protocol_version = file.U32("protocol_version");
  ReadAssets(file, &genesis, &codes);
  genesis.fees = ReadFees(file.Object("fees"), codes);
  ReadMarkets(file, codes, &genesis);
  ReadAccounts(file, codes, &genesis);
  ReadValidators(file, &genesis);
  file.Finish();
  if (!error.empty()) return absl::InvalidArgumentError(error);
  return genesis;
}

std::string GenesisToJson(const Genesis& genesis) {
  using nlohmann::ordered_json;
  const ledger::FeeSchedule& fees = genesis.fees;
  ordered_json out = {
      {"chain_name", genesis.chain_name},
      {"time", Text(genesis.time.value())},
      {"protocol_version", genesis.protocol_version},
      {"fees",
       {{"asset", genesis.assets[fees.asset].code},
        {"per_transaction", Text(fees.per_transaction)},
        {"per_operation", Text(fees.per_operation)},
        {"per_cancel", Text(fees.per_cancel)},
        {"per_byte", Text(fees.per_byte)},
        {"account_deposit", Text(fees.account_deposit)},
        {"order_deposit", Text(fees.order_deposit)},
        {"asset_deposit", Text(fees.asset_deposit)},
        {"market_deposit", Text(fees.market_deposit)}}},
      {"assets", ordered_json::array()},
      {"markets", ordered_json::array()},
      {"accounts", ordered_json::array()},
      {"validators", ordered_json::array()},
  };
  for (const ledger::GenesisAsset& asset : genesis.assets) {
    out["assets"].push_back(
        {{"code", asset.code},
         {"decimals", asset.decimals},
         {"issuer", asset.issuer == AccountId{} ? "" : FormatAddress(asset.issuer)},
         {"supply_cap", Text(asset.supply_cap)}});
  }
  for (const ledger::GenesisMarket& market : genesis.markets) {
    out["markets"].push_back({{"base", genesis.assets[market.base].code},
                              {"quote", genesis.assets[market.quote].code},
                              {"lot_size", Text(market.lot_size)},
                              {"tick_size", Text(market.tick_size)},
                              {"min_notional", Text(market.min_notional)},
                              {"maker_fee_ppm", market.maker_fee_ppm},
                              {"taker_fee_ppm", market.taker_fee_ppm}});
  }
  for (const ledger::GenesisAccount& account : genesis.accounts) {
    ordered_json balances = ordered_json::object();
    for (const ledger::GenesisBalance& balance : account.balances) {
      balances[genesis.assets[balance.asset].code] = Text(balance.amount);
    }
    out["accounts"].push_back({{"id", FormatAddress(account.id)}, {"balances", balances}});
  }
  for (const ledger::Validator& validator : genesis.validators) {
    out["validators"].push_back(
        {{"name", validator.name}, {"key", ToHex(Bytes(validator.key.bytes))}});
  }
  return out.dump(2) + "\n";
}

}  // namespace bourse::config
