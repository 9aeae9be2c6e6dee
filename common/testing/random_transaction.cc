#include "common/testing/random_transaction.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/limits.h"

namespace bourse::testing {
namespace {

class Maker {
 public:
  explicit Maker(std::mt19937_64& random) : random_(random) {}

  // From 0 to n - 1.
  std::uint64_t Below(std::uint64_t n) { return random_() % n; }
  bool Coin() { return Below(2) == 0; }

  // Of any size, often at the edge of a varint's or an integer's.
  std::uint64_t Number() {
    switch (Below(4)) {
      case 0:
        return Below(3);
      case 1:
        return (std::uint64_t{1} << Below(64)) - Below(2);
      case 2:
        return ~std::uint64_t{0} - Below(2);
      default:
        return random_() >> Below(64);
    }
  }
  std::uint32_t Number32() { return static_cast<std::uint32_t>(Number()); }
  std::uint64_t Id() { return Number() | 1; }

  template <typename Value>
  Value Bytes32() {
    Value value;
    if (Below(16) == 0) return value;  // zeros are bytes as good as others
    for (std::uint8_t& byte : value.bytes) byte = static_cast<std::uint8_t>(random_());
    return value;
  }
  std::string Memo() {
    std::string memo(Coin() ? 0 : Coin() ? Below(20) : Below(limits::kMaxMemoBytes + 1), '\0');
    for (char& c : memo) c = static_cast<char>(random_());
    return memo;
  }
  std::string Code() {
    std::string code(1 + Below(limits::kMaxAssetCodeBytes), 'A');
    for (char& c : code) c = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[Below(36)];
    return code;
  }
  OrderTarget Target() { return {Coin(), Id()}; }

  PlaceOrder Place(bool atomic) {
    return {.market = MarketId(Number32()),
            .side = Coin() ? Side::kBuy : Side::kSell,
            .type = atomic ? OrderType::kPostOnly : static_cast<OrderType>(1 + Below(5)),
            .self_trade = static_cast<SelfTrade>(1 + Below(3)),
            .price = PriceTicks(Number()),
            .quantity = Lots(Number()),
            .client_id = ClientOrderId(Number()),
            .expires = TimeMicros(Number())};
  }
  Operation Any(bool atomic) {
    switch (Below(atomic ? 3 : 9)) {
      case 0:
        return Place(atomic);
      case 1:
        return CancelOrder{Target()};
      case 2:
        return ReplaceOrder{Target(), PriceTicks(Number()), Lots(Number()), atomic || Coin()};
      case 3:
        return CancelAll{MarketId(Number32()), Coin()};
      case 4:
        return Transfer{Bytes32<AccountId>(), Bytes32<AssetId>(), Atoms(Number()), Memo()};
      case 5:
        return CreateAsset{Code(), Number32(), Atoms(Number())};
      case 6:
        return Mint{Bytes32<AssetId>(), Bytes32<AccountId>(), Atoms(Number()), Memo()};
      case 7:
        return Burn{Bytes32<AssetId>(), Atoms(Number()), Memo()};
      default:
        return CreateMarket{Bytes32<AssetId>(), Bytes32<AssetId>(), Number(),  Number(),
                            Atoms(Number()),    Number32(),         Number32()};
    }
  }

 private:
  std::mt19937_64& random_;
};

}  // namespace

Transaction RandomTransaction(std::mt19937_64& random) {
  Maker make(random);
  Transaction transaction;
  transaction.genesis_hash = make.Bytes32<Hash256>();
  transaction.account = make.Bytes32<AccountId>();
  transaction.signer = make.Bytes32<PublicKey>();
  transaction.nonce = Nonce(make.Number());
  transaction.valid_until = TimeMicros(make.Number());
  transaction.atomic = make.Coin();
  // As many as fit in any case, whatever their memos.
  const std::uint64_t most = make.Below(20) == 0 ? 150 : 4;
  const std::uint64_t size = 1 + make.Below(most);
  for (std::uint64_t i = 0; i < size; ++i) {
    transaction.operations.push_back(make.Any(transaction.atomic));
  }
  return transaction;
}

}  // namespace bourse::testing
