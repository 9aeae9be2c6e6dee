#include "node/storage/evidence_store.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/codec.h"
#include "common/hash.h"

namespace bourse::storage {
namespace {

using consensus::Evidence;
using ledger::Family;

constexpr std::string_view kPrefix = "v";

// Big-endian, so that keys sort by validator.
std::string PrefixOf(consensus::ValidatorIndex validator) {
  std::string key(kPrefix);
  key.push_back(static_cast<char>(validator.value() >> 8));
  key.push_back(static_cast<char>(validator.value() & 0xff));
  return key;
}

std::string KeyOf(const Evidence& evidence, std::string_view bytes) {
  const Hash256 hash = Hasher("bourse/evidence/1").Update(bytes).Finish();
  return PrefixOf(evidence.validator) + std::string(AsText(hash.bytes));
}

}  // namespace

absl::StatusOr<bool> KeepEvidence(ledger::Store* store, const Evidence& evidence) {
  std::string bytes = Encode(evidence);
  std::string key = KeyOf(evidence, bytes);
  std::size_t count = 0;
  bool is_known = false;
  const absl::Status scanned = store->Scan(Family::kFinality, PrefixOf(evidence.validator), "",
                                           [&](std::string_view one, std::string_view) {
                                             is_known = is_known || one == key;
                                             ++count;
                                             return true;
                                           });
  if (!scanned.ok()) return scanned;
  if (is_known || count >= kMaxEvidencePerValidator) return false;
  ledger::Batch batch;
  batch.Put(Family::kFinality, std::move(key), std::move(bytes));
  if (absl::Status applied = store->Apply(batch); !applied.ok()) return applied;
  return true;
}

absl::StatusOr<std::vector<Evidence>> ReadEvidence(const ledger::View& view,
                                                   const consensus::Validators& validators) {
  std::vector<Evidence> out;
  bool is_good = true;
  const absl::Status scanned =
      view.Scan(Family::kFinality, kPrefix, "", [&](std::string_view key, std::string_view bytes) {
        Evidence& evidence = out.emplace_back();
        is_good = Decode(validators, bytes, &evidence) && key == KeyOf(evidence, bytes);
        return is_good;
      });
  if (!scanned.ok()) return scanned;
  if (!is_good) return absl::DataLossError("the store of evidence is damaged");
  return out;
}

}  // namespace bourse::storage
