// transactions.txt: one signed transaction of each kind, byte for byte. It fails when an encoding
// or a hash changes, and tells those who write clients what theirs must produce.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "common/address.h"
#include "common/transaction.h"

namespace bourse {
namespace {

template <typename Value>
Value Counting(std::uint8_t first) {
  Value value;
  for (std::size_t i = 0; i < value.bytes.size(); ++i) {
    value.bytes[i] = static_cast<std::uint8_t>(first + i);
  }
  return value;
}

KeyPair Key() { return KeyPair::FromSeed(Counting<Hash256>(1).bytes); }

Transaction WithOperations(std::vector<Operation> operations) {
  Transaction transaction;
  transaction.genesis_hash = Counting<Hash256>(0xa0);
  transaction.account = Key().public_key();
  transaction.signer = Key().public_key();
  transaction.nonce = Nonce(300);
  transaction.valid_until = TimeMicros(1'800'000'000'000'000);
  transaction.operations = std::move(operations);
  return transaction;
}

std::vector<std::pair<std::string, Transaction>> Transactions() {
  const AssetId btc = Counting<AssetId>(0x20), usd = Counting<AssetId>(0x60);
  const AccountId bob = KeyPair::FromSeed(Counting<Hash256>(2).bytes).public_key();
  const PlaceOrder place{.market = MarketId(1),
                         .side = Side::kSell,
                         .type = OrderType::kPostOnly,
                         .self_trade = SelfTrade::kCancelMaker,
                         .price = PriceTicks(64'000),
                         .quantity = Lots(500),
                         .client_id = ClientOrderId(77),
                         .expires = TimeMicros(1'800'000'060'000'000)};
  const CancelOrder cancel{{.by_client_id = true, .id = 77}};
  const ReplaceOrder replace{
      {.by_client_id = false, .id = 16'777'217}, PriceTicks(63'999), Lots(400), true};
  Transaction requote = WithOperations({cancel, replace, place});
  requote.atomic = true;
  return {
      {"place_order", WithOperations({place})},
      {"cancel_order", WithOperations({cancel})},
      {"replace_order", WithOperations({replace})},
      {"cancel_all", WithOperations({CancelAll{MarketId(0), true}})},
      {"transfer", WithOperations({Transfer{bob, usd, Atoms(1'000'000), "rent"}})},
      {"create_asset", WithOperations({CreateAsset{"BTC", 8, Atoms(2'100'000'000'000'000)}})},
      {"mint", WithOperations({Mint{btc, bob, Atoms(50), "deposit"}})},
      {"burn", WithOperations({Burn{btc, Atoms(50), "withdrawal"}})},
      {"create_market",
       WithOperations({CreateMarket{btc, usd, 1'000, 10, Atoms(5'000), 100, 300}})},
      {"atomic_requote", requote},
  };
}

std::string Describe() {
  std::string out = "# Made and checked by transactions_test.cc.\nseed " +
                    ToHex(Bytes(Key().seed())) + "\naddress " + FormatAddress(Key().public_key()) +
                    "\n";
  for (const auto& [name, transaction] : Transactions()) {
    const std::string body = EncodeTransaction(transaction);
    const Signature signature =
        Key().Sign(AsBytes(SigningBytes(transaction.genesis_hash, AsBytes(body))));
    out += "\n" + name + "\nbody " + ToHex(AsBytes(body)) + "\ntxid " +
           ToHex(TransactionId(transaction.genesis_hash, AsBytes(body))) + "\nsignature " +
           ToHex(Bytes(signature.bytes)) + "\n";
  }
  return out;
}

TEST(GoldenTest, TransactionsAreEncodedSignedAndNamedAsEver) {
  std::ifstream file("tests/golden/transactions.txt");
  ASSERT_TRUE(file.good());
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(Describe(), text.str())
      << "If this change is meant, it needs a new protocol version; the new text is above.";
}

}  // namespace
}  // namespace bourse
