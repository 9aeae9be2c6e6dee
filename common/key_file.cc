// What is in a key file; key_file_io.cc has the file itself.

#include "common/key_file.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <span>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/address.h"
#include "common/check.h"
#include "common/hash.h"
#include "common/transaction.h"

namespace bourse {
namespace {

constexpr char kMagic[] = "bourse-key";
constexpr std::uint32_t kVersion = 1;
constexpr char kEncryption[] = "argon2id-secretbox";
constexpr char kDomain[] = "bourse/key-file/1";
constexpr std::size_t kSeedSize = 32;
constexpr std::size_t kBoxSize = kSeedSize + crypto_secretbox_MACBYTES;

// A 32-byte secret that is wiped when it goes.
struct Secret {
  std::array<std::uint8_t, 32> bytes{};
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { sodium_memzero(bytes.data(), bytes.size()); }
};

// False if there is not enough memory.
bool DeriveKey(std::string_view passphrase, const KeyFile::Lock& lock, Secret* key) {
  static_assert(sizeof(lock.salt) == crypto_pwhash_SALTBYTES);
  return crypto_pwhash(key->bytes.data(), key->bytes.size(), passphrase.data(), passphrase.size(),
                       lock.salt.data(), lock.cost.passes, std::size_t{lock.cost.memory_kib} * 1024,
                       crypto_pwhash_ALG_ARGON2ID13) == 0;
}

std::string Checksum(std::string_view lines) {
  return ToHex(Hasher(kDomain).Update(lines).Finish());
}

absl::Status Damaged(const std::string& what) {
  return absl::DataLossError(absl::StrCat("the key file is damaged: ", what));
}

absl::Status NoMemory(const KeyFileCost& cost) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the key's passphrase takes ", cost.memory_kib / 1024, " MiB of free memory"));
}

// Takes lines of "name value" off a text. failed() is the name of the first that is not there, or
// has no such value.
class Lines {
 public:
  explicit Lines(std::string_view text) : left_(text) {}

  std::string_view Take(std::string_view name) {
    const std::size_t end = left_.find('\n');
    if (end == std::string_view::npos || end <= name.size() || !left_.starts_with(name)) {
      return Fail(name);
    }
    const std::string_view value = left_.substr(name.size() + 1, end - name.size() - 1);
    left_.remove_prefix(end + 1);
    return value;
  }
  std::uint32_t TakeNumber(std::string_view name, std::uint32_t min, std::uint32_t max) {
    const std::string_view value = Take(name);
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || number < min || number > max) Fail(name);
    return number;
  }
  void TakeHex(std::string_view name, std::span<std::uint8_t> out) {
    const std::string_view value = Take(name);
    std::size_t size = 0;
    if (sodium_hex2bin(out.data(), out.size(), value.data(), value.size(), nullptr, &size,
                       nullptr) != 0 ||
        size != out.size()) {
      Fail(name);
    }
  }
  std::string_view Fail(std::string_view name) {
    if (failed_.empty()) failed_ = name;
    left_ = {};
    return {};
  }

  [[nodiscard]] const std::string& failed() const { return failed_; }

 private:
  std::string_view left_;
  std::string failed_;
};

KeyFile::Lock TakeLock(Lines& lines) {
  KeyFile::Lock lock;
  lock.cost.passes = lines.TakeNumber("passes", 1, 16);
  lock.cost.memory_kib = lines.TakeNumber("memory_kib", 8, 1'048'576);
  lines.TakeHex("salt", lock.salt);
  lines.TakeHex("nonce", lock.nonce);
  return lock;
}

absl::StatusOr<KeyFile> ParseLines(Lines& lines) {
  KeyFile file;
  const absl::StatusOr<AccountId> account = ParseAddress(lines.Take("address"));
  if (!account.ok()) return Damaged("its address");
  file.public_key = *account;
  if (lines.Take("encryption") == kEncryption) file.lock = TakeLock(lines);
  file.secret.resize(file.lock ? kBoxSize : kSeedSize);
  lines.TakeHex("secret",
                {reinterpret_cast<std::uint8_t*>(file.secret.data()), file.secret.size()});
  if (!lines.failed().empty()) return Damaged(lines.failed());
  return file;
}

}  // namespace

