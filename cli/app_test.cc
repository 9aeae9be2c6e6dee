// The command against a node that lies, refuses, or falls silent; tests/e2e/cli has the real one.
#include "cli/app.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "bourse/v1/services.grpc.pb.h"
#include "common/hash.h"
#include "common/transaction.h"

namespace bourse::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string Id(char fill) { return std::string(32, fill); }

v1::Asset MakeAsset(const std::string& name, char fill, std::uint32_t decimals) {
  v1::Asset asset;
  asset.set_asset(Id(fill));
  asset.set_name(name);
  asset.set_code(name);
  asset.set_decimals(decimals);
  return asset;
}

// One market, BTC/USD. What it says can be bent before a command runs.
class FakeNode final : public v1::SubmitService::Service,
                       public v1::AccountService::Service,
                       public v1::MarketService::Service,
                       public v1::LedgerService::Service,
                       public v1::NodeService::Service {
 public:
  FakeNode() {
    assets = {MakeAsset("BRS", 'f', 8), MakeAsset("BTC", 'b', 8), MakeAsset("USD", 'u', 6)};
    market.set_market(1);
    market.set_base(Id('b'));
    market.set_quote(Id('u'));
    market.set_lot_size(100'000);
    market.set_tick_size(10);
    market.set_name("BTC/USD");
    node.set_genesis_hash(Id('g'));
    node.set_clock(1'800'000'000'000'000);
    node.mutable_fees()->set_asset(Id('f'));
    answer.set_status(v1::TRANSACTION_STATUS_FINAL);
    answer.mutable_receipt()->add_results()->set_order_status(v1::ORDER_STATUS_OPEN);
  }

  grpc::Status Submit(grpc::ServerContext*, const v1::SubmitRequest* request,
                      v1::SubmitResponse* response) override {
    submitted.push_back(*request);
    *response = answer;
    return submit_status;
  }
  grpc::Status GetAccount(grpc::ServerContext*, const v1::GetAccountRequest*,
                          v1::Account* response) override {
    response->set_next_nonce(7);
    return grpc::Status::OK;
  }
  grpc::Status GetAsset(grpc::ServerContext*, const v1::GetAssetRequest* request,
                        v1::Asset* response) override {
    for (const v1::Asset& asset : assets) {
      if (asset.asset() != request->asset() && asset.name() != request->name()) continue;
      *response = asset;
      return grpc::Status::OK;
    }
    return {grpc::StatusCode::NOT_FOUND, "no such asset"};
  }
  grpc::Status ListMarkets(grpc::ServerContext*, const v1::ListMarketsRequest*,
                           v1::ListMarketsResponse* response) override {
    *response->add_markets() = market;
    if (endless) response->set_next_page_token("more");
    return grpc::Status::OK;
  }
  grpc::Status GetTransaction(grpc::ServerContext*, const v1::GetTransactionRequest*,
                              v1::GetTransactionResponse* response) override {
    *response = found;
    return grpc::Status::OK;
  }
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                         v1::NodeStatus* response) override {
    *response = node;
    return grpc::Status::OK;
  }

  std::vector<v1::Asset> assets;
  v1::Market market;
  v1::NodeStatus node;
  v1::SubmitResponse answer;
  grpc::Status submit_status;
  v1::GetTransactionResponse found;
  bool endless = false;
  std::vector<v1::SubmitRequest> submitted;
};

class AppTest : public testing::Test {
 protected:
  AppTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(static_cast<v1::SubmitService::Service*>(&node_));
    builder.RegisterService(static_cast<v1::AccountService::Service*>(&node_));
    builder.RegisterService(static_cast<v1::MarketService::Service*>(&node_));
    builder.RegisterService(static_cast<v1::LedgerService::Service*>(&node_));
    builder.RegisterService(static_cast<v1::NodeService::Service*>(&node_));
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
    std::string folder = testing::TempDir() + "/bourse-XXXXXX";
    home_ = mkdtemp(folder.data());
    for (const char* name : {"BOURSE_NODE", "BOURSE_KEY", "BOURSE_HOME"}) unsetenv(name);
    EXPECT_EQ(Run({"keys", "new", "me", "--no-passphrase"}), ExitCode::kDone);
  }
  ~AppTest() override {
    server_->Shutdown();
    std::filesystem::remove_all(home_);
  }

  ExitCode Run(std::vector<std::string> words) {
    words.insert(words.end(), {"--home", home_, "--node", address_});
    std::ostringstream out;
    std::ostringstream err;
    const ExitCode code = RunBourse(words, out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }
  ExitCode RunJson(std::vector<std::string> words) {
    words.insert(words.end(), {"--output", "json"});
    const ExitCode code = Run(words);
    document_ = Json::parse(out_, nullptr, /*allow_exceptions=*/false);
    EXPECT_TRUE(document_.is_object()) << out_;
    return code;
  }

  FakeNode node_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  std::string home_;
  std::string out_;
  std::string err_;
  Json document_;
};

const std::vector<std::string> kBuy = {"order", "buy", "BTC/USD", "0.5", "--price", "64000"};

TEST_F(AppTest, SendsWhatItAnnouncedSignedAndBounded) {
  ASSERT_EQ(RunJson(kBuy), ExitCode::kDone) << out_;
  ASSERT_EQ(node_.submitted.size(), 1U);
  const std::string bytes = node_.submitted[0].transaction().SerializeAsString();
  const absl::StatusOr<SignedTransaction> sent = DecodeSignedTransaction(AsBytes(bytes));
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_TRUE(VerifySignature(*sent, AsBytes(bytes)));
  EXPECT_EQ(ToHex(sent->txid), document_["txid"]);
  EXPECT_TRUE(absl::StrContains(err_, ToHex(sent->txid)));
  EXPECT_EQ(sent->transaction.nonce, Nonce(7));
  EXPECT_EQ(sent->transaction.valid_until.value(), node_.node.clock() + 60'000'000);
  const auto& place = std::get<PlaceOrder>(sent->transaction.operations.at(0));
  EXPECT_EQ(place.quantity, Lots(500));
  EXPECT_EQ(place.price, PriceTicks(6'400'000));
}

TEST_F(AppTest, ARefusalOfTheNodeIsARejection) {
  for (const grpc::StatusCode code :
       {grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::FAILED_PRECONDITION,
        grpc::StatusCode::RESOURCE_EXHAUSTED}) {
    node_.submit_status = grpc::Status(code, "not like this");
    EXPECT_EQ(RunJson(kBuy), ExitCode::kRejected);
    EXPECT_TRUE(absl::StrContains(out_, "not like this"));
  }
}

TEST_F(AppTest, ATakenNonceIsExplainedAndNotSentAgainByItself) {
  node_.submit_status = grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "take next_nonce");
  EXPECT_EQ(Run(kBuy), ExitCode::kRejected);
  EXPECT_TRUE(absl::StrContains(err_, "can be sent again")) << err_;
  EXPECT_EQ(node_.submitted.size(), 1U);
  node_.submit_status = grpc::Status(grpc::StatusCode::UNKNOWN, "take next_nonce");
  EXPECT_EQ(Run(kBuy), ExitCode::kUnknown);
}

