#include "cli/context.h"

#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/exit_code.h"
#include "cli/passphrase.h"
#include "common/address.h"
#include "common/hash.h"

namespace bourse::cli {
namespace {

constexpr char kDevnetDefaultKey[] = "alice";
constexpr std::size_t kMaxOthersNamed = 5;

// Said to people, who may have meant one of the others.
std::string SeveralAreNamed(const std::string& name, const FoundMarket& found) {
  std::vector<std::string> numbers;
  for (const std::uint32_t number : found.others) {
    if (numbers.size() == kMaxOthersNamed) break;
    numbers.push_back(absl::StrCat("#", number));
  }
  const std::size_t more = found.others.size() - numbers.size();
  return absl::StrCat(
      name, " is market #", found.market.market.market(), ", the earliest of that name; ",
      absl::StrJoin(numbers, ", "), more == 0 ? "" : absl::StrCat(" and ", more, " more"),
      found.others.size() == 1 ? " has it, too" : " have it, too", ", and is reached by number");
}

}  // namespace

absl::Status Context::ResolveSettings() {
  absl::StatusOr<Settings> settings = Resolve(flags);
  if (!settings.ok()) return settings.status();
  settings_ = *std::move(settings);
  output_.set_format(settings_.format);
  return absl::OkStatus();
}

absl::StatusOr<Client*> Context::client() {
  if (client_ == nullptr) {
    absl::StatusOr<std::unique_ptr<Client>> client =
        Client::Create({settings_.node, settings_.tls, settings_.tls_ca, settings_.timeout_micros});
    if (!client.ok()) return client.status();
    client_ = *std::move(client);
  }
  return client_.get();
}

absl::StatusOr<Catalog*> Context::catalog() {
  if (catalog_ == nullptr) {
    const absl::StatusOr<Client*> node = client();
    if (!node.ok()) return node.status();
    catalog_ = std::make_unique<Catalog>(**node);
  }
  return catalog_.get();
}

absl::StatusOr<const v1::NodeStatus*> Context::node_status() {
  if (!node_status_.has_value()) {
    const absl::StatusOr<Client*> node = client();
    if (!node.ok()) return node.status();
    absl::StatusOr<v1::NodeStatus> status = (*node)->GetStatus();
    if (!status.ok()) return status.status();
    node_status_ = *std::move(status);
  }
  return &*node_status_;
}

absl::StatusOr<StoredKey> Context::SelectKey() {
  const KeyStore store = keys();
  if (!settings_.key.empty()) return store.Find(settings_.key);
  if (settings_.devnet.has_value()) {
    const KeyStore played({settings_.key_dirs.front()});
    absl::StatusOr<StoredKey> chosen = played.Find(settings_.default_key);
    return chosen.ok() ? chosen : played.Find(kDevnetDefaultKey);
  }
  if (!settings_.default_key.empty()) return store.Find(settings_.default_key);
  std::vector<StoredKey> all = store.List(nullptr);
  if (all.size() == 1) return std::move(all.front());
  if (all.empty()) {
    return UsageError(
        "there is no key to sign with: make one with 'bourse keys new NAME', or "
        "start a local network that brings some with 'bourse devnet up'");
  }
  std::vector<std::string> names;
  for (const StoredKey& key : all) names.push_back(key.name);
  return UsageError(
      absl::StrCat("which key? Say --key NAME, or choose one for good with "
                   "'bourse keys use NAME'. There are: ",
                   absl::StrJoin(names, ", ")));
}

absl::StatusOr<KeyPair> Context::Unlock(const StoredKey& key) {
  const absl::StatusOr<KeyFile> file = ReadKeyFile(key.path.string());
  if (!file.ok()) return UsageError(std::string(file.status().message()));
  std::string passphrase;
  if (file->lock.has_value()) {
    absl::StatusOr<std::string> given =
        AskPassphrase({flags.passphrase_file, "Passphrase of " + key.name});
    if (!given.ok()) return given.status();
    passphrase = *std::move(given);
  }
  absl::StatusOr<KeyPair> pair = UnlockKey(*file, passphrase);
  if (!pair.ok()) {
    return UsageError(absl::StrCat("key ", key.name, ": ", pair.status().message()));
  }
  return pair;
}

absl::StatusOr<MarketInfo> Context::FindMarket(const std::string& text) {
  const absl::StatusOr<Catalog*> node = catalog();
  if (!node.ok()) return node.status();
  const absl::StatusOr<StoredKey> key = SelectKey();
  const std::optional<PublicKey> own =
      key.ok() ? std::optional<PublicKey>(key->public_key) : std::nullopt;
  absl::StatusOr<FoundMarket> found = (*node)->FindMarket(text, own);
  if (!found.ok()) return found.status();
  if (!found->others.empty()) output_.Note(SeveralAreNamed(text, *found));
  return std::move(found->market);
}

absl::StatusOr<PublicKey> Context::FindAccount(const std::string& text) {
  absl::StatusOr<AccountId> id = ParseAddress(text);
  if (id.ok()) return id;
  if (text.size() > 32 || text.starts_with("bourse1")) {
    return UsageError(absl::StrCat("'", text, "' is no account: ", id.status().message()));
  }
  absl::StatusOr<StoredKey> key = keys().Find(text);
  if (!key.ok()) {
    return UsageError(absl::StrCat("an account is an id (bourse1…) or the name of a key: ",
                                   key.status().message()));
  }
  return key->public_key;
}

std::string Context::ShowAccount(const std::string& id) {
  if (!key_names_.has_value()) {
    key_names_.emplace();
    for (const StoredKey& key : keys().List(nullptr)) {
      key_names_->emplace(IdBytes(key.public_key), key.name);
    }
  }
  const auto it = key_names_->find(id);
  if (it == key_names_->end()) return AddressText(id);
  return absl::StrCat(it->second, " (", AddressText(id), ")");
}

std::string IdBytes(const PublicKey& key) { return std::string(AsText(key.bytes)); }

std::string AddressText(const std::string& id) {
  AccountId account;
  if (id.size() != account.bytes.size()) return HexText(id);
  std::memcpy(account.bytes.data(), id.data(), id.size());
  return FormatAddress(account);
}

std::string HexText(const std::string& bytes) { return ToHex(AsBytes(bytes)); }

}  // namespace bourse::cli
