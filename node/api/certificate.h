// Execution certificates for the services: read from the ledger, and as messages.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "bourse/v1/services.pb.h"
#include "common/units.h"
#include "ledger/store.h"
#include "node/consensus/validators.h"
#include "node/consensus/vote.h"

namespace bourse::api {

[[nodiscard]] v1::ExecutionCertificate ToMessage(
    const consensus::Validators& validators, const consensus::ExecutionCertificate& certificate);

// That of a height; nothing if it is not here (yet).
[[nodiscard]] absl::StatusOr<std::optional<v1::ExecutionCertificate>> FindCertificate(
    const ledger::View& view, const consensus::Validators& validators, Height height);

}  // namespace bourse::api
