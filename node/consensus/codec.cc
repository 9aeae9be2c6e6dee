#include "node/consensus/codec.h"

namespace bourse::consensus {
namespace {

void WriteHash(const Hash256& hash, Writer* writer) { writer->Raw(Bytes(hash.bytes)); }
void ReadHash(Reader* reader, Hash256* hash) { reader->Raw(hash->bytes); }

void WriteSignature(ValidatorIndex validator, const Signature& signature, Writer* writer) {
  writer->U16(validator.value());
  writer->Raw(Bytes(signature.bytes));
}

bool ReadSignature(const Validators& validators, Reader* reader, ValidatorIndex* validator,
                   Signature* signature) {
  *validator = ValidatorIndex(reader->U16());
  reader->Raw(signature->bytes);
  return reader->ok() && validators.Has(*validator);
}

void WriteSignatures(const std::vector<VoteSignature>& signatures, Writer* writer) {
  writer->U16(static_cast<std::uint16_t>(signatures.size()));
  for (const VoteSignature& one : signatures) {
    WriteSignature(one.validator, one.signature, writer);
  }
}

// Exactly a quorum of different validators: ascending, so that none is there twice.
bool ReadSignatures(const Validators& validators, Reader* reader,
                    std::vector<VoteSignature>* signatures) {
  const std::size_t count = reader->U16();
  if (count != validators.quorum()) return false;
  signatures->resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    VoteSignature& one = (*signatures)[i];
    if (!ReadSignature(validators, reader, &one.validator, &one.signature)) return false;
    if (i > 0 && one.validator <= (*signatures)[i - 1].validator) return false;
  }
  return true;
}

void WriteVote(const Vote& vote, Writer* writer) {
  writer->U8(static_cast<std::uint8_t>(vote.kind));
  writer->U64(vote.slot.value());
  WriteHash(vote.hash, writer);
}

bool ReadVote(Reader* reader, Vote* vote) {
  const std::uint8_t kind = reader->U8();
  vote->kind = static_cast<VoteKind>(kind);
  vote->slot = Slot(reader->U64());
  ReadHash(reader, &vote->hash);
  if (!reader->ok() || kind < 1 || kind > 3 || vote->slot == kGenesisSlot) return false;
  return vote->kind != VoteKind::kSkip || vote->hash == Hash256{};
}

void WriteExecuted(const Executed& executed, Writer* writer) {
  writer->U64(executed.height.value());
  WriteHash(executed.block_hash, writer);
  writer->U64(executed.time.value());
  WriteHash(executed.results_root, writer);
  WriteHash(executed.state_root, writer);
}

bool ReadExecuted(Reader* reader, Executed* executed) {
  executed->height = Height(reader->U64());
  ReadHash(reader, &executed->block_hash);
  executed->time = TimeMicros(reader->U64());
  ReadHash(reader, &executed->results_root);
  ReadHash(reader, &executed->state_root);
  return reader->ok() && executed->height.value() > 0;
}

}  // namespace

void Write(const Header& header, Writer* writer) {
  WriteHash(header.genesis_hash, writer);
  writer->U64(header.epoch);
  writer->U32(header.protocol_version);
  writer->U64(header.slot.value());
  writer->U64(header.height.value());
  writer->U64(header.time.value());
  writer->U64(header.parent_slot.value());
  WriteHash(header.parent_hash, writer);
  WriteHash(header.transactions_root, writer);
}

bool Read(const Validators& /*validators*/, Reader* reader, Header* header) {
  ReadHash(reader, &header->genesis_hash);
  header->epoch = reader->U64();
  header->protocol_version = reader->U32();
  header->slot = Slot(reader->U64());
  header->height = Height(reader->U64());
  header->time = TimeMicros(reader->U64());
  header->parent_slot = Slot(reader->U64());
  ReadHash(reader, &header->parent_hash);
  ReadHash(reader, &header->transactions_root);
  return reader->ok() && header->slot != kGenesisSlot;
}

void Write(const SignedHeader& header, Writer* writer) {
  Write(header.header, writer);
  writer->Raw(Bytes(header.signature.bytes));
}

bool Read(const Validators& validators, Reader* reader, SignedHeader* header) {
  if (!Read(validators, reader, &header->header)) return false;
  reader->Raw(header->signature.bytes);
  return reader->ok();
}

void Write(const SignedVote& vote, Writer* writer) {
  WriteVote(vote.vote, writer);
  WriteSignature(vote.validator, vote.signature, writer);
}

bool Read(const Validators& validators, Reader* reader, SignedVote* vote) {
  return ReadVote(reader, &vote->vote) &&
         ReadSignature(validators, reader, &vote->validator, &vote->signature);
}

void Write(const Certificate& certificate, Writer* writer) {
  WriteVote(certificate.vote, writer);
  WriteSignatures(certificate.signatures, writer);
}

bool Read(const Validators& validators, Reader* reader, Certificate* certificate) {
  return ReadVote(reader, &certificate->vote) &&
         ReadSignatures(validators, reader, &certificate->signatures);
}

void Write(const SignedExecuted& executed, Writer* writer) {
  WriteExecuted(executed.executed, writer);
  WriteSignature(executed.validator, executed.signature, writer);
}

bool Read(const Validators& validators, Reader* reader, SignedExecuted* executed) {
  return ReadExecuted(reader, &executed->executed) &&
         ReadSignature(validators, reader, &executed->validator, &executed->signature);
}

void Write(const ExecutionCertificate& certificate, Writer* writer) {
  WriteExecuted(certificate.executed, writer);
  WriteSignatures(certificate.signatures, writer);
}

bool Read(const Validators& validators, Reader* reader, ExecutionCertificate* certificate) {
  return ReadExecuted(reader, &certificate->executed) &&
         ReadSignatures(validators, reader, &certificate->signatures);
}

}  // namespace bourse::consensus
