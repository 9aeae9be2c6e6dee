#include "tests/sim/byzantine/resign.h"

#include "common/transaction.h"

namespace bourse::sim::byzantine {

std::string Resigned(const std::string& encoded, bool good, model::Random& random) {
  const auto decoded = DecodeSignedTransaction(AsBytes(encoded));
  if (!decoded.ok()) return encoded;
  Signature signature = decoded->signature;
  const std::size_t at = good ? random.Between(8, 63) : random.Below(8);
  signature.bytes[at] = static_cast<std::uint8_t>(signature.bytes[at] + random.Between(1, 255));
  return EncodeSignedTransaction(EncodeTransaction(decoded->transaction), signature);
}

}  // namespace bourse::sim::byzantine