absl::StatusOr<KeyFile> LockKey(const KeyPair& key, std::string_view passphrase,
                                const KeyFileCost& cost) {
  Secret seed;
  seed.bytes = key.seed();
  if (passphrase.empty()) {
    return KeyFile{key.public_key(), std::nullopt, std::string(AsText(seed.bytes))};
  }
  CHECK(sodium_init() >= 0);
  KeyFile::Lock lock{cost, {}, {}};
  randombytes_buf(lock.salt.data(), lock.salt.size());
  randombytes_buf(lock.nonce.data(), lock.nonce.size());
  Secret box_key;
  if (!DeriveKey(passphrase, lock, &box_key)) return NoMemory(cost);
  std::array<std::uint8_t, kBoxSize> box;
  static_assert(sizeof(lock.nonce) == crypto_secretbox_NONCEBYTES);
  crypto_secretbox_easy(box.data(), seed.bytes.data(), seed.bytes.size(), lock.nonce.data(),
                        box_key.bytes.data());
  return KeyFile{key.public_key(), lock, std::string(AsText(box))};
}

absl::StatusOr<KeyPair> UnlockKey(const KeyFile& file, std::string_view passphrase) {
  Secret seed;
  if (!file.lock) {
    CHECK(file.secret.size() == kSeedSize);
    std::ranges::copy(AsBytes(file.secret), seed.bytes.begin());
  } else {
    CHECK(file.secret.size() == kBoxSize);
    if (passphrase.empty()) {
      return absl::InvalidArgumentError("the key is encrypted: its passphrase is needed");
    }
    Secret box_key;
    if (!DeriveKey(passphrase, *file.lock, &box_key)) return NoMemory(file.lock->cost);
    if (crypto_secretbox_open_easy(seed.bytes.data(), AsBytes(file.secret).data(), kBoxSize,
                                   file.lock->nonce.data(), box_key.bytes.data()) != 0) {
      return absl::InvalidArgumentError("the passphrase is wrong");
    }
  }
  KeyPair key = KeyPair::FromSeed(seed.bytes);
  if (key.public_key() != file.public_key) return Damaged("its secret is not that of its address");
  return key;
}

std::string FormatKeyFile(const KeyFile& file) {
  std::string text =
      absl::StrCat(kMagic, " ", kVersion, "\naddress ", FormatAddress(file.public_key));
  absl::StrAppend(&text, "\nencryption ", file.lock ? kEncryption : "none");
  if (file.lock) {
    absl::StrAppend(&text, "\npasses ", file.lock->cost.passes, "\nmemory_kib ",
                    file.lock->cost.memory_kib, "\nsalt ", ToHex(Bytes(file.lock->salt)));
    absl::StrAppend(&text, "\nnonce ", ToHex(Bytes(file.lock->nonce)));
  }
  absl::StrAppend(&text, "\nsecret ", ToHex(AsBytes(file.secret)), "\n");
  return absl::StrCat(text, "checksum ", Checksum(text), "\n");
}

absl::StatusOr<KeyFile> ParseKeyFile(std::string_view text) {
  if (!text.starts_with(kMagic)) return absl::InvalidArgumentError("this is no key file");
  Lines lines(text);
  const std::uint32_t version = lines.TakeNumber(kMagic, 1, 1'000'000);
  if (!lines.failed().empty()) return Damaged("its first line");
  if (version != kVersion) {
    return absl::UnimplementedError(absl::StrCat("the key file is of version ", version,
                                                 ", and this program knows ", kVersion));
  }
  const std::size_t last = text.rfind("checksum ");
  if (last == std::string_view::npos) return Damaged("its end is missing");
  if (text.substr(last) != absl::StrCat("checksum ", Checksum(text.substr(0, last)), "\n")) {
    return Damaged("its checksum is wrong");
  }
  absl::StatusOr<KeyFile> file = ParseLines(lines);
  // There is one text of each key file, so nothing can hide in it.
  if (file.ok() && FormatKeyFile(*file) != text) return Damaged("it has more than it should");
  return file;
}

}  // namespace bourse
