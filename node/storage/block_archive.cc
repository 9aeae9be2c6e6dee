#include "node/storage/block_archive.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/codec.h"
#include "ledger/records.h"
#include "ledger/schema.h"
#include "node/consensus/codec.h"

namespace bourse::storage {
namespace {

using consensus::Certificate;
using consensus::ExecutionCertificate;
using consensus::SignedHeader;
using consensus::Validators;
using ledger::Family;
using ledger::View;

constexpr char kHeader = 'h';
constexpr char kFinal = 'c';
constexpr char kExecution = 'x';

std::string Key(char kind, Height height) {
  Writer writer;
  writer.U8(static_cast<std::uint8_t>(kind));
  writer.BigU64(height.value());
  return std::move(writer).Take();
}

template <typename Value>
std::string Encode(const Value& value) {
  Writer writer;
  consensus::Write(value, &writer);
  return std::move(writer).Take();
}

absl::Status Damaged(std::string_view what, Height height) {
  return absl::DataLossError(absl::StrCat("the archive is damaged: ", std::string(what),
                                          " of height ", height.value(), " is unreadable"));
}

// Nothing if there is none.
template <typename Value>
absl::StatusOr<std::optional<Value>> Find(const View& view, const Validators& validators, char kind,
                                          Height height) {
  const auto bytes = view.Get(Family::kFinality, Key(kind, height));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<Value>();
  Reader reader(**bytes);
  Value value;
  if (!consensus::Read(validators, &reader, &value) || !reader.Done()) {
    return Damaged(std::string("the record ") + kind, height);
  }
  return std::optional<Value>(std::move(value));
}

absl::StatusOr<std::optional<SignedHeader>> FindHeader(const View& view,
                                                       const Validators& validators,
                                                       Height height) {
  auto header = Find<SignedHeader>(view, validators, kHeader, height);
  if (header.ok() && header->has_value() && (*header)->header.height != height) {
    return Damaged("the header", height);
  }
  return header;
}

absl::StatusOr<std::vector<std::string>> ReadTransactions(const View& view, Height height) {
  const auto body = view.Get(Family::kBlocks, ledger::BodyKey(height));
  if (!body.ok()) return body.status();
  if (!body->has_value()) return Damaged("the list of transactions", height);
  std::vector<std::string> transactions;
  Reader reader(**body);
  while (reader.ok() && reader.left() > 0) transactions.emplace_back(reader.Sized());
  if (!reader.Done()) return Damaged("the list of transactions", height);
  return transactions;
}

// Gathers a run of blocks that a peer can verify.
class RunReader {
 public:
  RunReader(const View& view, const Validators& validators, Height from, std::size_t bytes_max)
      : view_(view), validators_(validators), bytes_max_(bytes_max) {
    out_.from = from;
  }

  absl::StatusOr<replica::Blocks> Read() {
    for (bool more = true; more;) {
      const absl::StatusOr<bool> added = AddBlock();
      if (!added.ok()) return added.status();
      more = *added;
    }
    if (certified_ == 0) {
      if (absl::Status status = AddHeaders(); !status.ok()) return status;
    }
    CutBack();
    return std::move(out_);
  }

 private:
  [[nodiscard]] Height next() const {
    return Height(out_.from.value() + out_.blocks.size() + out_.headers.size());
  }

  // False: there is none, or no room for it.
  absl::StatusOr<bool> AddBlock() {
    if (out_.blocks.size() == replica::kMaxRun) return false;
    const Height height = next();
    auto header = FindHeader(view_, validators_, height);
    if (!header.ok()) return header.status();
    if (!header->has_value()) return false;
    auto transactions = ReadTransactions(view_, height);
    if (!transactions.ok()) return transactions.status();
    auto execution = ReadExecutionCertificate(view_, validators_, height);
    if (!execution.ok()) return execution.status();

    replica::FullCandidate block{**header, *std::move(transactions)};
    const std::size_t bytes =
        SizeOf(block) + (execution->has_value() ? Encode(**execution).size() : 0);
    if (!out_.blocks.empty() && bytes_ + bytes > bytes_max_) return false;
    bytes_ += bytes;
    out_.blocks.push_back(std::move(block));
    if (execution->has_value()) out_.executions.push_back(*std::move(*execution));
    const absl::StatusOr<bool> is_certified = AddCertificate(height);
    if (!is_certified.ok()) return is_certified.status();
    if (*is_certified) certified_ = out_.blocks.size();
    return true;
  }

  static std::size_t SizeOf(const replica::FullCandidate& block) {
    std::size_t size = Encode(block.header).size() + sizeof(std::uint32_t);
    for (const std::string& one : block.transactions) size += sizeof(std::uint32_t) + one.size();
    return size;
  }

  // Whether this height has a Final certificate, which is then the run's.
  absl::StatusOr<bool> AddCertificate(Height height) {
    auto certificate = ReadFinalCertificate(view_, validators_, height);
    if (!certificate.ok()) return certificate.status();
    if (!certificate->has_value()) return false;
    out_.certificate.assign(1, *std::move(*certificate));
    return true;
  }

