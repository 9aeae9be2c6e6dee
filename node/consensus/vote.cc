#include "node/consensus/vote.h"

#include "common/codec.h"

namespace bourse::consensus {

std::string SignedBytes(const Validators& validators, const Vote& vote) {
  Writer writer;
  writer.Raw("bourse/vote/1");
  writer.Raw(Bytes(validators.genesis_hash().bytes));
  writer.U64(validators.epoch());
  writer.U8(static_cast<std::uint8_t>(vote.kind));
  writer.U64(vote.slot.value());
  writer.Raw(Bytes(vote.hash.bytes));
  return std::move(writer).Take();
}

std::string SignedBytes(const Validators& validators, const Executed& executed) {
  Writer writer;
  writer.Raw("bourse/executed/1");
  writer.Raw(Bytes(validators.genesis_hash().bytes));
  writer.U64(validators.epoch());
  writer.U64(executed.height.value());
  writer.Raw(Bytes(executed.block_hash.bytes));
  writer.U64(executed.time.value());
  writer.Raw(Bytes(executed.results_root.bytes));
  writer.Raw(Bytes(executed.state_root.bytes));
  return std::move(writer).Take();
}

std::string SignedBytes(const Header& header) {
  Writer writer;
  writer.Raw("bourse/candidate/1");
  writer.Raw(Bytes(header.genesis_hash.bytes));
  writer.U64(header.epoch);
  writer.U32(header.protocol_version);
  writer.U64(header.slot.value());
  writer.U64(header.height.value());
  writer.U64(header.time.value());
  writer.U64(header.parent_slot.value());
  writer.Raw(Bytes(header.parent_hash.bytes));
  writer.Raw(Bytes(header.transactions_root.bytes));
  return std::move(writer).Take();
}

}  // namespace bourse::consensus
