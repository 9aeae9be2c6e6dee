#include "node/api/submit_answer.h"

#include <string>

#include "node/api/convert.h"

namespace bourse::api {

v1::SubmitResponse ToMessage(const SubmitResult& result, const Hash256& genesis_hash,
                             std::uint64_t tag) {
  v1::SubmitResponse out;
  out.set_tag(tag);
  if (result.txid) out.set_txid(std::string(AsText(Bytes(result.txid->bytes))));
  if (!result.status.ok()) {
    out.set_status(v1::TRANSACTION_STATUS_REFUSED);
    out.set_error_code(static_cast<std::int32_t>(result.status.code()));
    out.set_error(std::string(result.status.message()));
  } else if (result.receipt == nullptr) {
    out.set_status(v1::TRANSACTION_STATUS_PENDING);
  } else {
    out.set_status(v1::TRANSACTION_STATUS_FINAL);
    *out.mutable_receipt() = ToMessage(*result.receipt, genesis_hash);
  }
  return out;
}

}  // namespace bourse::api
