// Probe: what the checks get to see of honest nodes, at every step.
#pragma once

#include <string>

#include "ledger/records.h"
#include "node/consensus/evidence.h"
#include "node/exchange/exchange.h"
#include "node/replica/replica.h"
#include "tests/sim/actor.h"

namespace bourse::sim {

// A block that a node has committed.
struct ExecutedBlock {
  const consensus::SignedHeader& header;
  const exchange::BlockResult& result;
  const exchange::Exchange& exchange;  // after it
};

class Probe {
 public:
  virtual ~Probe() = default;

  // After each step of the node's replica.
  virtual void OnStep(NodeIndex node, const replica::Replica& replica) = 0;
  virtual void OnExecuted(NodeIndex node, const ExecutedBlock& block) = 0;
  virtual void OnCertified(NodeIndex node, const consensus::ExecutionCertificate& certificate) = 0;
  virtual void OnEvidence(NodeIndex node, const consensus::Evidence& evidence) = 0;
  virtual void OnMisbehaviour(NodeIndex node, NodeIndex peer, const std::string& what) = 0;
  // The node has to stop, and why.
  virtual void OnFatal(NodeIndex node, const std::string& why) = 0;
  // The node starts: its log is whole or not, and was lost (as a fault) or not.
  virtual void OnLogRead(NodeIndex node, bool is_whole, bool was_lost) = 0;
};

}  // namespace bourse::sim
