// Evidence as the services show it: the exact bytes that were signed, and words.
#pragma once

#include "node/api/network_state.h"
#include "node/consensus/evidence.h"
#include "node/consensus/validators.h"

namespace bourse::api {

[[nodiscard]] EvidenceState EvidenceStateOf(const consensus::Validators& validators,
                                            const consensus::Evidence& evidence);

}  // namespace bourse::api
