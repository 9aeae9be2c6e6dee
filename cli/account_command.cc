// bourse account
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/describe.h"
#include "cli/exit_code.h"
#include "cli/table.h"
#include "common/checked_math.h"

namespace bourse::cli {
namespace {

absl::Status Run(Context& context, const std::string& name) {
  PublicKey id;
  if (name.empty()) {
    const absl::StatusOr<StoredKey> key = context.SelectKey();
    if (!key.ok()) return key.status();
    id = key->public_key;
  } else {
    const absl::StatusOr<PublicKey> found = context.FindAccount(name);
    if (!found.ok()) return found.status();
    id = *found;
  }
  const absl::StatusOr<Catalog*> catalog = context.catalog();
  if (!catalog.ok()) return catalog.status();
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  v1::GetAccountRequest request;
  request.set_account(IdBytes(id));
  const absl::StatusOr<v1::Account> account = (*client)->GetAccount(request);
  if (absl::IsNotFound(account.status())) {
    return absl::NotFoundError(absl::StrCat("there is no account ",
                                            context.ShowAccount(IdBytes(id)),
                                            " on this network: it begins with a transfer to it"));
  }
  if (!account.ok()) return account.status();

  Json balances = Json::array();
  Table table(
      {{"ASSET"}, {"FREE", Align::kRight}, {"RESERVED", Align::kRight}, {"TOTAL", Align::kRight}});
  for (const v1::Balance& balance : account->balances()) {
    const absl::StatusOr<v1::Asset> asset = (*catalog)->AssetById(balance.asset());
    if (!asset.ok()) return asset.status();
    const Step atom = Step::Atom(asset->decimals());
    const std::uint64_t total = CheckedAdd(balance.free(), balance.reserved()).value_or(kMaxAtoms);
    balances.push_back({{"asset", asset->name()},
                        {"free", atom.Format(balance.free())},
                        {"free_atoms", Number(balance.free())},
                        {"reserved", atom.Format(balance.reserved())},
                        {"reserved_atoms", Number(balance.reserved())}});
    table.AddRow({Printable(asset->name()), atom.Format(balance.free()),
                  atom.Format(balance.reserved()), atom.Format(total)});
  }
  const Json document = {{"account", AddressText(account->account())},
                         {"height", Number(account->height())},
                         {"balances", balances},
                         {"open_orders", account->open_orders()},
                         {"nonce_floor", Number(account->nonce_floor())},
                         {"next_nonce", Number(account->next_nonce())}};
  context.output().Write(document, [&](std::ostream& out) {
    out << "account " << context.ShowAccount(account->account()) << "\n";
    table.Print(out);
    out << account->open_orders() << (account->open_orders() == 1 ? " open order" : " open orders")
        << "; as of block " << account->height() << "\n";
  });
  return absl::OkStatus();
}

}  // namespace

void AddAccountCommand(CLI::App& app, Context& context) {
  auto name = std::make_shared<std::string>();
  AddCommand(app, "account", "What an account owns",
             "  bourse account\n  bourse account bob\n  bourse account bourse1…\n", context,
             [&context, name] { return Run(context, *name); })
      ->add_option("ACCOUNT", *name, "An id (bourse1…), or the name of a key; without, your own");
}

}  // namespace bourse::cli
