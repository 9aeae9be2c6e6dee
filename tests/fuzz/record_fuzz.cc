// Bytes as records, events and genesis of the ledger: what is accepted is canonical.
//
// The first byte picks the decoder.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ledger/event.h"
#include "ledger/genesis.h"
#include "ledger/records.h"

namespace bourse::ledger {
namespace {

// Whatever is accepted must be what an encoder writes.
template <typename Record>
void Check(std::string_view bytes) {
  Record record;
  if (Decode(bytes, &record) && Encode(record) != bytes) std::abort();
}

void CheckLog(std::string_view bytes) {
  EventLog log;
  if (!EventLog::Unpack(bytes, &log)) return;
  std::size_t size = 0;
  for (std::uint32_t i = 0; i < log.size(); ++i) size += log.At(i).size();
  if (size > bytes.size() || log.Pack() != bytes) std::abort();
}

constexpr std::array kChecks = {&Check<Account>,     &Check<Asset>,    &Check<Market>,
                                &Check<Order>,       &Check<ClientId>, &Check<Head>,
                                &Check<BlockHeader>, &Check<Receipt>,  &Check<Event>,
                                &Check<Genesis>,     &CheckLog};

}  // namespace
}  // namespace bourse::ledger

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto& checks = bourse::ledger::kChecks;
  checks[data[0] % checks.size()](bytes.substr(1));
  return 0;
}
