// How a node stands to the others, as the services show it.
#pragma once

#include <cstdint>
#include <string>

#include "common/ed25519.h"
#include "common/units.h"
#include "node/consensus/validators.h"

namespace bourse::api {

// A height that is lower than that of the ledger counts as that.
struct NetworkStatus {
  // Whether its votes count: never of a full node. If a validator does not vote, why, for people.
  bool voting = true;
  std::string not_voting_because;
  Height decided;    // of the last block whose place is final
  Height certified;  // of the last execution certificate; a real one, not at least the ledger's
  Height network;    // estimate of the highest block that there is
  bool catching_up = false;
};

// Another node that this one is connected to, or tries to be, or would accept.
struct PeerState {
  PublicKey key;
  std::string address;  // as dialled or where it came from; empty: it never connected
  bool outbound = false;
  bool connected = false;
  TimeMicros since;  // connected, or not connected, since then; 0: since the node's start
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t queue_bytes = 0;
  Height height;  // its own word
  std::string last_error;
};

enum class EvidenceKind : std::uint8_t { kVotes = 1, kCandidates = 2, kExecutions = 3 };

struct SignedStatement {
  std::string bytes;  // what was signed
  Signature signature;
};

// A proof that a validator broke the rules; see EvidenceStateOf in node/api/evidence_state.h.
struct EvidenceState {
  EvidenceKind kind = EvidenceKind::kVotes;
  consensus::ValidatorIndex validator;
  consensus::Slot slot;  // of votes and candidates
  Height height;         // of executions
  SignedStatement first;
  SignedStatement second;
  std::string description;
};

}  // namespace bourse::api
