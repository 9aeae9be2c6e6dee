#include "cli/node_text.h"

namespace bourse::cli {

std::string RoleText(v1::NodeRole role) {
  switch (role) {
    case v1::NODE_ROLE_VALIDATOR:
      return "validator";
    case v1::NODE_ROLE_FULL_NODE:
      return "full node";
    default:
      return "unknown";
  }
}

std::string StandingText(const v1::NodeStatus& status) {
  std::string out = RoleText(status.role());
  if (status.role() == v1::NODE_ROLE_VALIDATOR && !status.voting()) out += ", not voting";
  if (status.catching_up()) out += ", catching up";
  return out;
}

}  // namespace bourse::cli