TEST_F(AppTest, AnErrorAfterWhichItMayHaveHappenedIsAnUnknownOutcome) {
  for (const grpc::StatusCode code :
       {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::DEADLINE_EXCEEDED,
        grpc::StatusCode::INTERNAL, grpc::StatusCode::CANCELLED, grpc::StatusCode::UNKNOWN}) {
    node_.submit_status = grpc::Status(code, "");
    EXPECT_EQ(RunJson(kBuy), ExitCode::kUnknown) << code;
    EXPECT_EQ(document_["error"]["code"], "OUTCOME_UNKNOWN");
    EXPECT_EQ(document_["txid"].get<std::string>().size(), 64U);
  }
  EXPECT_EQ(node_.submitted.size(), 5U) << "nothing is sent twice by itself";
}

TEST_F(AppTest, ASkippedTransactionIsARejectionWithTheReason) {
  node_.answer.mutable_receipt()->clear_results();
  node_.answer.mutable_receipt()->set_skip_reason(v1::SKIP_REASON_EXPIRED);
  EXPECT_EQ(RunJson(kBuy), ExitCode::kRejected);
  EXPECT_EQ(document_["skip_reason"], "EXPIRED");
}

TEST_F(AppTest, AReasonThatIsNewerThanThisProgramIsShownAsItsNumber) {
  node_.answer.mutable_receipt()->mutable_results(0)->set_reject_reason(
      static_cast<v1::RejectReason>(99));
  EXPECT_EQ(RunJson(kBuy), ExitCode::kRejected);
  EXPECT_EQ(document_["results"][0]["reject_reason"], "99");
}

TEST_F(AppTest, AnotherTransactionsBytesAreNotTaken) {
  v1::Transaction other;
  other.set_genesis_hash(Id('g'));
  v1::SignedTransaction envelope;
  envelope.set_body(other.SerializeAsString());
  envelope.set_signature(std::string(64, 's'));
  node_.found.mutable_transaction()->set_bytes(envelope.SerializeAsString());
  EXPECT_EQ(Run({"tx", std::string(64, 'a')}), ExitCode::kRejected);
  EXPECT_TRUE(absl::StrContains(err_, "another transaction's bytes")) << err_;
}

TEST_F(AppTest, NumbersThatMakeNoSenseAreRefused) {
  node_.market.set_lot_size(0);
  EXPECT_EQ(Run(kBuy), ExitCode::kRejected);
  node_.market.set_lot_size(1);
  node_.assets[1].set_decimals(4'000'000'000U);
  EXPECT_EQ(Run(kBuy), ExitCode::kRejected);
  EXPECT_TRUE(node_.submitted.empty());
}

TEST_F(AppTest, AnAssetWhoseIdIsNoneIsRefused) {
  node_.assets.front().set_name("GOLD");
  node_.assets.front().set_asset(std::string(4'000, 'x'));
  EXPECT_EQ(Run({"transfer", "me", "1", "GOLD"}), ExitCode::kRejected);
  EXPECT_TRUE(absl::StrContains(err_, "id is none")) << err_;
  EXPECT_TRUE(node_.submitted.empty());
}

TEST_F(AppTest, AListOfMarketsThatNeverEndsIsCutOff) {
  node_.endless = true;
  EXPECT_NE(Run({"market", "show", "ETH/USD"}), ExitCode::kDone);
}

TEST_F(AppTest, WithoutAReceiptThereIsNoReport) {
  node_.answer.Clear();
  EXPECT_EQ(Run(kBuy), ExitCode::kUnknown);
  node_.answer.set_status(v1::TRANSACTION_STATUS_FINAL);
  node_.answer.mutable_receipt();
  EXPECT_EQ(Run({"order", "cancel", "5"}), ExitCode::kUnknown);
}

TEST_F(AppTest, TextOfStrangersSteersNoTerminal) {
  node_.found.mutable_swap()->set_market(1);
  node_.submit_status = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "a\x1b[2Jb");
  EXPECT_EQ(Run(kBuy), ExitCode::kRejected);
  EXPECT_FALSE(absl::StrContains(err_, "\x1b"));
}

}  // namespace
}  // namespace bourse::cli
