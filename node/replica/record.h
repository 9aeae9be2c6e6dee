// Records of the consensus log: what a node must find again after a crash. Encoded as messages
// are: one tag, then a fixed little-endian layout.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "node/consensus/validators.h"
#include "node/consensus/vote.h"
#include "node/replica/message.h"

namespace bourse::replica {

// Our own vote; a certificate; a candidate whole, which was found good.
using LogRecord = std::variant<consensus::SignedVote, consensus::Certificate, FullCandidate>;

[[nodiscard]] std::string Encode(const LogRecord& record);
// False for bytes that Encode does not write. It looks at no signature and no root.
[[nodiscard]] bool Decode(const consensus::Validators& validators, std::string_view bytes,
                          LogRecord* record);

}  // namespace bourse::replica
