// Bytes as messages between nodes: what is accepted is canonical, and its claims can be made.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/check.h"
#include "node/replica/message.h"

namespace bourse::replica {
namespace {

void Check(std::string_view bytes) {
  const consensus::Validators validators(Hash256{}, std::vector<PublicKey>(4));
  Message message;
  if (!Decode(validators, bytes, &message)) return;
  CHECK(Encode(message) == bytes);
  // Each signature is in the bytes.
  CHECK(ClaimsOf(validators, message).size() * sizeof(Signature) <= bytes.size());
}

}  // namespace
}  // namespace bourse::replica

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bourse::replica::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
