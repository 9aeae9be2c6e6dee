#include "cli/send.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/clock_text.h"
#include "cli/describe.h"
#include "cli/exit_code.h"
#include "common/limits.h"

namespace bourse::cli {
namespace {

struct Prepared {
  v1::SignedTransaction signed_transaction;
  std::string txid;  // raw
  std::uint64_t valid_until = 0;
};

absl::StatusOr<Hash256> GenesisHashOf(const v1::NodeStatus& node) {
  Hash256 hash;
  if (node.genesis_hash().size() != hash.bytes.size()) {
    return RejectedError("the node does not say which network it is of");
  }
  std::copy(node.genesis_hash().begin(), node.genesis_hash().end(), hash.bytes.begin());
  return hash;
}

absl::StatusOr<v1::Account> OwnAccount(Context& context, const StoredKey& key) {
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  v1::GetAccountRequest request;
  request.set_account(IdBytes(key.public_key));
  absl::StatusOr<v1::Account> account = (*client)->GetAccount(request);
  if (absl::IsNotFound(account.status())) {
    return RejectedError(absl::StrCat("the account of key ", key.name,
                                      " does not exist on this network yet: somebody has to "
                                      "transfer to ",
                                      AddressText(IdBytes(key.public_key))));
  }
  return account;
}

absl::StatusOr<Transaction> Build(Context& context, const StoredKey& key,
                                  std::vector<Operation> operations, const SendFlags& flags) {
  const absl::StatusOr<const v1::NodeStatus*> node = context.node_status();
  if (!node.ok()) return node.status();
  const absl::StatusOr<v1::Account> account = OwnAccount(context, key);
  if (!account.ok()) return account.status();
  const absl::StatusOr<Hash256> genesis_hash = GenesisHashOf(**node);
  if (!genesis_hash.ok()) return genesis_hash.status();
  const absl::StatusOr<std::uint64_t> valid_for = ParseDuration("--valid-for", flags.valid_for);
  if (!valid_for.ok()) return valid_for.status();
  if (*valid_for == 0 || *valid_for > limits::kMaxLifetimeMicros) {
    return UsageError("--valid-for is 1s to 10m");
  }
  Transaction transaction;
  transaction.genesis_hash = *genesis_hash;
  transaction.account = key.public_key;
  transaction.signer = key.public_key;
  transaction.nonce = Nonce(account->next_nonce());
  // Against the node's clock, which our own may be off from. A second less than the longest, for
  // the time until the next block is made.
  transaction.valid_until = TimeMicros(
      (*node)->clock() + std::min(*valid_for, limits::kMaxLifetimeMicros - kMicrosPerSecond));
  transaction.operations = std::move(operations);
  return transaction;
}

Prepared Encode(const Transaction& transaction) {
  Prepared out;
  std::string body = EncodeTransaction(transaction);
  out.txid = std::string(AsText(TransactionId(transaction.genesis_hash, AsBytes(body)).bytes));
  out.valid_until = transaction.valid_until.value();
  out.signed_transaction.set_body(std::move(body));
  return out;
}

absl::Status Sign(Context& context, const StoredKey& key, const Hash256& genesis_hash,
                  Prepared* prepared) {
  absl::StatusOr<KeyPair> pair = context.Unlock(key);
  if (!pair.ok()) return pair.status();
  const std::string& body = prepared->signed_transaction.body();
  const Signature signature = pair->Sign(AsBytes(SigningBytes(genesis_hash, AsBytes(body))));
  prepared->signed_transaction.set_signature(std::string(AsText(signature.bytes)));
  return absl::OkStatus();
}

// A result for the one operation, or a reason why it did not run.
bool SaysHowItEnded(const v1::SubmitResponse& answer) {
  const v1::Receipt& receipt = answer.receipt();
  return answer.status() == v1::TRANSACTION_STATUS_FINAL &&
         (receipt.skip_reason() != v1::SKIP_REASON_NONE || receipt.results_size() == 1);
}

absl::StatusOr<v1::SubmitResponse> Simulate(Client& client, const Prepared& prepared) {
  v1::SimulateRequest request;
  *request.mutable_transaction() = prepared.signed_transaction;
  absl::StatusOr<v1::SimulateResponse> answer = client.Simulate(request);
  if (!answer.ok()) return answer.status();
  v1::SubmitResponse out;
  out.set_txid(prepared.txid);
  *out.mutable_receipt() = std::move(*answer->mutable_receipt());
  out.set_status(v1::TRANSACTION_STATUS_FINAL);
  if (!SaysHowItEnded(out)) return RejectedError("the node did not say what it would do");
  return out;
}

absl::StatusOr<v1::SubmitResponse> Submit(Context& context, Client& client,
                                          const Prepared& prepared, bool wait) {
  context.output().AnnounceTxid(HexText(prepared.txid));
  v1::SubmitRequest request;
  *request.mutable_transaction() = prepared.signed_transaction;
  request.set_wait(wait);
  absl::StatusOr<v1::SubmitResponse> answer = client.Submit(request);
  if (answer.ok() && wait && !SaysHowItEnded(*answer)) {
    answer = OutcomeUnknownError("the node did not say how it ended");
  }
  if (absl::IsFailedPrecondition(answer.status()) &&
      absl::StrContains(answer.status().message(), "next_nonce")) {
    return RejectedError(
        absl::StrCat("something else has signed with this key at the same time, and was faster; "
                     "this can be sent again (",
                     answer.status().message(), ")"));
  }
  if (absl::IsUnknown(answer.status())) {
    return OutcomeUnknownError(
        absl::StrCat("nobody knows yet what became of it (", answer.status().message(),
                     "). Ask with 'bourse tx ", HexText(prepared.txid), "'; from ",
                     FormatTime(prepared.valid_until), " on it can't happen any more"));
  }
  return answer;
}

std::string Explained(v1::RejectReason reason, const MarketInfo* market) {
  if (reason != v1::REJECT_REASON_BELOW_MIN_NOTIONAL || market == nullptr) return Explain(reason);
  return absl::StrCat("the order is worth less than the market's least, ",
                      AmountText(market->market.min_notional(), market->quote));
}

// What is wrong with a receipt, if anything is.
absl::Status Verdict(const v1::Receipt& receipt, const MarketInfo* market) {
  if (receipt.skip_reason() != v1::SKIP_REASON_NONE) {
    return RejectedError(absl::StrCat("skipped, ", ReasonText(receipt.skip_reason()), ": ",
                                      Explain(receipt.skip_reason())));
  }
  for (const v1::OperationResult& result : receipt.results()) {
    if (result.reject_reason() == v1::REJECT_REASON_NONE) continue;
    return RejectedError(absl::StrCat(
        "rejected, ", ReasonText(result.reject_reason()), ": ",
        Explained(result.reject_reason(), market),
        result.order_id() == 0 ? "" : absl::StrCat(" (order ", result.order_id(), ")")));
  }
  return absl::OkStatus();
}

const char* StatusName(const v1::SubmitResponse& answer, const SendFlags& flags) {
  if (flags.dry_run) return "simulated";
  return answer.status() == v1::TRANSACTION_STATUS_FINAL ? "final" : "pending";
}

absl::Status WriteReport(Context& context, const v1::SubmitResponse& answer, std::string txid,
                         const SendFlags& flags, const Report& report) {
  const v1::Receipt& receipt = answer.receipt();
  Json document = {{"txid", txid}, {"status", StatusName(answer, flags)}};
  if (!answer.has_receipt()) {
    context.output().Write(document, [&](std::ostream& out) { out << txid << "\n"; });
    return absl::OkStatus();
  }
  if (absl::Status status = FillReceipt(context, receipt, &document); !status.ok()) return status;
  document["results"] = Json::array();
  for (const v1::OperationResult& result : receipt.results()) {
    document["results"].push_back(ResultDocument(result, report.market));
  }
  document["swaps"] = Json::array();
  for (const v1::SettledSwap& swap : receipt.swaps()) {
    if (report.market != nullptr) document["swaps"].push_back(SwapDocument(swap, *report.market));
  }
  absl::Status verdict = Verdict(receipt, report.market);
  context.output().Write(document, [&](std::ostream& out) {
    if (!verdict.ok()) return;
    if (flags.dry_run) out << "A dry run; nothing was sent. This is what it would do:\n";
    report.print(out, receipt);
  });
  return verdict;
}

}  // namespace

void AddSendFlags(CLI::App& command, SendFlags* flags) {
  command.add_flag("--no-wait", flags->no_wait,
                   "Print the TXID and return, without waiting for the result");
  command.add_flag("--dry-run", flags->dry_run, "Show what it would do; sign and send nothing");
  command
      .add_option("--valid-for", flags->valid_for,
                  "It must be in a block within this time, at most 10m")
      ->capture_default_str();
}

absl::Status FillReceipt(Context& context, const v1::Receipt& receipt, Json* document) {
  const absl::StatusOr<const v1::NodeStatus*> node = context.node_status();
  if (!node.ok()) return node.status();
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  const absl::StatusOr<v1::Asset> fee_asset = (*catalog)->AssetById((*node)->fees().asset());
  if (!fee_asset.ok()) return fee_asset.status();
  (*document)["height"] = Number(receipt.height());
  (*document)["index"] = receipt.index();
  (*document)["charged"] = AmountDocument(receipt.charged(), *fee_asset);
  (*document)["skip_reason"] = nullptr;
  if (receipt.skip_reason() != v1::SKIP_REASON_NONE) {
    (*document)["skip_reason"] = ReasonText(receipt.skip_reason());
  }
  return absl::OkStatus();
}

absl::Status SendAndReport(Context& context, std::vector<Operation> operations,
                           const SendFlags& flags, const Report& report) {
  const absl::StatusOr<StoredKey> key = context.SelectKey();
  if (!key.ok()) return key.status();
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  const absl::StatusOr<Transaction> transaction =
      Build(context, *key, std::move(operations), flags);
  if (!transaction.ok()) return transaction.status();
  Prepared prepared = Encode(*transaction);
  if (!flags.dry_run) {
    absl::Status status = Sign(context, *key, transaction->genesis_hash, &prepared);
    if (!status.ok()) return status;
  }
  const absl::StatusOr<v1::SubmitResponse> answer =
      flags.dry_run ? Simulate(**client, prepared)
                    : Submit(context, **client, prepared, !flags.no_wait);
  if (!answer.ok()) return answer.status();
  return WriteReport(context, *answer, HexText(prepared.txid), flags, report);
}

}  // namespace bourse::cli
