#include "ledger/genesis.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/checked_math.h"
#include "common/codec.h"
#include "common/limits.h"

namespace bourse::ledger {
namespace {

// Charges and deposits up to this never overflow when a transaction's are added up.
constexpr std::uint64_t kMaxCharge = std::uint64_t{1} << 40;

absl::Status Invalid(const std::string& why) {
  return absl::InvalidArgumentError(absl::StrCat("genesis: ", why));
}

bool IsAssetCode(std::string_view code) {
  return !code.empty() && code.size() <= limits::kMaxAssetCodeBytes &&
         std::all_of(code.begin(), code.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

absl::Status CheckFees(const Genesis& genesis) {
  const FeeSchedule& fees = genesis.fees;
  if (fees.asset >= genesis.assets.size()) return Invalid("the fee asset is none of the assets");
  for (const std::uint64_t amount :
       {fees.per_transaction, fees.per_operation, fees.per_cancel, fees.per_byte,
        fees.account_deposit, fees.order_deposit, fees.asset_deposit, fees.market_deposit}) {
    if (amount > kMaxCharge) return Invalid("a fee or deposit is over 2^40");
  }
  return absl::OkStatus();
}

absl::Status CheckAssets(const Genesis& genesis) {
  std::set<std::string> codes;
  for (const GenesisAsset& asset : genesis.assets) {
    if (!IsAssetCode(asset.code)) {
      return Invalid(absl::StrCat("asset code \"", asset.code, "\" is not 1 to 12 of A-Z, 0-9"));
    }
    if (!codes.insert(asset.code).second) {
      return Invalid(absl::StrCat("two assets are named ", asset.code));
    }
    if (asset.decimals > limits::kMaxAssetDecimals) {
      return Invalid(absl::StrCat(asset.code, " has more than 18 decimals"));
    }
    if (asset.supply_cap == 0 || asset.supply_cap > kMaxAtoms) {
      return Invalid(absl::StrCat("supply cap of ", asset.code, " is not within 1 to 2^63-1"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMarkets(const Genesis& genesis) {
  for (const GenesisMarket& market : genesis.markets) {
    if (market.base >= genesis.assets.size() || market.quote >= genesis.assets.size() ||
        market.base == market.quote) {
      return Invalid("a market needs two different assets of the genesis");
    }
    if (market.lot_size == 0 || market.lot_size > kMaxAtoms || market.tick_size == 0 ||
        market.tick_size > kMaxAtoms || market.min_notional > kMaxAtoms) {
      return Invalid("a market's lot size, tick size or minimum is not within its range");
    }
    if (market.maker_fee_ppm > limits::kMaxFeePpm || market.taker_fee_ppm > limits::kMaxFeePpm) {
      return Invalid("a market's fee is over 100,000 ppm");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckAccounts(const Genesis& genesis) {
  std::vector<std::uint64_t> supply(genesis.assets.size());
  std::set<AccountId> ids;
  for (const GenesisAccount& account : genesis.accounts) {
    if (!IsValidPublicKey(account.id)) return Invalid("an account's id is no valid public key");
    if (!ids.insert(account.id).second) return Invalid("an account is there twice");
    std::set<std::uint32_t> seen;
    std::uint64_t fee_atoms = 0;
    for (const GenesisBalance& balance : account.balances) {
      if (balance.asset >= supply.size()) return Invalid("a balance is of no asset");
      if (!seen.insert(balance.asset).second) return Invalid("a balance is there twice");
      if (balance.amount == 0) return Invalid("a balance is zero");
      const auto sum = CheckedAdd(supply[balance.asset], balance.amount);
      if (!sum || *sum > genesis.assets[balance.asset].supply_cap) {
        return Invalid(absl::StrCat("balances of ", genesis.assets[balance.asset].code,
                                    " are over its supply cap"));
      }
      supply[balance.asset] = *sum;
      if (balance.asset == genesis.fees.asset) fee_atoms = balance.amount;
    }
    if (fee_atoms < genesis.fees.account_deposit) {
      return Invalid("an account has less of the fee asset than its deposit");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckValidators(const Genesis& genesis) {
  if (genesis.validators.empty()) return Invalid("there is no validator");
  std::set<PublicKey> keys;
  for (const Validator& validator : genesis.validators) {
    if (!IsValidPublicKey(validator.key)) return Invalid("a validator's key is not valid");
    if (!keys.insert(validator.key).second) return Invalid("a validator is there twice");
  }
  return absl::OkStatus();
}

void WriteFees(Writer& writer, const FeeSchedule& fees) {
  writer.U32(fees.asset);
  for (const std::uint64_t amount :
       {fees.per_transaction, fees.per_operation, fees.per_cancel, fees.per_byte,
        fees.account_deposit, fees.order_deposit, fees.asset_deposit, fees.market_deposit}) {
    writer.U64(amount);
  }
}

void ReadFees(Reader& reader, FeeSchedule* fees) {
  fees->asset = reader.U32();
  for (std::uint64_t* amount : {&fees->per_transaction, &fees->per_operation, &fees->per_cancel,
                                &fees->per_byte, &fees->account_deposit, &fees->order_deposit,
                                &fees->asset_deposit, &fees->market_deposit}) {
    *amount = reader.U64();
  }
}

void WriteItem(Writer& writer, const GenesisAsset& asset) {
  writer.Sized(asset.code);
  writer.U32(asset.decimals);
  writer.Raw(asset.issuer.bytes);
  writer.U64(asset.supply_cap);
}

void ReadItem(Reader& reader, GenesisAsset* asset) {
  asset->code = std::string(reader.Sized());
  asset->decimals = reader.U32();
  reader.Raw(asset->issuer.bytes);
  asset->supply_cap = reader.U64();
}

void WriteItem(Writer& writer, const GenesisMarket& market) {
  writer.U32(market.base);
  writer.U32(market.quote);
  writer.U64(market.lot_size);
  writer.U64(market.tick_size);
  writer.U64(market.min_notional);
  writer.U32(market.maker_fee_ppm);
  writer.U32(market.taker_fee_ppm);
}

void ReadItem(Reader& reader, GenesisMarket* market) {
  market->base = reader.U32();
  market->quote = reader.U32();
  market->lot_size = reader.U64();
  market->tick_size = reader.U64();
  market->min_notional = reader.U64();
  market->maker_fee_ppm = reader.U32();
  market->taker_fee_ppm = reader.U32();
}

void WriteItem(Writer& writer, const GenesisBalance& balance) {
  writer.U32(balance.asset);
  writer.U64(balance.amount);
}

void ReadItem(Reader& reader, GenesisBalance* balance) {
  balance->asset = reader.U32();
  balance->amount = reader.U64();
}

void WriteItem(Writer& writer, const GenesisAccount& account);
void WriteItem(Writer& writer, const Validator& validator);
void ReadItem(Reader& reader, GenesisAccount* account);
void ReadItem(Reader& reader, Validator* validator);

template <typename Item>
void WriteAll(Writer& writer, const std::vector<Item>& items) {
  writer.U32(static_cast<std::uint32_t>(items.size()));
  for (const Item& item : items) WriteItem(writer, item);
}

// Stops where bytes run out, so a false count costs nothing.
template <typename Item>
void ReadAll(Reader& reader, std::vector<Item>* items) {
  const std::uint32_t count = reader.U32();
  items->clear();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) ReadItem(reader, &items->emplace_back());
}

void WriteItem(Writer& writer, const GenesisAccount& account) {
  writer.Raw(account.id.bytes);
  WriteAll(writer, account.balances);
}

void ReadItem(Reader& reader, GenesisAccount* account) {
  reader.Raw(account->id.bytes);
  ReadAll(reader, &account->balances);
}

void WriteItem(Writer& writer, const Validator& validator) {
  writer.Sized(validator.name);
  writer.Raw(validator.key.bytes);
}

void ReadItem(Reader& reader, Validator* validator) {
  validator->name = std::string(reader.Sized());
  reader.Raw(validator->key.bytes);
}

}  // namespace

absl::Status Validate(const Genesis& genesis) {
  if (genesis.chain_name.empty() || genesis.chain_name.size() > 64) {
    return Invalid("chain_name has to be 1 to 64 bytes long");
  }
  if (genesis.protocol_version != 1) return Invalid("this node knows protocol_version 1 only");
  if (genesis.assets.empty()) return Invalid("there is no asset");
  if (absl::Status status = CheckAssets(genesis); !status.ok()) return status;
  if (absl::Status status = CheckFees(genesis); !status.ok()) return status;
  if (absl::Status status = CheckMarkets(genesis); !status.ok()) return status;
  if (absl::Status status = CheckAccounts(genesis); !status.ok()) return status;
  return CheckValidators(genesis);
}

std::string Encode(const Genesis& genesis) {
  Writer writer;
  writer.Sized(genesis.chain_name);
  writer.U64(genesis.time.value());
  writer.U32(genesis.protocol_version);
  WriteFees(writer, genesis.fees);
  WriteAll(writer, genesis.assets);
  WriteAll(writer, genesis.markets);
  WriteAll(writer, genesis.accounts);
  WriteAll(writer, genesis.validators);
  return std::move(writer).Take();
}

bool Decode(std::string_view bytes, Genesis* genesis) {
  Reader reader(bytes);
  genesis->chain_name = std::string(reader.Sized());
  genesis->time = TimeMicros(reader.U64());
  genesis->protocol_version = reader.U32();
  ReadFees(reader, &genesis->fees);
  ReadAll(reader, &genesis->assets);
  ReadAll(reader, &genesis->markets);
  ReadAll(reader, &genesis->accounts);
  ReadAll(reader, &genesis->validators);
  return reader.Done();
}

Hash256 GenesisHash(const Genesis& genesis) {
  return Hasher("bourse/genesis/1").Update(Encode(genesis)).Finish();
}

}  // namespace bourse::ledger
