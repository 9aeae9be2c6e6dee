#include "common/result.h"

namespace bourse {

std::string_view Name(RejectReason reason) {
  switch (reason) {
    case RejectReason::kNone:
      return "NONE";
    case RejectReason::kUnknownMarket:
      return "UNKNOWN_MARKET";
    case RejectReason::kUnknownAsset:
      return "UNKNOWN_ASSET";
    case RejectReason::kInvalidPrice:
      return "INVALID_PRICE";
    case RejectReason::kInvalidQuantity:
      return "INVALID_QUANTITY";
    case RejectReason::kNotionalOverflow:
      return "NOTIONAL_OVERFLOW";
    case RejectReason::kBelowMinNotional:
      return "BELOW_MIN_NOTIONAL";
    case RejectReason::kInsufficientFunds:
      return "INSUFFICIENT_FUNDS";
    case RejectReason::kWouldTake:
      return "WOULD_TAKE";
    case RejectReason::kNotFillable:
      return "NOT_FILLABLE";
    case RejectReason::kOrderNotFound:
      return "ORDER_NOT_FOUND";
    case RejectReason::kNotOrderOwner:
      return "NOT_ORDER_OWNER";
    case RejectReason::kDuplicateClientId:
      return "DUPLICATE_CLIENT_ID";
    case RejectReason::kClientIdBarred:
      return "CLIENT_ID_BARRED";
    case RejectReason::kTooManyClientIds:
      return "TOO_MANY_CLIENT_IDS";
    case RejectReason::kTooManyOpenOrders:
      return "TOO_MANY_OPEN_ORDERS";
    case RejectReason::kInvalidExpiry:
      return "INVALID_EXPIRY";
    case RejectReason::kAtomicAborted:
      return "ATOMIC_ABORTED";
    case RejectReason::kInvalidAmount:
      return "INVALID_AMOUNT";
    case RejectReason::kNotIssuer:
      return "NOT_ISSUER";
    case RejectReason::kSupplyCapExceeded:
      return "SUPPLY_CAP_EXCEEDED";
    case RejectReason::kAssetExists:
      return "ASSET_EXISTS";
    case RejectReason::kInvalidAsset:
      return "INVALID_ASSET";
    case RejectReason::kInvalidMarket:
      return "INVALID_MARKET";
    case RejectReason::kLimitReached:
      return "LIMIT_REACHED";
    case RejectReason::kInvalidAccount:
      return "INVALID_ACCOUNT";
  }
  return "UNKNOWN";
}

std::string_view Name(SkipReason reason) {
  switch (reason) {
    case SkipReason::kNone:
      return "NONE";
    case SkipReason::kUnknownAccount:
      return "UNKNOWN_ACCOUNT";
    case SkipReason::kWrongSigner:
      return "WRONG_SIGNER";
    case SkipReason::kNonceUsed:
      return "NONCE_USED";
    case SkipReason::kNonceBelowFloor:
      return "NONCE_BELOW_FLOOR";
    case SkipReason::kNonceBeyondWindow:
      return "NONCE_BEYOND_WINDOW";
    case SkipReason::kCannotPay:
      return "CANNOT_PAY";
    case SkipReason::kExpired:
      return "EXPIRED";
    case SkipReason::kInvalid:
      return "INVALID";
  }
  return "UNKNOWN";
}

std::string_view Name(OrderStatus status) {
  switch (status) {
    case OrderStatus::kUnspecified:
      return "UNSPECIFIED";
    case OrderStatus::kOpen:
      return "OPEN";
    case OrderStatus::kFilled:
      return "FILLED";
    case OrderStatus::kCancelled:
      return "CANCELLED";
    case OrderStatus::kCarried:
      return "CARRIED";
    case OrderStatus::kClosing:
      return "CLOSING";
  }
  return "UNKNOWN";
}

}  // namespace bourse
