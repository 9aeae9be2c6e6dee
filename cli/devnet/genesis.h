// The genesis of a devnet: four assets, two markets, and accounts with something to trade.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/ed25519.h"

namespace bourse::cli {

struct DevnetAccount {
  std::string name;
  PublicKey id;
};

// Names of the accounts that trade, which all own the same; and of the one that issues BTC, ETH
// and USD.
[[nodiscard]] const std::vector<std::string>& DevnetTraders();
inline constexpr char kDevnetIssuer[] = "issuer";

struct DevnetValidator {
  std::string name;
  std::string key;  // 64 hexadecimal digits
};

// The text of genesis.json, in the format that `boursed init --genesis` reads. `accounts` holds all
// traders and the issuer; `time` is in microseconds.
[[nodiscard]] std::string DevnetGenesis(const std::vector<DevnetAccount>& accounts,
                                        const std::vector<DevnetValidator>& validators,
                                        std::uint64_t time);

}  // namespace bourse::cli
