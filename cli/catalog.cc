#include "cli/catalog.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "cli/nearest.h"
#include "common/hash.h"
#include "common/limits.h"

namespace bourse::cli {
namespace {

std::string Bytes32(const Hash256& hash) { return std::string(AsText(hash.bytes)); }

// What a node says is checked before arithmetic is done with it.
absl::Status CheckAsset(const v1::Asset& asset) {
  if (asset.decimals() > limits::kMaxAssetDecimals) {
    return RejectedError("the node names an asset with over 18 decimals");
  }
  if (asset.asset().size() != sizeof(Hash256::bytes)) {
    return RejectedError("the node names an asset whose id is none");
  }
  return absl::OkStatus();
}

bool Sane(const v1::Market& market, const v1::Asset& base, const v1::Asset& quote) {
  return market.market() != 0 && market.lot_size() != 0 && market.tick_size() != 0 &&
         base.asset() == market.base() && quote.asset() == market.quote();
}

std::string CodeOf(const std::string& name) { return name.substr(0, name.find('.')); }

// "GOLD.bourse1…/USD" -> "GOLD/USD".
std::string CodesOf(const std::string& name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) return CodeOf(name);
  return CodeOf(name.substr(0, slash)) + "/" + CodeOf(name.substr(slash + 1));
}

std::vector<v1::Market> NamedSo(const std::vector<v1::Market>& all, const std::string& name) {
  std::vector<v1::Market> out;
  for (const v1::Market& market : all) {
    if (market.name() == name) out.push_back(market);
  }
  return out;
}

// Markets of "GOLD/USD" where one or both are codes of assets that `own` has created.
std::vector<v1::Market> NamedByCode(const std::vector<v1::Market>& all, const std::string& name,
                                    const PublicKey& own) {
  std::vector<v1::Market> out;
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) return out;
  const std::string own_base = AssetIdOf(own, name.substr(0, slash));
  const std::string own_quote = AssetIdOf(own, name.substr(slash + 1));
  for (const v1::Market& market : all) {
    const bool base =
        market.base() == own_base || market.name().starts_with(name.substr(0, slash + 1));
    const bool quote = market.quote() == own_quote || market.name().ends_with(name.substr(slash));
    if (base && quote) out.push_back(market);
  }
  return out;
}

}  // namespace

std::string AssetIdOf(const PublicKey& issuer, std::string_view code) {
  Hasher hasher("bourse/asset/1");
  hasher.Update(Bytes(issuer.bytes)).Update(code);
  return Bytes32(hasher.Finish());
}

absl::StatusOr<v1::Asset> Catalog::AssetById(const std::string& id) {
  if (const auto it = assets_.find(id); it != assets_.end()) return it->second;
  v1::GetAssetRequest request;
  request.set_asset(id);
  absl::StatusOr<v1::Asset> asset = client_.GetAsset(request);
  if (!asset.ok()) return asset;
  if (absl::Status status = CheckAsset(*asset); !status.ok()) return status;
  if (asset->asset() != id) return RejectedError("the node answered with another asset");
  assets_[id] = *asset;
  return asset;
}

absl::StatusOr<v1::Asset> Catalog::FindAsset(const std::string& name,
                                             const std::optional<PublicKey>& own) {
  Hash256 id;
  if (FromHex(name, &id)) return AssetById(Bytes32(id));
  v1::GetAssetRequest request;
  request.set_name(name);
  absl::StatusOr<v1::Asset> asset = client_.GetAsset(request);
  if (asset.ok()) {
    if (absl::Status status = CheckAsset(*asset); !status.ok()) return status;
    assets_[asset->asset()] = *asset;
    return asset;
  }
  const bool unknown =
      absl::IsNotFound(asset.status()) || absl::IsFailedPrecondition(asset.status());
  if (!unknown) return asset;
  if (own.has_value()) {
    absl::StatusOr<v1::Asset> mine = AssetById(AssetIdOf(*own, name));
    if (mine.ok()) return mine;
  }
  const std::string upper = absl::AsciiStrToUpper(name);
  const bool amount = name.find_first_not_of("0123456789.") == std::string::npos;
  return absl::NotFoundError(
      absl::StrCat("there is no asset '", name, "'",
                   upper != name ? "; codes are in capitals: " + upper
                   : amount      ? "; is that the amount? --help tells which comes first"
                                 : "; 'bourse asset list' shows all"));
}

