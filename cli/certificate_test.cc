#include "cli/certificate.h"

#include <gtest/gtest.h>

#include "common/codec.h"
#include "common/units.h"
#include "ledger/event.h"
#include "ledger/merkle.h"
#include "ledger/records.h"

namespace bourse::cli {
namespace {

KeyPair Key(std::uint8_t number) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = number;
  return KeyPair::FromSeed(seed);
}

Hash256 Hash(std::uint8_t fill) {
  Hash256 out;
  out.bytes.fill(fill);
  return out;
}

template <typename Id>
std::string Raw(const Id& id) {
  return std::string(AsText(Bytes(id.bytes)));
}

// A block of two receipts and one swap, certified by three of four.
class CertificateTest : public testing::Test {
 protected:
  CertificateTest() {
    validators_.genesis_hash = Hash(7);
    for (const char* name : {"one", "two", "three", "four"}) {
      const auto number = static_cast<std::uint8_t>(validators_.all.size() + 1);
      validators_.all.push_back({name, Key(number).public_key()});
    }
    stored_.txid = Hash(1);
    stored_.height = Height(5);
    stored_.index = 1;
    stored_.charged = Atoms(42);
    stored_.events = 1;
    stored_.results.resize(1);
    stored_.results[0].order = OrderId(77);
    stored_.results[0].filled = Lots(3);
    settled_.market = MarketId(1);
    settled_.taker_side = Side::kSell;
    settled_.price = PriceTicks(100);
    settled_.quantity = Lots(3);
    settled_.maker_remaining = Lots(9);
    settled_.taker_txid = Hash(1);
    leaves_ = {"first", ledger::Encode(stored_), ledger::Encode(ledger::Event(settled_))};

    certificate_.set_height(5);
    certificate_.set_time(99);
    certificate_.set_block_hash(Raw(Hash(2)));
    certificate_.set_results_root(Raw(ledger::MerkleRootOf(leaves_)));
    certificate_.set_state_root(Raw(Hash(3)));
    Sign({0, 1, 3});
  }

  void Sign(const std::vector<std::uint8_t>& signers) {
    Writer writer;
    writer.Raw("bourse/executed/1");
    writer.Raw(Bytes(validators_.genesis_hash.bytes));
    writer.U64(0);
    writer.U64(certificate_.height());
    writer.Raw(certificate_.block_hash());
    writer.U64(certificate_.time());
    writer.Raw(certificate_.results_root());
    writer.Raw(certificate_.state_root());
    certificate_.clear_signatures();
    for (const std::uint8_t index : signers) {
      v1::ValidatorSignature& one = *certificate_.add_signatures();
      one.set_validator(index);
      const KeyPair key = Key(static_cast<std::uint8_t>(index + 1));
      one.set_signature(Raw(key.Sign(AsBytes(writer.bytes()))));
    }
  }

  [[nodiscard]] v1::Proof ProofOf(std::size_t index) const {
    std::vector<Hash256> hashes;
    for (const std::string& leaf : leaves_) hashes.push_back(ledger::MerkleLeaf(AsBytes(leaf)));
    v1::Proof proof;
    proof.set_height(5);
    proof.set_leaf(leaves_[index]);
    proof.set_leaf_index(index);
    proof.set_leaf_count(leaves_.size());
    for (const Hash256& hash : ledger::MerklePath(hashes, index)) proof.add_path(Raw(hash));
    return proof;
  }

  [[nodiscard]] v1::Receipt Receipt() const {
    v1::Receipt out;
    out.set_txid(Raw(stored_.txid));
    out.set_height(5);
    out.set_index(1);
    out.set_charged(42);
    v1::OperationResult& result = *out.add_results();
    result.set_order_id(77);
    result.set_order_status(static_cast<v1::OrderStatus>(stored_.results[0].status));
    result.set_filled(3);
    return out;
  }

  [[nodiscard]] v1::SettledSwap Swap() const {
    v1::SettledSwap out;
    out.set_txid(Raw(ledger::MakeSwapId(validators_.genesis_hash, Height(5), 0)));
    out.set_height(5);
    out.set_time(99);
    out.set_market(1);
    out.set_taker_side(v1::SIDE_SELL);
    out.set_price(100);
    out.set_quantity(3);
    out.set_maker(std::string(32, '\0'));
    out.set_taker(std::string(32, '\0'));
    out.set_taker_txid(Raw(Hash(1)));
    return out;
  }

  [[nodiscard]] absl::Status Check() const {
    return CheckCertificate(validators_, certificate_).status();
  }

