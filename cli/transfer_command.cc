// bourse transfer
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/describe.h"
#include "cli/exit_code.h"
#include "cli/send.h"
#include "common/limits.h"

namespace bourse::cli {
namespace {

struct TransferFlags {
  std::string to;
  std::string amount;
  std::string asset;
  std::string memo;
  SendFlags send;
};

absl::Status Run(Context& context, const TransferFlags& flags) {
  if (flags.memo.size() > limits::kMaxMemoBytes) {
    return UsageError(absl::StrCat("--memo has ", flags.memo.size(), " bytes; at most ",
                                   limits::kMaxMemoBytes, " are possible"));
  }
  const absl::StatusOr<PublicKey> to = context.FindAccount(flags.to);
  if (!to.ok()) return to.status();
  const absl::StatusOr<StoredKey> key = context.SelectKey();
  if (!key.ok()) return key.status();
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  const absl::StatusOr<v1::Asset> asset = (*catalog)->FindAsset(flags.asset, key->public_key);
  if (!asset.ok()) return asset.status();
  const absl::StatusOr<std::uint64_t> atoms =
      Step::Atom(asset->decimals()).Count("amount", flags.amount);
  if (!atoms.ok()) return atoms.status();
  Transfer transfer;
  transfer.to = *to;
  std::copy(asset->asset().begin(), asset->asset().end(), transfer.asset.bytes.begin());
  transfer.amount = Atoms(*atoms);
  transfer.memo = flags.memo;
  const Report report = {nullptr, [&](std::ostream& out, const v1::Receipt&) {
                           out << "transferred " << AmountText(*atoms, *asset) << " to "
                               << context.ShowAccount(IdBytes(*to)) << "\n";
                         }};
  return SendAndReport(context, {transfer}, flags.send, report);
}

}  // namespace

void AddTransferCommand(CLI::App& app, Context& context) {
  auto flags = std::make_shared<TransferFlags>();
  CLI::App* command = AddCommand(app, "transfer", "Pay an amount of an asset to an account",
                                 "  bourse transfer bob 100 USD\n"
                                 "  bourse transfer bourse1… 0.25 BTC --memo 'invoice 7'\n",
                                 context, [&context, flags] { return Run(context, *flags); });
  command->add_option("TO", flags->to, "The account's id (bourse1…), or the name of a key")
      ->required();
  command->add_option("AMOUNT", flags->amount, "In decimals, exactly")->required();
  command->add_option("ASSET", flags->asset, "Its name, such as USD, or id")->required();
  command->add_option("--memo", flags->memo, "Public text for the recipient, at most 256 bytes");
  AddSendFlags(*command, &flags->send);
}

}  // namespace bourse::cli
