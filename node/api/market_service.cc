#include <algorithm>

#include "absl/status/statusor.h"
#include "bourse/v1/services.grpc.pb.h"
#include "common/codec.h"
#include "ledger/schema.h"
#include "node/api/call.h"
#include "node/api/convert.h"
#include "node/api/page_token.h"
#include "node/api/services.h"

namespace bourse::api {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

using Service = v1::MarketService;
using Base = Service::WithRawCallbackMethod_ListAssets<
    Service::WithRawCallbackMethod_GetAsset<Service::WithRawCallbackMethod_ListMarkets<
        Service::WithRawCallbackMethod_GetMarket<Service::WithRawCallbackMethod_GetBook<
            Service::WithRawCallbackMethod_ListTrades<Service::Service>>>>>>;

constexpr char kAssetsList = 'a';
constexpr char kMarketsList = 'm';
constexpr char kTradesList = 't';
constexpr std::uint32_t kDefaultDepth = 20;
constexpr std::uint32_t kMaxDepth = 1'000;

constexpr std::uint64_t kPastTheLast = 0xffff'ffff;  // of any list by number

// The number after the last one of a page; `token` may be empty.
absl::StatusOr<std::uint32_t> FirstOfPage(char list, const std::string& token) {
  if (token.empty()) return 1u;
  const auto at = ReadPageToken<1>(list, token);
  if (!at.ok()) return at.status();
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>((*at)[0], 1, kPastTheLast));
}

class MarketService final : public Base {
 public:
  explicit MarketService(Backend* backend) : backend_(backend) {}

  ServerUnaryReactor* ListAssets(CallbackServerContext* context, const ByteBuffer* request,
                                 ByteBuffer* response) override {
    return ServeAtOnce<v1::ListAssetsRequest>(
        context, request, response, [this](const auto& parsed) { return Assets(parsed); });
  }
  ServerUnaryReactor* GetAsset(CallbackServerContext* context, const ByteBuffer* request,
                               ByteBuffer* response) override {
    return ServeAtOnce<v1::GetAssetRequest>(
        context, request, response, [this](const auto& parsed) { return OneAsset(parsed); });
  }
  ServerUnaryReactor* ListMarkets(CallbackServerContext* context, const ByteBuffer* request,
                                  ByteBuffer* response) override {
    return ServeAtOnce<v1::ListMarketsRequest>(
        context, request, response, [this](const auto& parsed) { return Markets(parsed); });
  }
  ServerUnaryReactor* GetMarket(CallbackServerContext* context, const ByteBuffer* request,
                                ByteBuffer* response) override {
    return ServeAtOnce<v1::GetMarketRequest>(
        context, request, response, [this](const auto& parsed) { return OneMarket(parsed); });
  }
  ServerUnaryReactor* GetBook(CallbackServerContext* context, const ByteBuffer* request,
                              ByteBuffer* response) override {
    return ServeAtOnce<v1::GetBookRequest>(context, request, response,
                                           [this](const auto& parsed) { return Book(parsed); });
  }
  ServerUnaryReactor* ListTrades(CallbackServerContext* context, const ByteBuffer* request,
                                 ByteBuffer* response) override {
    return ServeAtOnce<v1::ListTradesRequest>(
        context, request, response, [this](const auto& parsed) { return Trades(parsed); });
  }

 private:
  const ledger::Genesis& genesis() const { return backend_->identity().genesis; }

  absl::StatusOr<v1::ListAssetsResponse> Assets(const v1::ListAssetsRequest& request) const {
    const absl::StatusOr<std::size_t> size = PageSize(request.page_size());
    if (!size.ok()) return size.status();
    const auto first = FirstOfPage(kAssetsList, request.page_token());
    if (!first.ok()) return first.status();
    const std::shared_ptr<const ledger::View> view = backend_->Latest();
    const LedgerReader reader(*view);
    const absl::StatusOr<ledger::Head> head = reader.Head();
    if (!head.ok()) return head.status();
    v1::ListAssetsResponse out;
    std::uint64_t index = *first;
    for (; index <= head->assets && out.assets_size() < static_cast<int>(*size); ++index) {
      const auto asset = reader.Asset(AssetIndex(static_cast<std::uint32_t>(index)));
      if (!asset.ok()) return Damaged("an asset");
      *out.add_assets() = ToMessage(*asset, genesis());
    }
    if (index <= head->assets) out.set_next_page_token(MakePageToken<1>(kAssetsList, {index}));
    return out;
  }

  absl::StatusOr<v1::Asset> OneAsset(const v1::GetAssetRequest& request) const {
    absl::StatusOr<AssetId> id = absl::InvalidArgumentError("by: give asset or name");
    if (request.has_asset()) id = ToHash("asset", request.asset());
    if (request.has_name()) id = AssetIdOf(request.name(), genesis());
    if (!id.ok()) return id.status();
    const std::shared_ptr<const ledger::View> view = backend_->Latest();
    const absl::StatusOr<ledger::Asset> asset = LedgerReader(*view).Asset(*id);
    if (!asset.ok()) return asset.status();
    return ToMessage(*asset, genesis());
  }

