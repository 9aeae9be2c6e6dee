// DescribeOperation: what each kind of operation asks for, in words and as a document.
#include "absl/strings/str_cat.h"
#include "cli/clock_text.h"
#include "cli/describe.h"
#include "cli/table.h"

namespace bourse::cli {
namespace {

// An order's target: the operations that have one share these accessors.
template <typename Message>
void DescribeTarget(const Message& message, OperationText* out) {
  if (message.target_case() == Message::kClientId) {
    out->document["client_id"] = Number(message.client_id());
    absl::StrAppend(&out->line, " of client id ", message.client_id());
  } else {
    out->document["order_id"] = Number(message.order_id());
    absl::StrAppend(&out->line, " ", message.order_id());
  }
}

void DescribeMemo(const std::string& memo, OperationText* out) {
  out->document["memo"] = memo;
  out->document["memo_hex"] = HexText(memo);
  if (!memo.empty()) absl::StrAppend(&out->line, ", memo \"", Printable(memo), "\"");
}

absl::StatusOr<OperationText> Place(Catalog& catalog, const v1::PlaceOrder& place) {
  const absl::StatusOr<MarketInfo> found = catalog.MarketByNumber(place.market());
  if (!found.ok() && !absl::IsNotFound(found.status())) return found.status();
  OperationText out;
  out.document = {{"type", "place_order"}, {"market", place.market()}};
  std::string price = absl::StrCat(place.price(), " ticks");
  std::string quantity = absl::StrCat(place.quantity(), " lots");
  std::string name = absl::StrCat("#", place.market());
  if (found.ok()) {
    name = MarketText(*found);
    price = found->tick.Format(place.price());
    quantity = found->lot.Format(place.quantity());
    out.document["market_name"] = found->market.name();
    out.document["price"] = price;
    out.document["quantity"] = quantity;
  }
  out.document["side"] = SideText(place.side());
  out.document["order_type"] = TypeText(place.type());
  out.document["self_trade"] = SelfTradeText(place.self_trade());
  out.document["price_ticks"] = Number(place.price());
  out.document["quantity_lots"] = Number(place.quantity());
  out.line = absl::StrCat(SideText(place.side()), " ", name, " ", quantity, " at ", price, ", ",
                          TypeText(place.type()));
  if (place.client_id() != 0) {
    out.document["client_id"] = Number(place.client_id());
    absl::StrAppend(&out.line, ", client id ", place.client_id());
  }
  if (place.expires() != 0) {
    out.document["expires"] = FormatTime(place.expires());
    absl::StrAppend(&out.line, ", until ", FormatTime(place.expires()));
  }
  return out;
}

OperationText Replace(const v1::ReplaceOrder& replace) {
  OperationText out{{{"type", "replace_order"}}, "replace order"};
  DescribeTarget(replace, &out);
  out.document["price_ticks"] = Number(replace.price());
  out.document["quantity_lots"] = Number(replace.quantity());
  out.document["post_only"] = replace.post_only();
  absl::StrAppend(&out.line, ": ", replace.quantity(), " lots at ", replace.price(), " ticks",
                  replace.post_only() ? ", post-only" : "");
  return out;
}

OperationText CancelEverything(const v1::CancelAll& all) {
  OperationText out{{{"type", "cancel_all"}}, "cancel all orders"};
  out.document["market"] = all.market();
  out.document["void_in_flight"] = all.void_in_flight();
  if (all.market() != 0) absl::StrAppend(&out.line, " in market #", all.market());
  if (all.void_in_flight()) absl::StrAppend(&out.line, ", and void what is in flight");
  return out;
}

// Names the asset and the amount; of an asset that does not exist, atoms.
absl::Status DescribeAmount(Catalog& catalog, const std::string& id, std::uint64_t atoms,
                            OperationText* out) {
  const absl::StatusOr<v1::Asset> asset = catalog.AssetById(id);
  if (asset.ok()) {
    out->document.update(AmountDocument(atoms, *asset));
    absl::StrAppend(&out->line, " ", AmountText(atoms, *asset));
    return absl::OkStatus();
  }
  if (!absl::IsNotFound(asset.status())) return asset.status();
  out->document["asset"] = HexText(id);
  out->document["atoms"] = Number(atoms);
  absl::StrAppend(&out->line, " ", atoms, " atoms of ", HexText(id));
  return absl::OkStatus();
}

absl::StatusOr<OperationText> Pay(Context& context, Catalog& catalog, const char* type,
                                  const char* verb, const v1::Operation& operation) {
  OperationText out{{{"type", type}}, verb};
  const auto describe = [&](const auto& message) -> absl::Status {
    if (absl::Status status = DescribeAmount(catalog, message.asset(), message.amount(), &out);
        !status.ok()) {
      return status;
    }
    if constexpr (requires { message.to(); }) {
      out.document["to"] = AddressText(message.to());
      absl::StrAppend(&out.line, " to ", context.ShowAccount(message.to()));
    }
    DescribeMemo(message.memo(), &out);
    return absl::OkStatus();
  };
  absl::Status status = operation.has_transfer() ? describe(operation.transfer())
                        : operation.has_mint()   ? describe(operation.mint())
                                                 : describe(operation.burn());
  if (!status.ok()) return status;
  return out;
}

OperationText Create(const v1::CreateAsset& create) {
  OperationText out{{{"type", "create_asset"}}, "create asset"};
  out.document["code"] = create.code();
  out.document["decimals"] = create.decimals();
  out.document["supply_cap_atoms"] = Number(create.supply_cap());
  absl::StrAppend(&out.line, " ", Printable(create.code()), ", ", create.decimals(), " decimals");
  return out;
}

absl::StatusOr<OperationText> Create(Catalog& catalog, const v1::CreateMarket& create) {
  const auto name_of = [&](const std::string& id) -> absl::StatusOr<std::string> {
    const absl::StatusOr<v1::Asset> asset = catalog.AssetById(id);
    if (asset.ok()) return asset->name();
    if (absl::IsNotFound(asset.status())) return HexText(id);
    return asset.status();
  };
  const absl::StatusOr<std::string> base = name_of(create.base());
  if (!base.ok()) return base.status();
  const absl::StatusOr<std::string> quote = name_of(create.quote());
  if (!quote.ok()) return quote.status();
  OperationText out{{{"type", "create_market"}}, "create market"};
  out.document["base"] = *base;
  out.document["quote"] = *quote;
  out.document["lot_size_atoms"] = Number(create.lot_size());
  out.document["tick_size_atoms"] = Number(create.tick_size());
  out.document["min_notional_atoms"] = Number(create.min_notional());
  out.document["maker_fee_ppm"] = create.maker_fee_ppm();
  out.document["taker_fee_ppm"] = create.taker_fee_ppm();
  absl::StrAppend(&out.line, " ", Printable(*base), "/", Printable(*quote));
  return out;
}

}  // namespace

absl::StatusOr<OperationText> DescribeOperation(Context& context, const v1::Operation& operation) {
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  switch (operation.kind_case()) {
    case v1::Operation::kPlaceOrder:
      return Place(**catalog, operation.place_order());
    case v1::Operation::kCancelOrder: {
      OperationText out{{{"type", "cancel_order"}}, "cancel order"};
      DescribeTarget(operation.cancel_order(), &out);
      return out;
    }
    case v1::Operation::kReplaceOrder:
      return Replace(operation.replace_order());
    case v1::Operation::kCancelAll:
      return CancelEverything(operation.cancel_all());
    case v1::Operation::kTransfer:
      return Pay(context, **catalog, "transfer", "transfer", operation);
    case v1::Operation::kMint:
      return Pay(context, **catalog, "mint", "mint", operation);
    case v1::Operation::kBurn:
      return Pay(context, **catalog, "burn", "burn", operation);
    case v1::Operation::kCreateAsset:
      return Create(operation.create_asset());
    case v1::Operation::kCreateMarket:
      return Create(**catalog, operation.create_market());
    default:
      return OperationText{{{"type", "unknown"}}, "an operation that this program does not know"};
  }
}

}  // namespace bourse::cli
