#include "node/config/home.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/key_file.h"
#include "node/cometbft/engine_files.h"
#include "node/config/genesis_json.h"
#include "node/exchange/exchange.h"
#include "node/storage/consensus_log.h"
#include "node/storage/posix_disk.h"

namespace bourse::config {
namespace {

namespace fs = std::filesystem;

absl::Status FileError(const std::string& path, const std::string& what, int error) {
  return absl::Status(absl::ErrnoToStatus(error, "").code(),
                      absl::StrCat(path, ": ", what, ": ", std::strerror(error)));
}

// The same status, with the path in front.
absl::Status At(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", std::string(status.message())));
}

bool Exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// What an operator may have made before InitHome is called, and a key only while it is unused.
absl::Status CheckFolder(const Home& home) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(home.path, error)) {
    const std::string path = home.At(entry.path().filename().string());
    if (path == home.toml() || path == home.unused_key()) continue;
    if (path == home.node_key() && Exists(home.unused_key())) continue;
    if (path == home.node_key()) {
      return absl::AlreadyExistsError(absl::StrCat(
          path,
          ": this key may have voted, and must not without the record of its votes; make a "
          "node with a new key in another folder, by --home"));
    }
    return absl::AlreadyExistsError(absl::StrCat(home.path, ": it holds ",
                                                 entry.path().filename().string(),
                                                 "; give another folder by --home"));
  }
  if (error) return absl::AlreadyExistsError(absl::StrCat(home.path, ": ", error.message()));
  return absl::OkStatus();
}

absl::Status MakeFolder(const Home& home, bool* made) {
  std::error_code error;
  if (Exists(home.path)) {
    if (absl::Status good = CheckFolder(home); !good.ok()) return good;
    return chmod(home.path.c_str(), 0700) == 0
               ? absl::OkStatus()
               : FileError(home.path, "can't change its mode", errno);
  }
  const fs::path parent = fs::absolute(home.path, error).parent_path();
  fs::create_directories(parent, error);
  if (mkdir(home.path.c_str(), 0700) != 0) return FileError(home.path, "can't be made", errno);
  *made = true;
  return absl::OkStatus();
}

absl::Status SyncFolder(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FileError(path, "can't be opened", errno);
  const bool synced = fsync(fd) == 0;
  const int error = errno;
  close(fd);
  return synced ? absl::OkStatus() : FileError(path, "can't be synced", error);
}

// The key that is there, or a new one, which is unused until the home is whole.
absl::StatusOr<KeyPair> TakeKey(const Home& home) {
  if (Exists(home.node_key())) return ReadNodeKey(home);
  const KeyPair key = KeyPair::Generate();
  const absl::StatusOr<KeyFile> file = LockKey(key, "");
  if (!file.ok()) return file.status();
  absl::Status status =
      WriteFile(home.unused_key(),
                "node_key has signed nothing yet: boursed init may make a node with it.\n");
  if (status.ok()) status = WriteKeyFile(home.node_key(), *file);
  if (!status.ok()) return status;
  return key;
}

// From now on the key is bound to the log of its votes.
absl::Status BindKey(const Home& home) {
  if (unlink(home.unused_key().c_str()) != 0) {
    return FileError(home.unused_key(), "can't be removed", errno);
  }
  return SyncFolder(home.path);
}

absl::StatusOr<ledger::Genesis> MakeGenesis(const InitOptions& options, const PublicKey& key) {
  if (options.genesis_file.empty()) {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    return NewGenesis(options.name, TimeMicros(static_cast<std::uint64_t>(now.count())),
                      options.owner.value_or(key), key);
  }
  const absl::StatusOr<std::string> text = ReadFile(options.genesis_file);
  if (!text.ok()) return text.status();
  absl::StatusOr<ledger::Genesis> genesis = GenesisFromJson(*text);
  if (!genesis.ok()) return At(options.genesis_file, genesis.status());
  if (genesis->validators.empty()) genesis->validators.push_back({options.name, key});
  const absl::Status valid = ledger::Validate(*genesis);
  if (!valid.ok()) return At(options.genesis_file, valid);
  return genesis;
}