  // No block has a certificate: those after them until one has.
  absl::Status AddHeaders() {
    constexpr std::size_t kRestBytes = 128 * 1024;  // a certificate of 1,000 validators, counts
    while (!out_.blocks.empty() && bytes_ + kRestBytes < replica::kMaxMessageBytes) {
      const Height height = next();
      const auto header = FindHeader(view_, validators_, height);
      if (!header.ok()) return header.status();
      if (!header->has_value()) break;
      bytes_ += Encode((*header)->header).size();
      out_.headers.push_back((*header)->header);
      const absl::StatusOr<bool> is_certified = AddCertificate(height);
      if (!is_certified.ok()) return is_certified.status();
      if (*is_certified) break;
    }
    return absl::OkStatus();
  }

  // Leaves what a certificate finalizes: all, some or nothing.
  void CutBack() {
    if (out_.certificate.empty()) {
      out_.blocks.clear();
      out_.headers.clear();
    } else if (certified_ > 0) {
      out_.blocks.resize(certified_);
    }
    const std::uint64_t end = out_.from.value() + out_.blocks.size();
    std::erase_if(out_.executions, [end](const ExecutionCertificate& one) {
      return one.executed.height.value() >= end;
    });
  }

  const View& view_;
  const Validators& validators_;
  const std::size_t bytes_max_;
  replica::Blocks out_;
  std::size_t bytes_ = 0;
  std::size_t certified_ = 0;  // of the blocks: up to the last that has a certificate of its own
};

}  // namespace

void ArchivingStore::SetNext(const SignedHeader& header,
                             const std::optional<Certificate>& certificate) {
  CHECK(!next_in_batch_.has_value());
  const Height height = header.header.height;
  next_in_batch_ = ledger::HeaderKey(height);
  pending_.Put(Family::kFinality, Key(kHeader, height), Encode(header));
  if (!certificate.has_value()) return;
  CHECK(certificate->vote.kind == consensus::VoteKind::kFinal);
  CHECK(certificate->vote.hash == HashOf(header.header));
  pending_.Put(Family::kFinality, Key(kFinal, height), Encode(*certificate));
}

void ArchivingStore::Keep(const ExecutionCertificate& certificate) {
  pending_.Put(Family::kFinality, Key(kExecution, certificate.executed.height),
               Encode(certificate));
}

absl::Status ArchivingStore::Flush() {
  CHECK(!next_in_batch_.has_value());
  if (pending_.changes().empty()) return absl::OkStatus();
  return Apply(ledger::Batch());
}

absl::Status ArchivingStore::Apply(const ledger::Batch& batch) {
  if (pending_.changes().empty()) return ForwardingStore::Apply(batch);
  if (next_in_batch_.has_value()) {
    CHECK(std::ranges::any_of(batch.changes(), [&](const ledger::Batch::Change& change) {
      return change.family == Family::kBlocks && change.key == *next_in_batch_;
    }));
  }
  ledger::Batch all = batch;
  for (const ledger::Batch::Change& change : pending_.changes()) {
    all.Put(change.family, change.key, *change.value);
  }
  absl::Status applied = ForwardingStore::Apply(all);
  if (!applied.ok()) return applied;
  pending_.Clear();
  next_in_batch_.reset();
  return applied;
}

absl::StatusOr<replica::Blocks> ReadBlocks(const View& view, const Validators& validators,
                                           Height from, std::size_t bytes_max) {
  return RunReader(view, validators, from, bytes_max).Read();
}

absl::StatusOr<ArchivedBlock> ReadHead(const View& view, const Validators& validators,
                                       Height height) {
  const auto bytes = view.Get(Family::kBlocks, ledger::HeaderKey(height));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) {
    return absl::NotFoundError(absl::StrCat("there is no block of height ", height.value()));
  }
  ledger::BlockHeader block;
  if (!Decode(**bytes, &block) || block.height != height) return Damaged("the block", height);
  auto header = FindHeader(view, validators, height);
  if (!header.ok()) return header.status();
  return ArchivedBlock{.header = *std::move(header),
                       .executed = {.height = height,
                                    .block_hash = block.hash,
                                    .time = block.time,
                                    .results_root = block.results_root,
                                    .state_root = block.state_root}};
}

std::string ExecutionCertificateKey(Height height) { return Key(kExecution, height); }

absl::StatusOr<std::optional<ExecutionCertificate>> ReadExecutionCertificate(
    const View& view, const Validators& validators, Height height) {
  return Find<ExecutionCertificate>(view, validators, kExecution, height);
}

absl::StatusOr<std::optional<Certificate>> ReadFinalCertificate(const View& view,
                                                                const Validators& validators,
                                                                Height height) {
  return Find<Certificate>(view, validators, kFinal, height);
}

}  // namespace bourse::storage
