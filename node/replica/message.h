// Messages between nodes, and their bytes: one tag, then a fixed little-endian layout.
//
// A decoder returns false for bytes that no encoder writes, and checks sizes and counts before it
// allocates. It looks at no signature.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/hash.h"
#include "common/units.h"
#include "node/consensus/codec.h"
#include "node/consensus/vote.h"

namespace bourse::replica {

// A transaction of a candidate: its exact bytes, or (empty bytes) the hash of them, where the
// receiver is likely to have them (mempool::Mempool::KeyOf).
struct CompactTransaction {
  std::string bytes;
  Hash256 key;
};

// A leader's proposal, as it is broadcast.
struct CompactCandidate {
  consensus::SignedHeader header;
  std::vector<CompactTransaction> transactions;
};

// A candidate whole.
struct FullCandidate {
  consensus::SignedHeader header;
  std::vector<std::string> transactions;
};

struct Transactions {
  std::vector<std::string> encoded;  // 1 to 4,096
};

// Asks for a candidate: only the transactions at these places (ascending), or, if none is named,
// all of it and as many of its ancestors, down to (not including) slot `above`, as fit an answer.
struct FetchCandidate {
  consensus::BlockId id;
  consensus::Slot above;
  std::vector<std::uint32_t> places;
};
struct CandidateTransactions {
  consensus::BlockId id;
  std::vector<std::uint32_t> places;  // those asked for
  std::vector<std::string> encoded;
};
// From the one asked for down to its ancestors; at least one.
struct Candidates {
  std::vector<FullCandidate> candidates;
};

// Asks for finalized blocks from a height on.
struct FetchBlocks {
  Height from;
};
// Finalized blocks of heights in a row, and the Final certificate of the last, or of a descendant:
// then `headers` are all those after the last block down to the certificate's, each the parent of
// the next (a block may be finalized only through a descendant, and all blocks up to that one be
// too long for a message). With them the certificates of what was executed, those that there are.
// No blocks: there are none yet.
struct Blocks {
  Height from;
  std::vector<FullCandidate> blocks;                        // kMaxRun at most
  std::vector<consensus::Certificate> certificate;          // 1, or 0 without blocks
  std::vector<consensus::ExecutionCertificate> executions;  // ascending heights among the blocks
  std::vector<consensus::Header> headers = {};              // mostly none
};

// How far the sender is; only ever an estimate for the receiver, as it may lie.
struct Status {
  Height height;
};

using Message =
    std::variant<consensus::SignedVote, consensus::Certificate, CompactCandidate,
                 consensus::SignedExecuted, consensus::ExecutionCertificate, Transactions,
                 FetchCandidate, CandidateTransactions, Candidates, FetchBlocks, Blocks, Status>;

// What is sent before what: votes, certificates and candidates, then answers, then transactions.
enum class Priority : std::uint8_t { kConsensus, kBulk, kTransactions };
[[nodiscard]] Priority PriorityOf(const Message& message);

// Most bytes of one message: a whole block and its surroundings.
inline constexpr std::size_t kMaxMessageBytes = 6 * 1024 * 1024;
// Most blocks or candidates of one message: each costs a signature or two.
inline constexpr std::size_t kMaxRun = 1'024;
// Most bytes of blocks or candidates that an answer holds, unless a single one is larger.
inline constexpr std::size_t kAnswerBytes = 1024 * 1024;

[[nodiscard]] std::string Encode(const Message& message);
[[nodiscard]] bool Decode(const consensus::Validators& validators, std::string_view bytes,
                          Message* message);

// A signature that must be good for a message to be believed.
struct Claim {
  PublicKey key;
  std::string bytes;
  Signature signature;
};
[[nodiscard]] std::vector<Claim> ClaimsOf(const consensus::Validators& validators,
                                          const Message& message);

}  // namespace bourse::replica
