// bourse node peers | evidence
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/clock_text.h"
#include "cli/commands.h"
#include "cli/node_text.h"
#include "cli/table.h"

namespace bourse::cli {
namespace {

constexpr std::size_t kKeyDigitsShown = 12;

// A validator's name, else the beginning of the key.
std::string PeerName(const v1::Peer& peer) {
  if (peer.role() == v1::NODE_ROLE_VALIDATOR) return Printable(peer.validator_name());
  return HexText(peer.key()).substr(0, kKeyDigitsShown) + "…";
}

std::string SizeText(std::uint64_t bytes) {
  constexpr std::uint64_t kKib = 1024;
  if (bytes < 10 * kKib) return absl::StrCat(bytes, " B");
  if (bytes < 10 * kKib * kKib) return absl::StrCat(bytes / kKib, " KiB");
  return absl::StrCat(bytes / kKib / kKib, " MiB");
}

const char* DirectionText(v1::PeerDirection direction) {
  return direction == v1::PEER_DIRECTION_OUTBOUND ? "outbound" : "inbound";
}

Json PeerDocument(const v1::Peer& peer) {
  const bool validator = peer.role() == v1::NODE_ROLE_VALIDATOR;
  return {{"key", HexText(peer.key())},
          {"role", RoleText(peer.role())},
          {"validator", validator ? Json(peer.validator()) : Json()},
          {"validator_name", validator ? Json(peer.validator_name()) : Json()},
          {"address", peer.address().empty() ? Json() : Json(peer.address())},
          {"direction", DirectionText(peer.direction())},
          {"connected", peer.connected()},
          {"since", peer.since() == 0 ? Json() : Json(FormatTime(peer.since()))},
          {"since_micros", Number(peer.since())},
          {"bytes_in", Number(peer.bytes_in())},
          {"bytes_out", Number(peer.bytes_out())},
          {"queue_bytes", Number(peer.queue_bytes())},
          {"height", Number(peer.height())},
          {"last_error", peer.last_error().empty() ? Json() : Json(peer.last_error())}};
}

absl::Status ListPeers(Context& context) {
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::ListPeersResponse> answer = (*client)->ListPeers();
  if (!answer.ok()) return answer.status();
  Json documents = Json::array();
  Table table({{"PEER"},
               {"ROLE"},
               {"ADDRESS"},
               {"DIRECTION"},
               {"STATE"},
               {"SINCE"},
               {"HEIGHT", Align::kRight},
               {"IN", Align::kRight},
               {"OUT", Align::kRight},
               {"QUEUE", Align::kRight},
               {"LAST ERROR"}});
  for (const v1::Peer& peer : answer->peers()) {
    documents.push_back(PeerDocument(peer));
    table.AddRow({PeerName(peer), RoleText(peer.role()), Printable(peer.address()),
                  DirectionText(peer.direction()), peer.connected() ? "connected" : "away",
                  peer.since() == 0 ? "the start" : FormatTime(peer.since()),
                  peer.height() == 0 ? "" : std::to_string(peer.height()),
                  SizeText(peer.bytes_in()), SizeText(peer.bytes_out()),
                  SizeText(peer.queue_bytes()), Printable(peer.last_error())});
  }
  context.output().Write({{"peers", documents}}, [&](std::ostream& out) {
    if (table.empty()) {
      out << "The node knows no others: it is alone, or none are named in its boursed.toml.\n";
    } else {
      table.Print(out);
    }
  });
  return absl::OkStatus();
}

std::string KindText(v1::EvidenceKind kind) {
  switch (kind) {
    case v1::EVIDENCE_KIND_VOTES:
      return "votes";
    case v1::EVIDENCE_KIND_CANDIDATES:
      return "candidates";
    case v1::EVIDENCE_KIND_EXECUTIONS:
      return "executions";
    default:
      return "unknown";
  }
}

Json StatementDocument(const v1::SignedStatement& statement) {
  return {{"bytes", HexText(statement.bytes())}, {"signature", HexText(statement.signature())}};
}

Json EvidenceDocument(const v1::Evidence& evidence) {
  const bool execution = evidence.kind() == v1::EVIDENCE_KIND_EXECUTIONS;
  return {{"kind", KindText(evidence.kind())},
          {"validator", evidence.validator()},
          {"validator_name", evidence.validator_name()},
          {"validator_key", HexText(evidence.validator_key())},
          {"slot", execution ? Json() : Number(evidence.slot())},
          {"height", execution ? Number(evidence.height()) : Json()},
          {"description", evidence.description()},
          {"first", StatementDocument(evidence.first())},
          {"second", StatementDocument(evidence.second())}};
}

absl::Status ListEvidence(Context& context) {
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::ListEvidenceResponse> answer = (*client)->ListEvidence();
  if (!answer.ok()) return answer.status();
  Json documents = Json::array();
  Table table({{"VALIDATOR"}, {"KIND"}, {"WHERE"}, {"WHAT IT SIGNED"}});
  for (const v1::Evidence& evidence : answer->evidence()) {
    documents.push_back(EvidenceDocument(evidence));
    const bool execution = evidence.kind() == v1::EVIDENCE_KIND_EXECUTIONS;
    table.AddRow({Printable(evidence.validator_name()), KindText(evidence.kind()),
                  execution ? absl::StrCat("height ", evidence.height())
                            : absl::StrCat("slot ", evidence.slot()),
                  Printable(evidence.description())});
  }
  context.output().Write({{"evidence", documents}}, [&](std::ostream& out) {
    if (table.empty()) {
      out << "None: this node has seen no validator break the rules.\n";
    } else {
      table.Print(out);
      out << "Both signed statements of each are in --output json.\n";
    }
  });
  return absl::OkStatus();
}

}  // namespace

void AddNodeListCommands(CLI::App& node, Context& context) {
  AddCommand(node, "peers", "The other nodes it is connected to, or tries to be",
             "  bourse node peers\n", context, [&context] { return ListPeers(context); });
  AddCommand(node, "evidence", "Proofs that validators broke the rules: pairs of signed statements",
             "  bourse node evidence\n  bourse node evidence --output json\n", context,
             [&context] { return ListEvidence(context); });
}

}  // namespace bourse::cli
