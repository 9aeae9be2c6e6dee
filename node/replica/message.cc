#include "node/replica/message.h"

#include <utility>

#include "common/codec.h"
#include "common/limits.h"
#include "node/replica/candidate_codec.h"

namespace bourse::replica {
namespace {

using consensus::Certificate;
using consensus::ExecutionCertificate;
using consensus::Read;
using consensus::SignedExecuted;
using consensus::SignedVote;
using consensus::Slot;
using consensus::Validators;
using consensus::Write;

// The first byte of a message is its place in Message, plus 1.
constexpr std::size_t kKinds = std::variant_size_v<Message>;

constexpr std::size_t kMaxBatch = 4'096;  // transactions of a Transactions message
// The least that a compact transaction takes: a length and a byte.
constexpr std::size_t kMinTransactionBytes = 5;
constexpr std::size_t kHeaderBytes = 140;

// --- Lists

bool ReadBlockTransactions(Reader* reader, std::vector<std::string>* transactions) {
  return ReadTransactions(reader, limits::kMaxBlockTransactions, limits::kMaxBlockBytes,
                          transactions);
}

void WritePlaces(const std::vector<std::uint32_t>& places, Writer* writer) {
  writer->U32(static_cast<std::uint32_t>(places.size()));
  for (const std::uint32_t place : places) writer->U32(place);
}

bool ReadPlaces(Reader* reader, std::vector<std::uint32_t>* places) {
  std::size_t count = 0;
  if (!ReadCount(reader, sizeof(std::uint32_t), limits::kMaxBlockTransactions, &count)) {
    return false;
  }
  places->reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t place = reader->U32();
    if (place >= limits::kMaxBlockTransactions) return false;
    if (!places->empty() && place <= places->back()) return false;
    places->push_back(place);
  }
  return reader->ok();
}

void WriteId(const consensus::BlockId& id, Writer* writer) {
  writer->U64(id.slot.value());
  writer->Raw(Bytes(id.hash.bytes));
}

bool ReadId(Reader* reader, consensus::BlockId* id) {
  id->slot = Slot(reader->U64());
  reader->Raw(id->hash.bytes);
  return reader->ok() && id->slot != consensus::kGenesisSlot;
}

void WriteCandidates(const std::vector<FullCandidate>& candidates, Writer* writer) {
  writer->U32(static_cast<std::uint32_t>(candidates.size()));
  for (const FullCandidate& candidate : candidates) Write(candidate, writer);
}

bool ReadCandidates(const Validators& validators, Reader* reader,
                    std::vector<FullCandidate>* candidates) {
  std::size_t count = 0;
  if (!ReadCount(reader, kMinCandidateBytes, kMaxRun, &count)) return false;
  candidates->reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (!Read(validators, reader, &candidates->emplace_back())) return false;
  }
  return true;
}

// --- Messages

// Votes, certificates and what was executed have their encoding in node/consensus/codec.h.
template <typename Plain>
void Put(const Plain& message, Writer* writer) {
  Write(message, writer);
}
template <typename Plain>
bool Get(const Validators& validators, Reader* reader, Plain* message) {
  return Read(validators, reader, message);
}

void Put(const CompactCandidate& message, Writer* writer) {
  Write(message.header, writer);
  writer->U32(static_cast<std::uint32_t>(message.transactions.size()));
  for (const CompactTransaction& transaction : message.transactions) {
    writer->Sized(transaction.bytes);
    if (transaction.bytes.empty()) writer->Raw(Bytes(transaction.key.bytes));
  }
}

bool Get(const Validators& validators, Reader* reader, CompactCandidate* message) {
  std::size_t count = 0;
  if (!Read(validators, reader, &message->header)) return false;
  if (!ReadCount(reader, kMinTransactionBytes, limits::kMaxBlockTransactions, &count)) return false;
  message->transactions.reserve(count);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    CompactTransaction& transaction = message->transactions.emplace_back();
    const std::string_view encoded = reader->Sized();
    bytes += encoded.size();
    if (encoded.size() > limits::kMaxTransactionBytes || bytes > limits::kMaxBlockBytes) {
      return false;
    }
    transaction.bytes = encoded;
    if (encoded.empty()) reader->Raw(transaction.key.bytes);
  }
  return reader->ok();
}

