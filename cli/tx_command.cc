// bourse tx
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/certified.h"
#include "cli/clock_text.h"
#include "cli/commands.h"
#include "cli/describe.h"
#include "cli/exit_code.h"
#include "cli/send.h"
#include "cli/table.h"
#include "common/hash.h"
#include "common/transaction.h"

namespace bourse::cli {
namespace {

struct TxFlags {
  std::string txid;
  std::string genesis;
  bool proof = false;
  bool verify = false;
};

using Response = absl::StatusOr<v1::GetTransactionResponse>;

Json ProofDocument(const v1::Proof& proof) {
  Json path = Json::array();
  for (const std::string& hash : proof.path()) path.push_back(HexText(hash));
  return {{"height", Number(proof.height())},
          {"leaf", HexText(proof.leaf())},
          {"leaf_index", Number(proof.leaf_index())},
          {"leaf_count", Number(proof.leaf_count())},
          {"path", path}};
}

// --- what the validators say

// Asks the node for the answer with its proof.
Response Ask(Context& context, const std::string& txid) {
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  v1::GetTransactionRequest request;
  request.set_txid(txid);
  request.set_with_proof(true);
  Response answer = (*client)->GetTransaction(request);
  if (absl::IsNotFound(answer.status())) {
    return absl::NotFoundError("the node knows neither a transaction nor a swap of that TXID");
  }
  return answer;
}

// As Ask, again and again until there is a certificate.
Response AskUntilCertified(Context& context, const std::string& txid) {
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::microseconds(context.settings().timeout_micros);
  for (;;) {
    Response answer = Ask(context, txid);
    if (!answer.ok() || answer->has_certificate()) return answer;
    if (absl::Status makes = CheckMakesCertificates(context); !makes.ok()) return makes;
    if (std::chrono::steady_clock::now() > end) {
      return RejectedError("a quorum of the validators has not yet certified it; try again later");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

absl::Status CheckAnswer(const KnownValidators& validators,
                         const v1::GetTransactionResponse& answer) {
  if (answer.has_swap()) {
    return CheckSwap(validators.genesis_hash, answer.certificate(), answer.proof(), answer.swap());
  }
  return CheckReceipt(answer.certificate(), answer.proof(), answer.transaction().receipt());
}

// The swaps of a receipt, each by its own proof.
absl::Status CheckSwaps(Context& context, const KnownValidators& validators,
                        const v1::GetTransactionResponse& answer) {
  for (const v1::SettledSwap& swap : answer.transaction().receipt().swaps()) {
    const Response alone = Ask(context, swap.txid());
    if (!alone.ok()) return alone.status();
    absl::Status status =
        CheckSwap(validators.genesis_hash, answer.certificate(), alone->proof(), swap);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Who certified what the answer says, all of it checked; nothing if there is no certificate.
absl::StatusOr<std::optional<Certified>> Verify(Context& context,
                                                const v1::GetTransactionResponse& answer,
                                                const TxFlags& flags) {
  if (!answer.has_certificate()) return std::optional<Certified>();
  const absl::StatusOr<Certified> certified = Certify(context, flags.genesis, answer.certificate());
  if (!certified.ok()) return certified.status();
  absl::Status status = CheckAnswer(certified->validators, answer);
  if (status.ok() && flags.verify) status = CheckSwaps(context, certified->validators, answer);
  if (!status.ok()) return status;
  return std::optional<Certified>(*certified);
}

void AddProof(const v1::GetTransactionResponse& answer, const std::optional<Certified>& certified,
              const TxFlags& flags, Json* document) {
  if (flags.proof && answer.has_proof()) (*document)["proof"] = ProofDocument(answer.proof());
  if (certified.has_value()) AddCertificate(*certified, answer.certificate(), document);
}

// --- a swap

void PrintSwap(std::ostream& out, Context& context, const v1::SettledSwap& swap,
               const MarketInfo& market) {
  const bool taker_buys = swap.taker_side() == v1::SIDE_BUY;
  const std::string& buyer = taker_buys ? swap.taker() : swap.maker();
  const std::string& seller = taker_buys ? swap.maker() : swap.taker();
  Table table({{"SWAP"}, {HexText(swap.txid())}});
  table.AddRow({"market", MarketText(market)});
  table.AddRow({"price", absl::StrCat(market.tick.Format(swap.price()), " ",
                                      Printable(market.quote.name()))});
  table.AddRow({"seller gave", absl::StrCat(AmountText(swap.base_amount(), market.base), ": ",
                                            context.ShowAccount(seller))});
  table.AddRow({"buyer gave", absl::StrCat(AmountText(swap.quote_amount(), market.quote), ": ",
                                           context.ShowAccount(buyer))});
  table.AddRow({"maker", absl::StrCat("the ", taker_buys ? "seller" : "buyer", ", order ",
                                      swap.maker_order_id(), ", fee ",
                                      AmountText(swap.maker_fee(), market.quote))});
  table.AddRow({"taker", absl::StrCat("the ", taker_buys ? "buyer" : "seller", ", order ",
                                      swap.taker_order_id(), ", fee ",
                                      AmountText(swap.taker_fee(), market.quote))});
  table.AddRow({"settled", absl::StrCat("in block ", swap.height(), ", event ", swap.event_index(),
                                        ", at ", FormatTime(swap.time()))});
  table.AddRow({"transaction", absl::StrCat(HexText(swap.taker_txid()), " (the taker's)")});
  table.Print(out);
}

absl::Status ShowSwap(Context& context, const v1::GetTransactionResponse& answer,
                      const TxFlags& flags) {
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  const v1::SettledSwap& swap = answer.swap();
  const absl::StatusOr<MarketInfo> market = (*catalog)->MarketByNumber(swap.market());
  if (!market.ok()) return market.status();
  const absl::StatusOr<std::optional<Certified>> certified = Verify(context, answer, flags);
  if (!certified.ok()) return certified.status();
  Json document = SwapDocument(swap, *market);
  AddProof(answer, *certified, flags, &document);
  context.output().Write(document, [&](std::ostream& out) {
    PrintSwap(out, context, swap, *market);
    if (certified->has_value()) PrintCertified(out, **certified);
  });
  return absl::OkStatus();
}

// --- a transaction

// The market of the operation, for its result; nothing where it has none.
absl::StatusOr<std::vector<MarketInfo>> MarketOf(Catalog& catalog, std::uint32_t number) {
  std::vector<MarketInfo> out;
  if (number == 0) return out;
  const absl::StatusOr<MarketInfo> market = catalog.MarketByNumber(number);
  if (market.ok()) {
    out.push_back(*market);
  } else if (!absl::IsNotFound(market.status())) {
    return market.status();
  }
  return out;
}

std::string ResultLine(const v1::OperationResult& result, const MarketInfo* market) {
  if (result.reject_reason() != v1::REJECT_REASON_NONE) {
    return absl::StrCat("rejected, ", ReasonText(result.reject_reason()), ": ",
                        Explain(result.reject_reason()));
  }
  std::string out = "done";
  if (result.order_status() != v1::ORDER_STATUS_UNSPECIFIED) {
    out = absl::StrCat(StatusText(result.order_status()), ", order ", result.order_id());
    if (market != nullptr && result.filled() != 0) {
      absl::StrAppend(&out, ", filled ", market->lot.Format(result.filled()));
    }
    if (market != nullptr && result.remaining() != 0) {
      absl::StrAppend(&out, ", left ", market->lot.Format(result.remaining()));
    }
  } else if (result.order_id() != 0) {
    absl::StrAppend(&out, ", order ", result.order_id());
  }
  if (result.market() != 0) absl::StrAppend(&out, ", market #", result.market());
  if (!result.asset().empty()) absl::StrAppend(&out, ", asset ", HexText(result.asset()));
  if (result.cancelled() != 0) absl::StrAppend(&out, ", ", result.cancelled(), " orders");
  return out;
}

// Both forms of the operations, with their results where there are any.
absl::Status DescribeOperations(Context& context, const v1::TransactionInfo& info, Json* documents,
                                Table* table) {
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  for (int i = 0; i < info.transaction().operations_size(); ++i) {
    const v1::Operation& operation = info.transaction().operations(i);
    absl::StatusOr<OperationText> text = DescribeOperation(context, operation);
    if (!text.ok()) return text.status();
    std::string line = "waiting";
    if (i < info.receipt().results_size()) {
      const absl::StatusOr<std::vector<MarketInfo>> market =
          MarketOf(**catalog, operation.place_order().market());
      if (!market.ok()) return market.status();
      const MarketInfo* found = market->empty() ? nullptr : &market->front();
      text->document["result"] = ResultDocument(info.receipt().results(i), found);
      line = ResultLine(info.receipt().results(i), found);
    } else if (info.has_receipt()) {
      line = "skipped";
    }
    documents->push_back(text->document);
    table->AddRow({text->line, line});
  }
  return absl::OkStatus();
}

absl::Status DescribeSwaps(Context& context, const v1::Receipt& receipt, Json* documents,
                           Table* table) {
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  for (const v1::SettledSwap& swap : receipt.swaps()) {
    const absl::StatusOr<MarketInfo> market = (*catalog)->MarketByNumber(swap.market());
    if (!market.ok()) return market.status();
    documents->push_back(SwapDocument(swap, *market));
    table->AddRow({HexText(swap.txid()), MarketText(*market), market->tick.Format(swap.price()),
                   market->lot.Format(swap.quantity())});
  }
  return absl::OkStatus();
}

// What was signed. The node can't pass off one transaction for another: the TXID is the hash of
// these very bytes.
absl::StatusOr<v1::Transaction> ReadBytes(const v1::TransactionInfo& info, const Hash256& txid) {
  const absl::StatusOr<SignedTransaction> decoded = DecodeSignedTransaction(AsBytes(info.bytes()));
  v1::SignedTransaction envelope;
  v1::Transaction transaction;
  if (!decoded.ok() || decoded->txid != txid || !envelope.ParseFromString(info.bytes()) ||
      !transaction.ParseFromString(envelope.body())) {
    return RejectedError("the node answered with another transaction's bytes: don't trust it");
  }
  return transaction;
}

absl::Status ShowTransaction(Context& context, const v1::GetTransactionResponse& answer,
                             const Hash256& txid, const TxFlags& flags) {
  v1::TransactionInfo info = answer.transaction();
  const absl::StatusOr<v1::Transaction> read = ReadBytes(info, txid);
  if (!read.ok()) return read.status();
  const v1::Transaction& transaction = *read;
  *info.mutable_transaction() = transaction;
  const bool final = info.has_receipt();
  const absl::StatusOr<std::optional<Certified>> certified = Verify(context, answer, flags);
  if (!certified.ok()) return certified.status();
  Json document = {{"type", "transaction"},
                   {"txid", ToHex(txid)},
                   {"status", final ? "final" : "pending"},
                   {"account", AddressText(transaction.account())},
                   {"nonce", Number(transaction.nonce())},
                   {"valid_until", FormatTime(transaction.valid_until())},
                   {"atomic", transaction.atomic()}};
  if (final) {
    document["time"] = FormatTime(info.time());
    document["time_micros"] = Number(info.time());
    if (absl::Status status = FillReceipt(context, info.receipt(), &document); !status.ok()) {
      return status;
    }
  }
  Json operations = Json::array();
  Json swaps = Json::array();
  Table operation_table({{"OPERATION"}, {"RESULT"}});
  Table swap_table(
      {{"SWAP (TXID)"}, {"MARKET"}, {"PRICE", Align::kRight}, {"QUANTITY", Align::kRight}});
  absl::Status status = DescribeOperations(context, info, &operations, &operation_table);
  if (!status.ok()) return status;
  status = DescribeSwaps(context, info.receipt(), &swaps, &swap_table);
  if (!status.ok()) return status;
  document["operations"] = operations;
  document["swaps"] = swaps;
  document["bytes"] = HexText(info.bytes());
  AddProof(answer, *certified, flags, &document);
  context.output().Write(document, [&](std::ostream& out) {
    Table table({{"TRANSACTION"}, {ToHex(txid)}});
    table.AddRow({"account", context.ShowAccount(transaction.account())});
    table.AddRow({"status", final ? absl::StrCat("final, in block ", info.receipt().height(),
                                                 " at ", FormatTime(info.time()))
                                  : "waiting for a block"});
    table.AddRow({"valid until", FormatTime(transaction.valid_until())});
    table.AddRow({"nonce", std::to_string(transaction.nonce())});
    if (final) {
      table.AddRow({"charged", absl::StrCat(document["charged"]["amount"].get<std::string>(), " ",
                                            document["charged"]["asset"].get<std::string>())});
    }
    table.Print(out);
    if (certified->has_value()) PrintCertified(out, **certified);
    operation_table.Print(out << "\n");
    if (!swap_table.empty()) swap_table.Print(out << "\n");
  });
  return absl::OkStatus();
}

absl::Status Run(Context& context, const TxFlags& flags) {
  Hash256 txid;
  if (!FromHex(flags.txid, &txid)) {
    return UsageError(absl::StrCat("'", flags.txid, "' is no TXID: it has 64 digits of 0-9, a-f"));
  }
  const std::string bytes(AsText(txid.bytes));
  const Response answer = flags.verify ? AskUntilCertified(context, bytes) : Ask(context, bytes);
  if (!answer.ok()) return answer.status();
  if (flags.proof) context.output().Note("the proof is shown with --output json");
  return answer->has_swap() ? ShowSwap(context, *answer, flags)
                            : ShowTransaction(context, *answer, txid, flags);
}

}  // namespace

void AddTxCommand(CLI::App& app, Context& context) {
  auto flags = std::make_shared<TxFlags>();
  CLI::App* command = AddCommand(app, "tx", "A transaction or a swap, by its TXID",
                                 "  bourse tx 5f1d…\n  bourse tx 5f1d… --verify\n"
                                 "  bourse tx 5f1d… --proof --output json\n",
                                 context, [&context, flags] { return Run(context, *flags); });
  command->add_option("TXID", flags->txid, "64 hexadecimal digits")->required();
  command->add_flag("--proof", flags->proof,
                    "With the proof that the block's results hold it (in JSON)");
  command->add_flag("--verify", flags->verify,
                    "Wait until a quorum of the validators certified it, and check its swaps, too");
  command->add_option("--genesis", flags->genesis, kGenesisFlagText);
}

}  // namespace bourse::cli
