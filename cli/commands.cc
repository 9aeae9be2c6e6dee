#include "cli/commands.h"

#include <utility>

namespace bourse::cli {

CLI::App* AddGroup(CLI::App& app, const std::string& name, const std::string& text,
                   const std::string& examples) {
  CLI::App* group = app.add_subcommand(name, text);
  group->require_subcommand(0, 1);
  group->footer("Examples:\n" + examples);
  return group;
}

CLI::App* AddCommand(CLI::App& app, const std::string& name, const std::string& text,
                     const std::string& examples, Context& context,
                     std::function<absl::Status()> action) {
  CLI::App* command = app.add_subcommand(name, text);
  command->footer("Examples:\n" + examples +
                  "\nOptions of every command, such as --key and --output: bourse --help");
  command->callback([&context, command, action = std::move(action)] {
    if (command->get_subcommands().empty()) context.action = action;
  });
  return command;
}

}  // namespace bourse::cli
