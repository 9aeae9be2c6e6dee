// Votes, certificates, signed headers and what was executed: what validators sign, and the exact
// bytes that they sign (fixed little-endian layouts, never protobuf).
//
//   "bourse/vote/1"      ‖ genesis (32) ‖ epoch (8) ‖ kind (1) ‖ slot (8) ‖ hash (32)
//   "bourse/candidate/1" ‖ the header's fields (node/consensus/header.h)
//   "bourse/executed/1"  ‖ genesis (32) ‖ epoch (8) ‖ height (8) ‖ block hash (32) ‖ time (8) ‖
//                          results root (32) ‖ state root (32)
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "common/ed25519.h"
#include "common/hash.h"
#include "common/units.h"
#include "node/consensus/header.h"
#include "node/consensus/validators.h"

namespace bourse::consensus {

// What a candidate is called.
struct BlockId {
  Slot slot = kGenesisSlot;
  Hash256 hash;
  friend auto operator<=>(const BlockId&, const BlockId&) = default;
};

enum class VoteKind : std::uint8_t { kNotar = 1, kSkip = 2, kFinal = 3 };

// A statement. The hash of a Skip is zero.
struct Vote {
  VoteKind kind = VoteKind::kSkip;
  Slot slot;
  Hash256 hash;
  friend auto operator<=>(const Vote&, const Vote&) = default;
};

struct SignedVote {
  Vote vote;
  ValidatorIndex validator;
  Signature signature;
  friend bool operator==(const SignedVote&, const SignedVote&) = default;
};

struct VoteSignature {
  ValidatorIndex validator;
  Signature signature;
  friend bool operator==(const VoteSignature&, const VoteSignature&) = default;
};

// That a quorum voted so: exactly that many signatures, by validators in ascending order.
struct Certificate {
  Vote vote;
  std::vector<VoteSignature> signatures;
  friend bool operator==(const Certificate&, const Certificate&) = default;
};

// A candidate without its transactions, signed by its slot's leader.
struct SignedHeader {
  Header header;
  Signature signature;
};

// What a block did, as one validator computed it.
struct Executed {
  Height height;
  Hash256 block_hash;
  TimeMicros time;
  Hash256 results_root;
  Hash256 state_root;
  friend bool operator==(const Executed&, const Executed&) = default;
};

struct SignedExecuted {
  Executed executed;
  ValidatorIndex validator;
  Signature signature;
  friend bool operator==(const SignedExecuted&, const SignedExecuted&) = default;
};

// What clients verify receipts against. As Certificate.
struct ExecutionCertificate {
  Executed executed;
  std::vector<VoteSignature> signatures;
  friend bool operator==(const ExecutionCertificate&, const ExecutionCertificate&) = default;
};

[[nodiscard]] std::string SignedBytes(const Validators& validators, const Vote& vote);
[[nodiscard]] std::string SignedBytes(const Validators& validators, const Executed& executed);
[[nodiscard]] std::string SignedBytes(const Header& header);

[[nodiscard]] inline BlockId IdOf(const Header& header) { return {header.slot, HashOf(header)}; }
[[nodiscard]] inline BlockId ParentOf(const Header& header) {
  return {header.parent_slot, header.parent_hash};
}

}  // namespace bourse::consensus
