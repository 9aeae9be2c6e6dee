// bourse keys new | list | show | use | import | export | passwd
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/files.h"
#include "cli/passphrase.h"
#include "cli/table.h"
#include "common/address.h"
#include "common/hash.h"
#include "common/key_file.h"

namespace bourse::cli {
namespace {

struct KeyFlags {
  std::string name;
  bool no_passphrase = false;
  std::string file;
  bool show_secret = false;
  std::string new_passphrase_file;
};

Json KeyDocument(const StoredKey& key) {
  return {{"name", key.name},
          {"account", FormatAddress(key.public_key)},
          {"public_key", ToHex(Bytes(key.public_key.bytes))},
          {"encrypted", key.encrypted},
          {"file", key.path.string()}};
}

// The folder of the devnet's keys, if commands talk to one.
std::optional<std::filesystem::path> DevnetKeys(const Context& context) {
  if (!context.settings().devnet.has_value()) return std::nullopt;
  return DevnetKeysDir(context.settings().devnet->dir);
}

// Writes a key that is new to this home.
absl::Status Save(Context& context, const KeyFlags& flags, const KeyPair& pair, const char* done) {
  const std::filesystem::path folder = KeysDir(context.settings().home);
  std::string passphrase;
  if (!flags.no_passphrase) {
    absl::StatusOr<std::string> asked =
        AskNewPassphrase({context.flags.passphrase_file, "New passphrase of " + flags.name});
    if (!asked.ok()) return asked.status();
    passphrase = *std::move(asked);
  }
  absl::Status saved = SaveNewKey(folder, flags.name, pair, passphrase);
  if (!saved.ok()) return saved;
  const StoredKey key = {flags.name, KeyPath(folder, flags.name), pair.public_key(),
                         !flags.no_passphrase};
  context.output().Write(KeyDocument(key), [&](std::ostream& out) {
    out << done << " key " << key.name << " in " << key.path.string() << "\n"
        << "account " << FormatAddress(key.public_key) << "\n";
    if (!key.encrypted) out << "It has no passphrase: whoever reads the file owns the account.\n";
  });
  const std::optional<std::filesystem::path> devnet = DevnetKeys(context);
  std::error_code error;
  if (devnet.has_value() && std::filesystem::exists(KeyPath(*devnet, flags.name), error)) {
    context.output().Note("but while the devnet is up, " + flags.name + " is its own key's name");
  }
  return absl::OkStatus();
}

absl::Status New(Context& context, const KeyFlags& flags) {
  if (absl::Status status = CheckKeyName(flags.name); !status.ok()) return status;
  return Save(context, flags, KeyPair::Generate(), "made");
}

absl::StatusOr<KeyPair> ParseSeed(std::string text) {
  text.erase(text.find_last_not_of(" \r\n\t") + 1);
  Hash256 seed;
  if (!FromHex(text, &seed)) {
    return UsageError(
        "a secret key is 64 hexadecimal digits (a seed as of RFC 8032), or a key file without a "
        "passphrase");
  }
  return KeyPair::FromSeed(seed.bytes);
}

constexpr std::string_view kKeyFileStart = "bourse-key ";

// Such as a node's own key, which owns what its new network has.
absl::StatusOr<KeyPair> ReadOpenKeyFile(Context& context, const KeyFlags& flags,
                                        const std::string& text) {
  const absl::StatusOr<KeyFile> file = ParseKeyFile(text);
  if (!file.ok()) return UsageError(std::string(file.status().message()));
  if (file->lock.has_value()) {
    return UsageError("this is an encrypted key file: copy it, as it is, to " +
                      KeyPath(KeysDir(context.settings().home), flags.name).string());
  }
  absl::StatusOr<KeyPair> pair = UnlockKey(*file, "");
  if (!pair.ok()) return UsageError(std::string(pair.status().message()));
  return pair;
}

absl::Status Import(Context& context, const KeyFlags& flags) {
  if (absl::Status status = CheckKeyName(flags.name); !status.ok()) return status;
  std::string text;
  if (flags.file.empty()) {
    std::getline(std::cin, text);
    if (text.starts_with(kKeyFileStart)) {
      text += "\n" + std::string(std::istreambuf_iterator<char>(std::cin), {});
    }
  } else {
    absl::StatusOr<std::string> read = ReadFile(flags.file);
    if (!read.ok()) return UsageError(std::string(read.status().message()));
    text = *std::move(read);
  }
  const absl::StatusOr<KeyPair> pair = text.starts_with(kKeyFileStart)
                                           ? ReadOpenKeyFile(context, flags, text)
                                           : ParseSeed(std::move(text));
  if (!pair.ok()) return pair.status();
  return Save(context, flags, *pair, "imported");
}

absl::Status List(Context& context) {
  std::vector<std::string> unreadable;
  const absl::StatusOr<StoredKey> selected = context.SelectKey();
  Json documents = Json::array();
  Table table({{""}, {"KEY"}, {"ACCOUNT"}, {"PASSPHRASE"}, {"FOLDER"}});
  for (const StoredKey& key : context.keys().List(&unreadable)) {
    const bool is_default = selected.ok() && selected->path == key.path;
    documents.push_back(KeyDocument(key));
    documents.back()["default"] = is_default;
    table.AddRow({is_default ? "*" : "", key.name, FormatAddress(key.public_key),
                  key.encrypted ? "yes" : "no", key.path.parent_path().string()});
  }
  context.output().Write({{"keys", documents}, {"unreadable", unreadable}}, [&](std::ostream& out) {
    if (table.empty()) {
      out << "no keys yet; make one with 'bourse keys new NAME'\n";
    } else {
      table.Print(out);
    }
  });
  for (const std::string& text : unreadable) context.output().Note(text);
  return absl::OkStatus();
}

absl::Status Show(Context& context, const KeyFlags& flags) {
  const absl::StatusOr<StoredKey> key =
      flags.name.empty() ? context.SelectKey() : context.keys().Find(flags.name);
  if (!key.ok()) return key.status();
  context.output().Write(KeyDocument(*key), [&](std::ostream& out) {
    Table table({{"KEY"}, {key->name}});
    table.AddRow({"account", FormatAddress(key->public_key)});
    table.AddRow({"public key", ToHex(Bytes(key->public_key.bytes))});
    table.AddRow({"passphrase", key->encrypted ? "yes" : "no"});
    table.AddRow({"file", key->path.string()});
    table.Print(out);
  });
  return absl::OkStatus();
}

absl::Status Use(Context& context, const KeyFlags& flags) {
  const absl::StatusOr<StoredKey> key = context.keys().Find(flags.name);
  if (!key.ok()) return key.status();
  absl::Status written = WriteDefaultKey(context.settings().home, key->name);
  if (!written.ok()) return written;
  context.output().Write(KeyDocument(*key), [&](std::ostream& out) {
    out << "commands sign with " << key->name << " from now on\n";
  });
  const std::optional<std::filesystem::path> devnet = DevnetKeys(context);
  if (devnet.has_value() && key->path.parent_path() != *devnet) {
    context.output().Note("but not on the devnet that is up, where its own keys do: add --key " +
                          key->name + " there");
  }
  const absl::StatusOr<ConfigFile> config = ReadConfig(context.settings().home);
  if (config.ok() && !config->key.empty() && config->key != key->name) {
    context.output().Note("but 'key' in config.toml says " + config->key + ", and wins");
  }
  return absl::OkStatus();
}

absl::Status Export(Context& context, const KeyFlags& flags) {
  const absl::StatusOr<StoredKey> key = context.keys().Find(flags.name);
  if (!key.ok()) return key.status();
  if (!flags.show_secret && !Confirm("Whoever sees the secret key of " + key->name +
                                     " owns the account, for good. Show it on this screen?")) {
    return UsageError("not shown. To show the secret key without being asked, say --show-secret");
  }
  const absl::StatusOr<KeyPair> pair = context.Unlock(*key);
  if (!pair.ok()) return pair.status();
  const std::string secret = ToHex(Bytes(pair->seed()));
  context.output().Write({{"name", key->name}, {"secret_key", secret}},
                         [&](std::ostream& out) { out << secret << "\n"; });
  return absl::OkStatus();
}

absl::Status Passwd(Context& context, const KeyFlags& flags) {
  const absl::StatusOr<StoredKey> key = context.keys().Find(flags.name);
  if (!key.ok()) return key.status();
  const absl::StatusOr<KeyPair> pair = context.Unlock(*key);
  if (!pair.ok()) return pair.status();
  std::string passphrase;
  if (!flags.no_passphrase) {
    // BOURSE_PASSPHRASE is the old one; for the new one, only a file or the terminal will do.
    if (flags.new_passphrase_file.empty() && key->encrypted &&
        std::getenv("BOURSE_PASSPHRASE") != nullptr) {
      return UsageError(
          "BOURSE_PASSPHRASE is the old passphrase; give the new one with "
          "--new-passphrase-file");
    }
    absl::StatusOr<std::string> asked =
        AskNewPassphrase({flags.new_passphrase_file, "New passphrase of " + key->name,
                          "give the new one with --new-passphrase-file"});
    if (!asked.ok()) return asked.status();
    passphrase = *std::move(asked);
  }
  absl::Status replaced = ReplaceKey(key->path, *pair, passphrase);
  if (!replaced.ok()) return replaced;
  StoredKey changed = *key;
  changed.encrypted = !flags.no_passphrase;
  context.output().Write(KeyDocument(changed), [&](std::ostream& out) {
    out << "key " << key->name
        << (changed.encrypted ? " has a new passphrase\n" : " has no passphrase any more\n");
  });
  return absl::OkStatus();
}

using Action = absl::Status (*)(Context&, const KeyFlags&);

// A command about one key, which is named.
std::pair<CLI::App*, std::shared_ptr<KeyFlags>> Add(CLI::App& keys, Context& context,
                                                    const char* name, const char* text,
                                                    const char* examples, Action action) {
  auto flags = std::make_shared<KeyFlags>();
  CLI::App* command = AddCommand(keys, name, text, examples, context,
                                 [&context, flags, action] { return action(context, *flags); });
  command->add_option("NAME", flags->name, "The key's name")->required(action != Show);
  return {command, flags};
}

void AddNoPassphrase(CLI::App& command, KeyFlags* flags) {
  command.add_flag("--no-passphrase", flags->no_passphrase,
                   "Leave the file unencrypted: for keys to play with");
}

}  // namespace

void AddKeysCommands(CLI::App& app, Context& context) {
  CLI::App* keys = AddGroup(app, "keys", "Make and keep the keys that sign",
                            "  bourse keys new alice\n  bourse keys list\n"
                            "  bourse keys use alice\n");
  const auto [make, make_flags] =
      Add(*keys, context, "new", "Make a key, in a file that a passphrase encrypts",
          "  bourse keys new alice\n  BOURSE_PASSPHRASE=… bourse keys new bot\n", New);
  AddNoPassphrase(*make, make_flags.get());
  AddCommand(*keys, "list", "All keys; * marks the one that signs", "  bourse keys list\n", context,
             [&context] { return List(context); });
  Add(*keys, context, "show", "A key's account and file", "  bourse keys show alice\n", Show);
  Add(*keys, context, "use", "Sign with this key where no other is named",
      "  bourse keys use alice\n", Use);
  const auto [import, import_flags] =
      Add(*keys, context, "import", "Keep a secret key that was made elsewhere, or a node's",
          "  bourse keys import alice < secret.txt\n"
          "  bourse keys import alice --file secret.txt\n"
          "  bourse keys import owner --file node1/node_key\n",
          Import);
  AddNoPassphrase(*import, import_flags.get());
  import->add_option("--file", import_flags->file, "Where it is; without, standard input");
  const auto [show_secret, export_flags] =
      Add(*keys, context, "export", "Show a secret key, after asking",
          "  bourse keys export alice --show-secret\n", Export);
  show_secret->add_flag("--show-secret", export_flags->show_secret, "Don't ask");
  const auto [passwd, passwd_flags] = Add(*keys, context, "passwd", "Change a key's passphrase",
                                          "  bourse keys passwd alice\n", Passwd);
  AddNoPassphrase(*passwd, passwd_flags.get());
  passwd->add_option("--new-passphrase-file", passwd_flags->new_passphrase_file,
                     "The new one is this file's first line");
}

}  // namespace bourse::cli
