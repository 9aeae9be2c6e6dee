#include "node/cometbft/header_audit.h"

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/codec.h"
#include "ledger/records.h"
#include "ledger/schema.h"
#include "node/cometbft/app_hash.h"
#include "node/cometbft/driver.h"

namespace bourse::cometbft {
namespace {

Hash256 Sha256(std::initializer_list<std::string_view> parts) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const std::string_view part : parts) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                              part.size());
  }
  Hash256 out;
  crypto_hash_sha256_final(&state, out.bytes.data());
  return out;
}

std::string_view Raw(const Hash256& hash) { return AsText(Bytes(hash.bytes)); }

Hash256 RootOf(std::span<const Hash256> leaves) {
  if (leaves.empty()) return Sha256({});
  if (leaves.size() == 1) return leaves.front();
  const std::size_t split = std::bit_floor(leaves.size() - 1);
  const Hash256 left = RootOf(leaves.first(split)), right = RootOf(leaves.subspan(split));
  return Sha256({std::string_view("\x01", 1), Raw(left), Raw(right)});
}

absl::Status Differs(Height height, std::string_view what) {
  return absl::DataLossError(absl::StrCat("at height ", height.value(), ": ", std::string(what)));
}

absl::StatusOr<ledger::BlockHeader> ReadHeader(const ledger::View& view, Height height) {
  const auto bytes = view.Get(ledger::Family::kBlocks, ledger::HeaderKey(height));
  if (!bytes.ok()) return bytes.status();
  ledger::BlockHeader header;
  if (!bytes->has_value() || !ledger::Decode(**bytes, &header)) {
    return Differs(height, "the header is missing or unreadable");
  }
  return header;
}

absl::StatusOr<std::vector<std::string>> ReadTransactions(const ledger::View& view, Height height) {
  const auto bytes = view.Get(ledger::Family::kBlocks, ledger::BodyKey(height));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return Differs(height, "the list of transactions is missing");
  std::vector<std::string> out;
  Reader reader(**bytes);
  while (reader.ok() && reader.left() > 0) out.emplace_back(reader.Sized());
  if (!reader.Done()) return Differs(height, "the list of transactions is unreadable");
  return out;
}

// Goes from block to block.
class Walk {
 public:
  Walk(const ledger::View& view, const AuditedChain& chain)
      : view_(view), chain_(chain), app_hash_(GenesisAppHash(chain.genesis_state_root)) {}

  // The next block of the ledger.
  absl::Status Next() {
    absl::StatusOr<ledger::BlockHeader> header = ReadHeader(view_, Height(height_.value() + 1));
    if (!header.ok()) return header.status();
    height_ = header->height;
    app_hash_ = AppHashOf(*header, app_hash_);
    parent_time_ = std::exchange(time_, header->time);
    header_ = *std::move(header);
    return absl::OkStatus();
  }

  // That the block is this one of the engine, whose app hash is that of the block before.
  [[nodiscard]] absl::Status Compare(const EngineHeader& engine) const {
    if (engine.chain_id != ChainId(chain_.genesis_hash)) {
      return Differs(height_, "the engine's chain is another network's");
    }
    if (engine.hash != header_.hash) return Differs(height_, "the engine has another block");
    if (height_ != Height(1) &&
        std::max(engine.time, TimeMicros(parent_time_.value() + 1)) != header_.time) {
      return Differs(height_, "the engine's header has another time");
    }
    const absl::StatusOr<std::vector<std::string>> transactions = ReadTransactions(view_, height_);
    if (!transactions.ok()) return transactions.status();
    if (engine.data_hash == DataHash(*transactions)) return absl::OkStatus();
    return Differs(height_, "the engine's block has other transactions");
  }

  [[nodiscard]] absl::Status CompareAppHash(const EngineHeader& engine) const {
    if (engine.app_hash == app_hash_) return absl::OkStatus();
    return Differs(height_,
                   absl::StrCat("the engine's headers have the app hash ", ToHex(engine.app_hash),
                                ", the ledger's roots give ", ToHex(app_hash_)));
  }

  [[nodiscard]] Height height() const { return height_; }
  [[nodiscard]] const Hash256& app_hash() const { return app_hash_; }

 private:
  const ledger::View& view_;
  const AuditedChain& chain_;
  Height height_;
  Hash256 app_hash_;
  TimeMicros parent_time_, time_;
  ledger::BlockHeader header_;
};

}  // namespace

Hash256 DataHash(const std::vector<std::string>& transactions) {
  std::vector<Hash256> leaves;
  leaves.reserve(transactions.size());
  for (const std::string& transaction : transactions) {
    leaves.push_back(Sha256({std::string_view("\0", 1), Raw(Sha256({transaction}))}));
  }
  return RootOf(leaves);
}

absl::Status CheckAppHash(const ledger::View& view, const AuditedChain& chain) {
  Walk walk(view, chain);
  while (walk.height() < chain.head) {
    if (absl::Status status = walk.Next(); !status.ok()) return status;
  }
  const auto kept = ReadAppHash(view);
  if (!kept.ok()) return kept.status();
  if (*kept == walk.app_hash()) return absl::OkStatus();
  return Differs(chain.head, "the app hash that the engine was told is not that of the roots");
}

absl::StatusOr<std::uint64_t> CompareHeaders(const ledger::View& view, const AuditedChain& chain,
                                             const FetchHeaders& fetch) {
  Walk walk(view, chain);
  const Height after_head(chain.head.value() + 1);
  std::uint64_t compared = 0;
  for (Height next(1); next <= after_head;) {
    const absl::StatusOr<std::vector<EngineHeader>> headers = fetch(next, after_head);
    if (!headers.ok()) {
      const bool engine_ends_here = next == after_head && absl::IsNotFound(headers.status());
      if (engine_ends_here) break;
      return headers.status();
    }
    for (const EngineHeader& engine : *headers) {
      absl::Status status = walk.CompareAppHash(engine);
      if (!status.ok()) return status;
      if (engine.height != Height(1)) ++compared;
      if (engine.height == after_head) break;
      if (status = walk.Next(); status.ok()) status = walk.Compare(engine);
      if (!status.ok()) return status;
    }
    next = Height(next.value() + headers->size());
  }
  return compared;
}

}  // namespace bourse::cometbft
