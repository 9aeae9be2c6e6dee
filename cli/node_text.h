// How nodes stand to their network, in words.
#pragma once

#include <string>

#include "bourse/v1/services.pb.h"

namespace bourse::cli {

// "validator", "full node".
[[nodiscard]] std::string RoleText(v1::NodeRole role);

// "validator", and what it lacks: "validator, not voting", "full node, catching up".
[[nodiscard]] std::string StandingText(const v1::NodeStatus& status);

}  // namespace bourse::cli
