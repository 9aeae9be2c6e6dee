// What becomes of transactions and operations: the codes of proto/bourse/v1/result.proto, which
// documents them. The numbers are part of receipts, so they never change.
#pragma once

#include <cstdint>
#include <string_view>

namespace bourse {

enum class RejectReason : std::uint8_t {
  kNone = 0,
  kUnknownMarket = 1,
  kUnknownAsset = 2,
  kInvalidPrice = 3,
  kInvalidQuantity = 4,
  kNotionalOverflow = 5,
  kBelowMinNotional = 6,
  kInsufficientFunds = 7,
  kWouldTake = 8,
  kNotFillable = 9,
  kOrderNotFound = 10,
  kNotOrderOwner = 11,
  kDuplicateClientId = 12,
  kClientIdBarred = 13,
  kTooManyClientIds = 14,
  kTooManyOpenOrders = 15,
  kInvalidExpiry = 16,
  kAtomicAborted = 17,
  kInvalidAmount = 18,
  kNotIssuer = 19,
  kSupplyCapExceeded = 20,
  kAssetExists = 21,
  kInvalidAsset = 22,
  kInvalidMarket = 23,
  kLimitReached = 24,
  kInvalidAccount = 25,
};
inline constexpr int kRejectReasons = 26;

enum class SkipReason : std::uint8_t {
  kNone = 0,
  kUnknownAccount = 1,
  kWrongSigner = 2,
  kNonceUsed = 3,
  kNonceBelowFloor = 4,
  kNonceBeyondWindow = 5,
  kCannotPay = 6,
  kExpired = 7,
  kInvalid = 8,
};

inline constexpr int kSkipReasons = 9;

enum class OrderStatus : std::uint8_t {
  kUnspecified = 0,
  kOpen = 1,
  kFilled = 2,
  kCancelled = 3,
  kCarried = 4,
  kClosing = 5,
};

// As the API names them, without the prefix: "INSUFFICIENT_FUNDS".
[[nodiscard]] std::string_view Name(RejectReason reason);
[[nodiscard]] std::string_view Name(SkipReason reason);
[[nodiscard]] std::string_view Name(OrderStatus status);

}  // namespace bourse
