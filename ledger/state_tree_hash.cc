#include "ledger/state_tree_hash.h"

#include <array>
#include <cstring>

#include "common/check.h"

namespace bourse::ledger {
namespace {

static_assert(crypto_generichash_blake2b_PERSONALBYTES == 16);
using Domain = std::array<std::uint8_t, 16>;

constexpr Domain MakeDomain(std::string_view name) {
  Domain out{};
  for (std::size_t i = 0; i < name.size(); ++i) out[i] = static_cast<std::uint8_t>(name[i]);
  return out;
}

constexpr Domain kPlace = MakeDomain("bourse/place/1");
constexpr Domain kLeaf = MakeDomain("bourse/leaf/1");
constexpr Domain kBucket = MakeDomain("bourse/bucket/1");
constexpr Domain kNode = MakeDomain("bourse/node/1");

Hash256 Hash(const Domain& domain, Bytes bytes) {
  Hash256 out;
  const int failed =
      crypto_generichash_blake2b_salt_personal(out.bytes.data(), out.bytes.size(), bytes.data(),
                                               bytes.size(), nullptr, 0, nullptr, domain.data());
  CHECK(failed == 0);
  return out;
}

template <typename T>
Bytes BytesOf(const T* data, std::size_t size) {
  return {reinterpret_cast<const std::uint8_t*>(data), size};
}

}  // namespace

Hash256 HashPlace(std::string_view key) { return Hash(kPlace, AsBytes(key)); }

Hash256 HashLeaf(const Hash256& place, std::string_view value) {
  // Most records fit here, which spares the hasher's copy by pieces.
  std::array<std::uint8_t, 512> small;
  if (place.bytes.size() + value.size() <= small.size()) {
    std::memcpy(small.data(), place.bytes.data(), place.bytes.size());
    std::memcpy(small.data() + place.bytes.size(), value.data(), value.size());
    return Hash(kLeaf, Bytes(small).first(place.bytes.size() + value.size()));
  }
  Hash256 out;
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init_salt_personal(&state, nullptr, 0, out.bytes.size(), nullptr,
                                                kLeaf.data());
  crypto_generichash_blake2b_update(&state, place.bytes.data(), place.bytes.size());
  crypto_generichash_blake2b_update(&state, AsBytes(value).data(), value.size());
  crypto_generichash_blake2b_final(&state, out.bytes.data(), out.bytes.size());
  return out;
}

Hash256 HashBucket(std::span<const TreeLeaf> leaves) {
  if (leaves.empty()) return {};
  return Hash(kBucket, BytesOf(leaves.data(), leaves.size_bytes()));
}

Hash256 HashNode(const TreeChildren& children) {
  return Hash(kNode, BytesOf(children.data(), sizeof(children)));
}

}  // namespace bourse::ledger