void Put(const Transactions& message, Writer* writer) {
  WriteTransactions(message.encoded, writer);
}

bool Get(const Validators& /*validators*/, Reader* reader, Transactions* message) {
  return ReadTransactions(reader, kMaxBatch, kMaxMessageBytes, &message->encoded) &&
         !message->encoded.empty();
}

void Put(const FetchCandidate& message, Writer* writer) {
  WriteId(message.id, writer);
  writer->U64(message.above.value());
  WritePlaces(message.places, writer);
}

bool Get(const Validators& /*validators*/, Reader* reader, FetchCandidate* message) {
  if (!ReadId(reader, &message->id)) return false;
  message->above = Slot(reader->U64());
  return ReadPlaces(reader, &message->places);
}

void Put(const CandidateTransactions& message, Writer* writer) {
  WriteId(message.id, writer);
  WritePlaces(message.places, writer);
  WriteTransactions(message.encoded, writer);
}

bool Get(const Validators& /*validators*/, Reader* reader, CandidateTransactions* message) {
  return ReadId(reader, &message->id) && ReadPlaces(reader, &message->places) &&
         ReadBlockTransactions(reader, &message->encoded) && !message->places.empty() &&
         message->encoded.size() == message->places.size();
}

void Put(const Candidates& message, Writer* writer) { WriteCandidates(message.candidates, writer); }

bool Get(const Validators& validators, Reader* reader, Candidates* message) {
  return ReadCandidates(validators, reader, &message->candidates) && !message->candidates.empty();
}

void Put(const FetchBlocks& message, Writer* writer) { writer->U64(message.from.value()); }

bool Get(const Validators& /*validators*/, Reader* reader, FetchBlocks* message) {
  message->from = Height(reader->U64());
  return reader->ok() && message->from.value() > 0;
}

void Put(const Blocks& message, Writer* writer) {
  writer->U64(message.from.value());
  WriteCandidates(message.blocks, writer);
  if (!message.blocks.empty()) {
    Write(message.certificate.front(), writer);
    writer->U32(static_cast<std::uint32_t>(message.headers.size()));
    for (const consensus::Header& header : message.headers) Write(header, writer);
  }
  writer->U32(static_cast<std::uint32_t>(message.executions.size()));
  for (const ExecutionCertificate& execution : message.executions) Write(execution, writer);
}

bool ReadHeaders(const Validators& validators, Reader* reader,
                 std::vector<consensus::Header>* headers) {
  std::size_t count = 0;
  if (!ReadCount(reader, kHeaderBytes, kMaxMessageBytes / kHeaderBytes, &count)) return false;
  headers->resize(count);
  for (consensus::Header& header : *headers) {
    if (!Read(validators, reader, &header)) return false;
  }
  return true;
}

bool Get(const Validators& validators, Reader* reader, Blocks* message) {
  message->from = Height(reader->U64());
  if (message->from.value() == 0) return false;
  if (!ReadCandidates(validators, reader, &message->blocks)) return false;
  if (!message->blocks.empty()) {
    if (!Read(validators, reader, &message->certificate.emplace_back())) return false;
    if (message->certificate.front().vote.kind != consensus::VoteKind::kFinal) return false;
    if (!ReadHeaders(validators, reader, &message->headers)) return false;
  }
  std::size_t count = 0;
  if (!ReadCount(reader, 1, message->blocks.size(), &count)) return false;
  for (std::size_t i = 0; i < count; ++i) {
    ExecutionCertificate& execution = message->executions.emplace_back();
    if (!Read(validators, reader, &execution)) return false;
    const std::uint64_t height = execution.executed.height.value();
    const std::uint64_t first =
        i == 0 ? message->from.value() : message->executions[i - 1].executed.height.value() + 1;
    if (height < first || height - message->from.value() >= message->blocks.size()) return false;
  }
  return true;
}

void Put(const Status& message, Writer* writer) { writer->U64(message.height.value()); }