  KnownValidators validators_;
  ledger::Receipt stored_;
  ledger::Swap settled_;
  std::vector<std::string> leaves_;
  v1::ExecutionCertificate certificate_;
};

TEST_F(CertificateTest, AQuorumIsNamed) {
  const auto signers = CheckCertificate(validators_, certificate_);
  ASSERT_TRUE(signers.ok()) << signers.status();
  EXPECT_EQ(CertifiedLine(validators_, *signers), "certified by 3 of 4 validators: one, two, four");
}

TEST_F(CertificateTest, LessThanAQuorumIsRefused) {
  Sign({0, 1});
  EXPECT_FALSE(Check().ok());
}

TEST_F(CertificateTest, NobodySignsTwiceNorFromOutside) {
  Sign({0, 1, 1});
  EXPECT_FALSE(Check().ok());
  Sign({0, 1, 4});
  EXPECT_FALSE(Check().ok());
}

TEST_F(CertificateTest, EachFieldIsSigned) {
  const v1::ExecutionCertificate good = certificate_;
  certificate_.set_height(6);
  EXPECT_FALSE(Check().ok());
  certificate_ = good;
  certificate_.set_time(98);
  EXPECT_FALSE(Check().ok());
  certificate_ = good;
  certificate_.set_block_hash(Raw(Hash(9)));
  EXPECT_FALSE(Check().ok());
  certificate_ = good;
  certificate_.set_state_root(Raw(Hash(9)));
  EXPECT_FALSE(Check().ok());
  certificate_ = good;
  certificate_.set_epoch(1);
  EXPECT_FALSE(Check().ok());
  certificate_ = good;
  certificate_.set_results_root("");
  EXPECT_FALSE(Check().ok());
  certificate_ = good;
  validators_.genesis_hash = Hash(8);
  EXPECT_FALSE(Check().ok());
}

TEST_F(CertificateTest, AReceiptIsWhatItsProofHolds) {
  EXPECT_TRUE(CheckReceipt(certificate_, ProofOf(1), Receipt()).ok());
  v1::Receipt other = Receipt();
  other.set_charged(41);
  EXPECT_FALSE(CheckReceipt(certificate_, ProofOf(1), other).ok());
  other = Receipt();
  other.mutable_results(0)->set_filled(4);
  EXPECT_FALSE(CheckReceipt(certificate_, ProofOf(1), other).ok());
  EXPECT_FALSE(CheckReceipt(certificate_, ProofOf(0), Receipt()).ok());
}

TEST_F(CertificateTest, AProofLeadsToTheCertifiedResults) {
  v1::Proof proof = ProofOf(1);
  proof.set_leaf_index(0);
  EXPECT_FALSE(CheckReceipt(certificate_, proof, Receipt()).ok());
  proof = ProofOf(1);
  proof.mutable_path()->RemoveLast();
  EXPECT_FALSE(CheckReceipt(certificate_, proof, Receipt()).ok());
  proof = ProofOf(1);
  proof.set_leaf_count(0);
  EXPECT_FALSE(CheckReceipt(certificate_, proof, Receipt()).ok());
}

TEST_F(CertificateTest, ASwapIsWhatItsProofHolds) {
  EXPECT_TRUE(CheckSwap(validators_.genesis_hash, certificate_, ProofOf(2), Swap()).ok());
  v1::SettledSwap other = Swap();
  other.set_price(101);
  EXPECT_FALSE(CheckSwap(validators_.genesis_hash, certificate_, ProofOf(2), other).ok());
  other = Swap();
  other.set_txid(Raw(Hash(4)));
  EXPECT_FALSE(CheckSwap(validators_.genesis_hash, certificate_, ProofOf(2), other).ok());
}

TEST_F(CertificateTest, ProofsOfTreesOfEverySizeLeadToTheirRoots) {
  for (std::size_t count = 3; count <= 17; ++count) {
    while (leaves_.size() < count) leaves_.push_back("leaf " + std::to_string(leaves_.size()));
    certificate_.set_results_root(Raw(ledger::MerkleRootOf(leaves_)));
    EXPECT_TRUE(CheckReceipt(certificate_, ProofOf(1), Receipt()).ok()) << count;
    EXPECT_TRUE(CheckSwap(validators_.genesis_hash, certificate_, ProofOf(2), Swap()).ok())
        << count;
    std::swap(leaves_[1], leaves_.back());
    certificate_.set_results_root(Raw(ledger::MerkleRootOf(leaves_)));
    EXPECT_TRUE(CheckReceipt(certificate_, ProofOf(count - 1), Receipt()).ok()) << count;
    std::swap(leaves_[1], leaves_.back());
  }
}

TEST(GenesisValidatorsTest, AreReadFromTheFile) {
  const std::string key(64, 'a');
  const auto read = ReadGenesisValidators(R"({"validators": [{"name": "one", "key": ")" + key +
                                          R"("}], "more": 1})");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->front().name, "one");
  for (const char* bad : {"", "{}", "[]", R"({"validators": []})", R"({"validators": [1]})",
                          R"({"validators": [{"name": "one", "key": "aa"}]})"}) {
    EXPECT_FALSE(ReadGenesisValidators(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace bourse::cli