absl::Status MakeLedger(const Home& home, const ledger::Genesis& genesis) {
  absl::StatusOr<std::unique_ptr<ledger::RocksStore>> store =
      ledger::RocksStore::Open(home.ledger(), {});
  if (!store.ok()) return store.status();
  absl::StatusOr<std::unique_ptr<exchange::Exchange>> exchange =
      exchange::Exchange::Open(store->get());
  if (!exchange.ok()) return exchange.status();
  return (*exchange)->InitChain(genesis);
}

// CometBFT's home, all but the key that it makes by itself.
absl::Status MakeEngine(const Home& home, const ledger::Genesis& genesis, const KeyPair& key) {
  std::error_code error;
  const fs::path engine = fs::absolute(home.engine(), error);
  for (const char* const folder : {"config", "data"}) {
    fs::create_directories(engine / folder, error);
    if (error) return FileError(home.engine(), "can't be made", error.value());
  }
  const std::string app = absl::StrCat("unix://", fs::absolute(home.engine_socket()).string());
  absl::Status status =
      WriteFile(engine / "config/priv_validator_key.json", cometbft::ValidatorKeyJson(key));
  if (status.ok()) {
    status = WriteFile(engine / "data/priv_validator_state.json", cometbft::ValidatorStateJson());
  }
  if (status.ok()) status = WriteFile(engine / "config/config.toml", cometbft::ConfigToml(app));
  if (!status.ok()) return status;
  return WriteFile(engine / "config/genesis.json", cometbft::GenesisJson(genesis));
}

// What the node needs to vote.
absl::Status MakeConsensus(const Home& home, const InitOptions& options,
                           const ledger::Genesis& genesis, const KeyPair& key) {
  if (options.engine == kCometBft) return MakeEngine(home, genesis, key);
  storage::PosixDisk disk;
  return storage::ConsensusLog::Create(&disk, home.consensus());
}

absl::Status Fill(const Home& home, const InitOptions& options) {
  const absl::StatusOr<KeyPair> key = TakeKey(home);
  if (!key.ok()) return key.status();
  const absl::StatusOr<ledger::Genesis> genesis = MakeGenesis(options, key->public_key());
  if (!genesis.ok()) return genesis.status();
  absl::Status status;
  if (!Exists(home.toml())) status = WriteFile(home.toml(), DefaultToml(options.engine));
  if (status.ok()) status = WriteFile(home.genesis(), GenesisToJson(*genesis));
  if (!status.ok()) return status;
  // The ledger takes what the file says, so that both fit in any case.
  const absl::StatusOr<ledger::Genesis> written = ReadGenesis(home);
  if (!written.ok()) return written.status();
  status = MakeLedger(home, *written);
  if (!status.ok()) return status;
  status = MakeConsensus(home, options, *written, *key);
  return status.ok() ? BindKey(home) : status;
}

// What was there before InitHome stays.
class Leftovers {
 public:
  explicit Leftovers(const Home& home) {
    for (const std::string& part : {home.toml(), home.genesis(), home.node_key(), home.unused_key(),
                                    home.ledger(), home.consensus(), home.engine()}) {
      if (!Exists(part)) new_.push_back(part);
    }
  }
  void Remove() const {
    std::error_code error;
    for (const std::string& part : new_) fs::remove_all(part, error);
  }

 private:
  std::vector<std::string> new_;
};

absl::Status NoHome(const Home& home) {
  return absl::NotFoundError(absl::StrCat(home.path,
                                          ": there is no node here; make one by: boursed "
                                          "init --home ",
                                          home.path));
}

bool IsFolder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return FileError(path, "can't be read", errno == 0 ? EIO : errno);
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return FileError(path, "can't be read", EIO);
  return text.str();
}