bool Get(const Validators& /*validators*/, Reader* reader, Status* message) {
  message->height = Height(reader->U64());
  return reader->ok();
}

template <std::size_t kKind = 0>
bool DecodeKind(const Validators& validators, std::size_t kind, Reader* reader, Message* message) {
  if constexpr (kKind < kKinds) {
    if (kind != kKind) return DecodeKind<kKind + 1>(validators, kind, reader, message);
    return Get(validators, reader, &message->emplace<kKind>()) && reader->Done();
  }
  return false;
}

// --- Claims

void AddQuorum(const Validators& validators, const std::string& bytes,
               const std::vector<consensus::VoteSignature>& signatures, std::vector<Claim>* out) {
  for (const consensus::VoteSignature& one : signatures) {
    out->push_back({validators.key(one.validator), bytes, one.signature});
  }
}

template <typename NoClaims>
void AddClaims(const Validators& /*validators*/, const NoClaims& /*message*/,
               std::vector<Claim>* /*out*/) {}

void AddClaims(const Validators& validators, const SignedVote& vote, std::vector<Claim>* out) {
  out->push_back(
      {validators.key(vote.validator), SignedBytes(validators, vote.vote), vote.signature});
}
void AddClaims(const Validators& validators, const SignedExecuted& executed,
               std::vector<Claim>* out) {
  out->push_back({validators.key(executed.validator), SignedBytes(validators, executed.executed),
                  executed.signature});
}
void AddClaims(const Validators& validators, const Certificate& certificate,
               std::vector<Claim>* out) {
  AddQuorum(validators, SignedBytes(validators, certificate.vote), certificate.signatures, out);
}
void AddClaims(const Validators& validators, const ExecutionCertificate& certificate,
               std::vector<Claim>* out) {
  AddQuorum(validators, SignedBytes(validators, certificate.executed), certificate.signatures, out);
}
void AddClaims(const Validators& validators, const consensus::SignedHeader& header,
               std::vector<Claim>* out) {
  out->push_back({validators.key(validators.LeaderOf(header.header.slot)),
                  SignedBytes(header.header), header.signature});
}
void AddClaims(const Validators& validators, const CompactCandidate& message,
               std::vector<Claim>* out) {
  AddClaims(validators, message.header, out);
}
void AddClaims(const Validators& validators, const Candidates& message, std::vector<Claim>* out) {
  for (const FullCandidate& one : message.candidates) AddClaims(validators, one.header, out);
}
// What the certificate is of is finalized by it, and all before by their hashes in it. Leaders'
// signatures are not part of these; who keeps the blocks gives them to others as candidates.
void AddClaims(const Validators& validators, const Blocks& message, std::vector<Claim>* out) {
  for (const FullCandidate& one : message.blocks) AddClaims(validators, one.header, out);
  for (const Certificate& one : message.certificate) AddClaims(validators, one, out);
  for (const ExecutionCertificate& one : message.executions) AddClaims(validators, one, out);
}

}  // namespace

Priority PriorityOf(const Message& message) {
  if (std::holds_alternative<Transactions>(message)) return Priority::kTransactions;
  const bool is_answer = std::holds_alternative<CandidateTransactions>(message) ||
                         std::holds_alternative<Candidates>(message) ||
                         std::holds_alternative<Blocks>(message);
  return is_answer ? Priority::kBulk : Priority::kConsensus;
}

std::string Encode(const Message& message) {
  Writer writer;
  writer.U8(static_cast<std::uint8_t>(message.index() + 1));
  std::visit([&writer](const auto& one) { Put(one, &writer); }, message);
  return std::move(writer).Take();
}

bool Decode(const Validators& validators, std::string_view bytes, Message* message) {
  if (bytes.empty() || bytes.size() > kMaxMessageBytes) return false;
  Reader reader(bytes);
  const std::size_t tag = reader.U8();
  return tag > 0 && DecodeKind(validators, tag - 1, &reader, message);
}

std::vector<Claim> ClaimsOf(const Validators& validators, const Message& message) {
  std::vector<Claim> claims;
  std::visit([&](const auto& one) { AddClaims(validators, one, &claims); }, message);
  return claims;
}

}  // namespace bourse::replica