  absl::StatusOr<v1::ListMarketsResponse> Markets(const v1::ListMarketsRequest& request) const {
    const absl::StatusOr<std::size_t> size = PageSize(request.page_size());
    if (!size.ok()) return size.status();
    const auto first = FirstOfPage(kMarketsList, request.page_token());
    if (!first.ok()) return first.status();
    const std::shared_ptr<const ledger::View> view = backend_->Latest();
    const LedgerReader reader(*view);
    const absl::StatusOr<ledger::Head> head = reader.Head();
    if (!head.ok()) return head.status();
    v1::ListMarketsResponse out;
    std::uint64_t number = *first;
    for (; number <= head->markets && out.markets_size() < static_cast<int>(*size); ++number) {
      const auto market = reader.Market(MarketId(static_cast<std::uint32_t>(number)));
      if (!market.ok()) return Damaged("a market");
      absl::StatusOr<v1::Market> message = ToMessage(*market, reader, genesis());
      if (!message.ok()) return message.status();
      *out.add_markets() = *std::move(message);
    }
    if (number <= head->markets) out.set_next_page_token(MakePageToken<1>(kMarketsList, {number}));
    return out;
  }

  absl::StatusOr<v1::Market> OneMarket(const v1::GetMarketRequest& request) const {
    const std::shared_ptr<const ledger::View> view = backend_->Latest();
    const LedgerReader reader(*view);
    const absl::StatusOr<ledger::Market> market = reader.Market(MarketId(request.market()));
    if (!market.ok()) return market.status();
    return ToMessage(*market, reader, genesis());
  }

  absl::StatusOr<v1::Book> Book(const v1::GetBookRequest& request) const {
    if (request.depth() > kMaxDepth) {
      return absl::InvalidArgumentError(
          absl::StrCat("depth: ", request.depth(), " is over ", kMaxDepth));
    }
    const std::shared_ptr<const ledger::View> view = backend_->Latest();
    const absl::StatusOr<ledger::Market> market =
        LedgerReader(*view).Market(MarketId(request.market()));
    if (!market.ok()) return market.status();
    const BookLevels levels = backend_->orders().Levels(
        MarketId(request.market()), request.depth() == 0 ? kDefaultDepth : request.depth());
    v1::Book out;
    out.set_market(request.market());
    out.set_height(levels.height.value());
    for (const Level& level : levels.bids) *out.add_bids() = ToMessage(level);
    for (const Level& level : levels.asks) *out.add_asks() = ToMessage(level);
    return out;
  }

  absl::StatusOr<v1::ListTradesResponse> Trades(const v1::ListTradesRequest& request) const {
    const absl::StatusOr<std::size_t> size = PageSize(request.page_size());
    if (!size.ok()) return size.status();
    const MarketId id(request.market());
    std::string from;  // the newest
    if (!request.page_token().empty()) {
      const auto at = ReadPageToken<2>(kTradesList, request.page_token());
      if (!at.ok()) return at.status();
      from = ledger::MarketSwapKey(id, Height((*at)[0]), static_cast<std::uint32_t>((*at)[1]));
    }
    const std::shared_ptr<const ledger::View> view = backend_->Latest();
    const LedgerReader reader(*view);
    const absl::StatusOr<ledger::Market> market = reader.Market(id);
    if (!market.ok()) return market.status();

    v1::ListTradesResponse out;
    absl::Status status;
    const std::string prefix = ledger::MarketSwapsPrefix(id);
    const absl::Status scanned = view->ScanBack(
        ledger::Family::kSwaps, prefix, from, [&](std::string_view key, std::string_view) {
          Reader place(key.substr(prefix.size()));
          const Height height(place.BigU64());
          const std::uint32_t index = place.BigU32();
          if (out.trades_size() == static_cast<int>(*size)) {
            out.set_next_page_token(MakePageToken<2>(kTradesList, {height.value(), index}));
            return false;
          }
          status = AddTrade(reader, height, index, &out);
          return status.ok();
        });
    if (!scanned.ok()) return scanned;
    if (!status.ok()) return status;
    return out;
  }

  absl::Status AddTrade(const LedgerReader& reader, Height height, std::uint32_t index,
                        v1::ListTradesResponse* out) const {
    const Hash256& genesis_hash = backend_->identity().genesis_hash;
    const auto swap = reader.Swap(ledger::MakeSwapId(genesis_hash, height, index));
    if (!swap.ok()) return swap.status();
    if (!swap->has_value()) return Damaged("a trade");
    *out->add_trades() = ToMessage((*swap)->swap, genesis_hash, height, index, (*swap)->time);
    return absl::OkStatus();
  }

  Backend* const backend_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeMarketService(Backend* backend) {
  return std::make_unique<MarketService>(backend);
}

}  // namespace bourse::api
