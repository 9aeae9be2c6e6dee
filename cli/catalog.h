// The assets and markets of a node, by the names that people use.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/client.h"
#include "cli/decimal.h"
#include "common/ed25519.h"

namespace bourse::cli {

// Pages of one list that are asked for at most: a node that never ends a list is not followed.
inline constexpr int kMaxPages = 2'000;

// A market with what its numbers mean.
struct MarketInfo {
  v1::Market market;
  v1::Asset base;
  v1::Asset quote;
  Step lot = Step::Atom(0);
  Step tick = Step::Atom(0);
  Step base_atom = Step::Atom(0);
  Step quote_atom = Step::Atom(0);
};

// A market that was named, and the numbers of those that are named alike, in ascending order.
struct FoundMarket {
  MarketInfo market;
  std::vector<std::uint32_t> others;
};

// Asks the node for what it does not yet know. Not thread-safe. `client` is borrowed.
class Catalog {
 public:
  explicit Catalog(Client& client) : client_(client) {}

  // Of an id that the node itself has named.
  [[nodiscard]] absl::StatusOr<v1::Asset> AssetById(const std::string& id);

  // By name ("BTC", "GOLD.bourse1…") or id (64 hexadecimal digits). A name without issuer that
  // the genesis doesn't know is taken for `own`'s asset, if there is that.
  [[nodiscard]] absl::StatusOr<v1::Asset> FindAsset(const std::string& name,
                                                    const std::optional<PublicKey>& own);

  [[nodiscard]] absl::StatusOr<MarketInfo> MarketByNumber(std::uint32_t number);

  // By "BASE/QUOTE", "#3" or "3". Anybody may create another market of a pair: of several, the name
  // means the one with the lowest number, which is the earliest, so that no later one takes its
  // place. Where nothing is named so, codes may be those of `own`'s assets.
  [[nodiscard]] absl::StatusOr<FoundMarket> FindMarket(const std::string& name,
                                                       const std::optional<PublicKey>& own);

  [[nodiscard]] absl::StatusOr<std::vector<v1::Market>> AllMarkets();

 private:
  [[nodiscard]] absl::StatusOr<MarketInfo> Complete(const v1::Market& market);
  [[nodiscard]] absl::Status NoMarket(const std::string& name, const std::vector<v1::Market>& all);

  Client& client_;
  std::map<std::string, v1::Asset> assets_;
  std::map<std::uint32_t, MarketInfo> markets_;
};

// The id of the asset that `issuer` has created as `code`.
[[nodiscard]] std::string AssetIdOf(const PublicKey& issuer, std::string_view code);

}  // namespace bourse::cli
