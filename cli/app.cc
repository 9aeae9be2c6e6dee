#include "cli/app.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include "CLI/App.hpp"
#include "CLI/Config.hpp"
#include "CLI/Formatter.hpp"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/nearest.h"

namespace bourse::cli {
namespace {

constexpr char kOverview[] = R"(Bourse: an exchange that needs no operator.

Try it on this computer:
  bourse devnet up                             a local network, with funded keys
  bourse market list                           what is traded
  bourse order buy BTC/USD 0.5 --price 64000   an order, signed and sent
  bourse book BTC/USD                          the best prices
  bourse account                               what you own

Commands:
  order      buy, sell, cancel, cancel-all, replace, list, show
  account    what an account owns
  book       the best prices of a market
  trades     a market's last swaps
  transfer   pay an amount of an asset to an account
  tx         a transaction or a swap, by its TXID
  market     create, list, show
  asset      create, list, show, mint, burn
  keys       new, list, show, use, import, export, passwd
  block      the last block, or one by its height
  node       status, peers, evidence: the node that commands talk to
  devnet     up, down, status, stop, start: a local network to play with
  version    this program's version

Each tells more with --help, such as: bourse order buy --help
)";

void AddSharedFlags(CLI::App& app, Flags& flags) {
  app.add_option("--node", flags.node, "The node to talk to, HOST:PORT (BOURSE_NODE)");
  app.add_option("--key", flags.key, "The key to sign with (BOURSE_KEY)");
  app.add_option("--output", flags.output, "table for people, json for programs");
  app.add_option("--home", flags.home, "Folder of keys and settings (BOURSE_HOME; ~/.bourse)");
  app.add_option("--passphrase-file", flags.passphrase_file,
                 "The key's passphrase is this file's first line (or set BOURSE_PASSPHRASE)");
  app.add_option("--timeout", flags.timeout, "For an answer of the node (30s)");
  app.add_flag("--tls", flags.tls, "The node is reached by TLS");
  app.add_option("--tls-ca", flags.tls_ca, "PEM file that the node's certificate is signed with");
}

absl::Status Version(Context& context) {
  context.output().Write({{"version", kVersion}},
                         [](std::ostream& out) { out << "bourse " << kVersion << "\n"; });
  return absl::OkStatus();
}

void AddCommands(CLI::App& app, Context& context) {
  AddOrderCommands(app, context);
  AddAccountCommand(app, context);
  AddBookCommands(app, context);
  AddTransferCommand(app, context);
  AddTxCommand(app, context);
  AddMarketCommands(app, context);
  AddAssetCommands(app, context);
  AddKeysCommands(app, context);
  AddBlockCommands(app, context);
  AddNodeCommands(app, context);
  AddDevnetCommands(app, context);
  AddCommand(app, "version", "This program's version", "  bourse version\n", context,
             [&context] { return Version(context); });
}

// The command that was being typed.
const CLI::App* Innermost(const CLI::App& app) {
  const CLI::App* innermost = &app;
  for (;;) {
    const std::vector<CLI::App*> chosen = innermost->get_subcommands();
    if (chosen.empty()) return innermost;
    innermost = chosen.front();
  }
}

std::string PathOf(const CLI::App& app) {
  if (app.get_parent() == nullptr) return "bourse";
  return absl::StrCat(PathOf(*app.get_parent()), " ", app.get_name());
}

// What could stand in the place of a word that nothing expects.
std::vector<std::string> Candidates(const CLI::App& app, bool option) {
  std::vector<std::string> names;
  if (!option) {
    for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(each->get_name());
    }
    return names;
  }
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* each : at->get_options()) {
      for (const std::string& name : each->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string Unexpected(const CLI::App& app, const std::string& word) {
  const bool option = word.starts_with("-");
  const std::vector<std::string> names = Candidates(app, option);
  const std::optional<std::string> nearest = Nearest(word.substr(0, word.find('=')), names);
  const std::string what = option          ? "there is no option '"
                           : names.empty() ? "one word too many: '"
                                           : "there is no command '";
  const std::string path = option || names.empty() ? "" : PathOf(app) + " ";
  const std::string hint =
      nearest.has_value() ? absl::StrCat("; is it '", path, *nearest, "'? See") : "; see";
  return absl::StrCat(what, path, word, "'", hint, " '", PathOf(app), " --help'");
}

absl::Status Explain(const CLI::App& app, const CLI::ParseError& error,
                     const std::vector<std::string>& arguments) {
  const CLI::App& innermost = *Innermost(app);
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    const std::vector<std::string> left = app.remaining(/*recurse=*/true);
    for (const std::string& word : arguments) {
      if (std::find(left.begin(), left.end(), word) != left.end()) {
        return UsageError(Unexpected(innermost, word));
      }
    }
  }
  std::string text = error.what();
  // "--price: 1 required TEXT missing" of the library.
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ArgumentMismatch)) {
    text = text.substr(0, text.find(':')) + " needs a value";
  }
  if (!text.empty() && text.back() == '.') text.pop_back();
  return UsageError(absl::StrCat(text, "; see '", PathOf(innermost), " --help'"));
}

// Known before parsing, so that even a parsing error is a document for a program.
bool WantsJson(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--output=json") return true;
    if (arguments[i] == "--output" && i + 1 < arguments.size() && arguments[i + 1] == "json") {
      return true;
    }
  }
  return false;
}

// Of the whole: the overview, and the options that all commands have. Of a command: its own.
std::string Help(const CLI::App& app) {
  const std::string text = app.help();  // goes down to the command that was typed
  if (Innermost(app) != &app) return text;
  const std::size_t options = text.find("Options:");
  return absl::StrCat(kOverview, "\n", text.substr(options, text.find("Subcommands:") - options));
}

absl::Status Run(CLI::App& app, Context& context, const std::vector<std::string>& arguments) {
  if (WantsJson(arguments)) context.output().set_format(Format::kJson);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    context.output().out() << Help(app);
    return absl::OkStatus();
  } catch (const CLI::ParseError& error) {
    return Explain(app, error, arguments);
  }
  if (!context.action) {
    context.output().out() << (Innermost(app) == &app ? kOverview : Help(app));
    return absl::OkStatus();
  }
  if (absl::Status status = context.ResolveSettings(); !status.ok()) return status;
  return context.action();
}

}  // namespace

ExitCode RunBourse(const std::vector<std::string>& arguments, std::ostream& out,
                   std::ostream& err) {
  Context context(out, err);
  CLI::App app("", "bourse");
  app.fallthrough();
  app.require_subcommand(0, 1);
  app.get_formatter()->column_width(28);
  app.get_formatter()->label("TEXT", "ARG");
  app.get_formatter()->label("UINT", "N");
  app.get_formatter()->label("REQUIRED", "");
  AddSharedFlags(app, context.flags);
  AddCommands(app, context);
  const absl::Status status = Run(app, context, arguments);
  if (!status.ok()) context.output().Fail(status);
  context.output().Flush();
  return ExitCodeOf(status);
}

}  // namespace bourse::cli
