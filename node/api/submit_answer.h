// A submitted transaction's result as an answer, for both ways to submit.
#pragma once

#include "bourse/v1/services.pb.h"
#include "common/hash.h"
#include "node/api/backend.h"

namespace bourse::api {

// Whatever became of it; a refusal is in the message.
[[nodiscard]] v1::SubmitResponse ToMessage(const SubmitResult& result, const Hash256& genesis_hash,
                                           std::uint64_t tag);

}  // namespace bourse::api