absl::Status WriteFile(const std::string& path, const std::string& text) {
  const std::string draft = path + ".new";
  const int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return FileError(path, "can't be written", errno);
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = write(fd, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  const bool good = done == text.size() && fsync(fd) == 0;
  const int error = errno;
  close(fd);
  if (!good) return FileError(path, "can't be written", error);
  if (rename(draft.c_str(), path.c_str()) != 0) return FileError(path, "can't be written", errno);
  return absl::OkStatus();
}

absl::Status InitHome(const InitOptions& options) {
  const Home home(options.home);
  bool made = false;
  absl::Status status = MakeFolder(home, &made);
  if (!status.ok()) return status;
  const Leftovers leftovers(home);
  status = Fill(home, options);
  if (status.ok()) return status;
  leftovers.Remove();
  std::error_code error;
  if (made) fs::remove(home.path, error);
  return status;
}

absl::StatusOr<PublicKey> InitKey(const std::string& folder) {
  const Home home(folder);
  bool made = false;
  if (absl::Status status = MakeFolder(home, &made); !status.ok()) return status;
  const absl::StatusOr<KeyPair> key = TakeKey(home);
  if (!key.ok()) return key.status();
  return key->public_key();
}

ledger::Genesis NewGenesis(const std::string& name, TimeMicros now, const AccountId& owner,
                           const PublicKey& validator) {
  constexpr std::uint64_t kBrs = 100'000'000;  // atoms
  constexpr std::uint64_t kSupply = 1'000'000'000 * kBrs;
  ledger::Genesis genesis;
  genesis.chain_name = name;
  genesis.time = now;
  genesis.fees.asset = 0;
  genesis.fees.per_transaction = 1'000;
  genesis.fees.per_operation = 1'000;
  genesis.fees.per_cancel = 100;
  genesis.fees.per_byte = 10;
  genesis.fees.account_deposit = kBrs / 10;
  genesis.fees.order_deposit = kBrs / 1'000;
  genesis.fees.asset_deposit = 10 * kBrs;
  genesis.fees.market_deposit = 100 * kBrs;
  genesis.assets.push_back({"BRS", 8, {}, kSupply});
  genesis.accounts.push_back({owner, {{0, kSupply}}});
  genesis.validators.push_back({name, validator});
  return genesis;
}

absl::StatusOr<Config> ReadConfig(const Home& home) {
  if (!IsFolder(home.path)) return NoHome(home);
  const absl::StatusOr<std::string> text = ReadFile(home.toml());
  Config config;
  if (absl::IsNotFound(text.status())) return config;  // all defaults
  if (!text.ok()) return text.status();
  const absl::Status read = ReadToml(*text, &config);
  if (!read.ok()) return At(home.toml(), read);
  return config;
}

absl::StatusOr<ledger::Genesis> ReadGenesis(const Home& home) {
  const absl::StatusOr<std::string> text = ReadFile(home.genesis());
  if (absl::IsNotFound(text.status())) return NoHome(home);
  if (!text.ok()) return text.status();
  absl::StatusOr<ledger::Genesis> genesis = GenesisFromJson(*text);
  if (!genesis.ok()) return At(home.genesis(), genesis.status());
  const absl::Status valid = ledger::Validate(*genesis);
  if (!valid.ok()) return At(home.genesis(), valid);
  return genesis;
}

absl::StatusOr<KeyPair> ReadNodeKey(const Home& home) {
  const absl::StatusOr<KeyFile> file = ReadKeyFile(home.node_key());
  if (absl::IsNotFound(file.status())) return NoHome(home);
  if (!file.ok()) return file.status();
  absl::StatusOr<KeyPair> key = UnlockKey(*file, "");
  if (!key.ok()) return At(home.node_key(), key.status());
  return key;
}

absl::StatusOr<std::unique_ptr<ledger::RocksStore>> OpenLedger(const Home& home) {
  if (!IsFolder(home.ledger())) {
    return absl::NotFoundError(
        absl::StrCat(home.ledger(),
                     ": the ledger is missing; put it back, or make a new node by: "
                     "boursed init --home DIR"));
  }
  return ledger::RocksStore::Open(home.ledger(), {});
}

}  // namespace bourse::config
