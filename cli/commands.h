// The command groups of `bourse`, a file each. Each adds its commands to `app` and leaves what to
// run in `context.action`; both must outlive the parsing and the run.
#pragma once

#include "CLI/App.hpp"
#include "cli/context.h"

namespace bourse::cli {

void AddAccountCommand(CLI::App& app, Context& context);
void AddAssetCommands(CLI::App& app, Context& context);
void AddBlockCommands(CLI::App& app, Context& context);
void AddBookCommands(CLI::App& app, Context& context);  // book, trades
void AddDevnetCommands(CLI::App& app, Context& context);
void AddKeysCommands(CLI::App& app, Context& context);
void AddMarketCommands(CLI::App& app, Context& context);
void AddNodeCommands(CLI::App& app, Context& context);
void AddNodeListCommands(CLI::App& node, Context& context);     // its peers, evidence
void AddOrderCommands(CLI::App& app, Context& context);         // all of `order`
void AddOrderPlaceCommands(CLI::App& order, Context& context);  // its buy and sell
void AddTransferCommand(CLI::App& app, Context& context);
void AddTxCommand(CLI::App& app, Context& context);

// A command that holds others; alone it shows its help.
CLI::App* AddGroup(CLI::App& app, const std::string& name, const std::string& text,
                   const std::string& examples);

// A command that runs `action` with options that live as long as `app`.
CLI::App* AddCommand(CLI::App& app, const std::string& name, const std::string& text,
                     const std::string& examples, Context& context,
                     std::function<absl::Status()> action);

}  // namespace bourse::cli
