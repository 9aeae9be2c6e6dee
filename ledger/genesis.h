// Genesis: what a network starts from. Its hash names the network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/ed25519.h"
#include "common/hash.h"
#include "common/transaction.h"
#include "common/units.h"

namespace bourse::ledger {

// In atoms of the fee asset. Documented in proto/bourse/v1/services.proto.
struct FeeSchedule {
  std::uint32_t asset = 0;  // place in Genesis::assets
  std::uint64_t per_transaction = 0;
  std::uint64_t per_operation = 0;
  std::uint64_t per_cancel = 0;
  std::uint64_t per_byte = 0;
  std::uint64_t account_deposit = 0;
  std::uint64_t order_deposit = 0;
  std::uint64_t asset_deposit = 0;
  std::uint64_t market_deposit = 0;
};

struct GenesisAsset {
  std::string code;  // its name, too; unique among them
  std::uint32_t decimals = 0;
  AccountId issuer;  // who may mint it; zeros: nobody
  std::uint64_t supply_cap = 0;
};

struct GenesisBalance {
  std::uint32_t asset = 0;  // place in Genesis::assets
  std::uint64_t amount = 0;
};

struct GenesisAccount {
  AccountId id;
  std::vector<GenesisBalance> balances;  // the account's deposit is taken from them
};

struct GenesisMarket {
  std::uint32_t base = 0;  // places in Genesis::assets
  std::uint32_t quote = 0;
  std::uint64_t lot_size = 0;
  std::uint64_t tick_size = 0;
  std::uint64_t min_notional = 0;
  std::uint32_t maker_fee_ppm = 0;
  std::uint32_t taker_fee_ppm = 0;
};

struct Validator {
  std::string name;
  PublicKey key;
};

struct Genesis {
  std::string chain_name;
  TimeMicros time;
  std::uint32_t protocol_version = 1;
  FeeSchedule fees;
  std::vector<GenesisAsset> assets;
  std::vector<GenesisMarket> markets;
  std::vector<GenesisAccount> accounts;
  std::vector<Validator> validators;
};

// kInvalidArgument with what is wrong: empty or duplicate names, unknown places, amounts or
// sums over 2^63-1, supplies over their cap, an account that can't pay its deposit, charges that
// could overflow, no validator.
[[nodiscard]] absl::Status Validate(const Genesis& genesis);

// Canonical bytes, and back; the network's name: BLAKE2b-256 of "bourse/genesis/1" ‖ those bytes.
[[nodiscard]] std::string Encode(const Genesis& genesis);
[[nodiscard]] bool Decode(std::string_view bytes, Genesis* genesis);
[[nodiscard]] Hash256 GenesisHash(const Genesis& genesis);

}  // namespace bourse::ledger
