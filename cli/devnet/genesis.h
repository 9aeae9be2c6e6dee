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

// The text of genesis.json, in the format that `boursed init --genesis` reads. Its validators are
// left to that. `accounts` holds all traders and the issuer; `time` is in microseconds.
[[nodiscard]] std::string DevnetGenesis(const std::vector<DevnetAccount>& accounts,
                                        std::uint64_t time);

}  // namespace bourse::cli