absl::StatusOr<MarketInfo> Catalog::Complete(const v1::Market& market) {
  absl::StatusOr<v1::Asset> base = AssetById(market.base());
  if (!base.ok()) return base.status();
  absl::StatusOr<v1::Asset> quote = AssetById(market.quote());
  if (!quote.ok()) return quote.status();
  if (!Sane(market, *base, *quote)) {
    return RejectedError(absl::StrCat("the node describes market #", market.market(),
                                      " with numbers that make no sense"));
  }
  MarketInfo info{
      market,
      *base,
      *quote,
      Step::Lot(market.lot_size(), base->decimals()),
      Step::Tick(market.lot_size(), base->decimals(), market.tick_size(), quote->decimals()),
      Step::Atom(base->decimals()),
      Step::Atom(quote->decimals())};
  markets_.insert_or_assign(market.market(), info);
  return info;
}

absl::StatusOr<MarketInfo> Catalog::MarketByNumber(std::uint32_t number) {
  if (const auto it = markets_.find(number); it != markets_.end()) return it->second;
  v1::GetMarketRequest request;
  request.set_market(number);
  absl::StatusOr<v1::Market> market = client_.GetMarket(request);
  if (!market.ok()) {
    if (!absl::IsNotFound(market.status())) return market.status();
    return absl::NotFoundError(
        absl::StrCat("there is no market #", number, "; 'bourse market list' shows all"));
  }
  return Complete(*market);
}

absl::StatusOr<std::vector<v1::Market>> Catalog::AllMarkets() {
  std::vector<v1::Market> all;
  v1::ListMarketsRequest request;
  request.set_page_size(limits::kMaxPageSize);
  for (int pages = 0; pages < kMaxPages; ++pages) {
    absl::StatusOr<v1::ListMarketsResponse> page = client_.ListMarkets(request);
    if (!page.ok()) return page.status();
    for (v1::Market& market : *page->mutable_markets()) all.push_back(std::move(market));
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  return all;
}

absl::StatusOr<FoundMarket> Catalog::FindMarket(const std::string& name,
                                                const std::optional<PublicKey>& own) {
  const std::string digits = name.starts_with('#') ? name.substr(1) : name;
  if (name.starts_with('#') || digits.find_first_not_of("0123456789") == std::string::npos) {
    const absl::StatusOr<std::uint64_t> number = ParseNumber("market", digits);
    if (!number.ok()) return number.status();
    if (*number == 0 || *number > limits::kMaxMarkets) {
      return UsageError(absl::StrCat("markets are numbered from 1 to ", limits::kMaxMarkets));
    }
    absl::StatusOr<MarketInfo> market = MarketByNumber(static_cast<std::uint32_t>(*number));
    if (!market.ok()) return market.status();
    return FoundMarket{*std::move(market), {}};
  }
  absl::StatusOr<std::vector<v1::Market>> all = AllMarkets();
  if (!all.ok()) return all.status();
  std::vector<v1::Market> found = NamedSo(*all, name);
  if (found.empty() && own.has_value()) found = NamedByCode(*all, name, *own);
  if (found.empty()) return NoMarket(name, *all);
  std::sort(found.begin(), found.end(),
            [](const v1::Market& a, const v1::Market& b) { return a.market() < b.market(); });
  absl::StatusOr<MarketInfo> first = Complete(found.front());
  if (!first.ok()) return first.status();
  FoundMarket out{*std::move(first), {}};
  for (std::size_t i = 1; i < found.size(); ++i) out.others.push_back(found[i].market());
  return out;
}

// Markets of other issuers' assets are named, never taken in their place.
absl::Status Catalog::NoMarket(const std::string& name, const std::vector<v1::Market>& all) {
  std::string alike;
  std::vector<std::string> names;
  for (const v1::Market& market : all) {
    names.push_back(market.name());
    if (CodesOf(market.name()) == absl::AsciiStrToUpper(name) && alike.size() < 1'000) {
      absl::StrAppend(&alike, " #", market.market(), " is ", market.name(), ".");
    }
  }
  std::string text = absl::StrCat("there is no market '", name, "'.");
  if (!alike.empty()) return absl::NotFoundError(text + alike);
  const std::optional<std::string> nearest = Nearest(absl::AsciiStrToUpper(name), names);
  return absl::NotFoundError(
      absl::StrCat(text, nearest.has_value() ? " Is it " + *nearest + "?" : "",
                   " 'bourse market list' shows all; write BASE/QUOTE, or a number such as 3"));
}

}  // namespace bourse::cli
