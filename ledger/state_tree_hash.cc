#include "ledger/state_tree_hash.h"

#include <array>
#include <cstring>

#include "common/check.h"

namespace bourse::ledger {
namespace {

static_assert(crypto_generichash_blake2b_PERSONALBYTES == sizeof(HashDomain));

constexpr HashDomain MakeDomain(std::string_view name) {
  HashDomain out{};
  for (std::size_t i = 0; i < name.size(); ++i) out[i] = static_cast<std::uint8_t>(name[i]);
  return out;
}

Hash256 Hash(const HashDomain& domain, Bytes bytes) {
  Hash256 out;
  const int failed =
      crypto_generichash_blake2b_salt_personal(out.bytes.data(), out.bytes.size(), bytes.data(),
                                               bytes.size(), nullptr, 0, nullptr, domain.data());
  CHECK(failed == 0);
  return out;
}

}  // namespace

constexpr HashDomain kPlaceDomain = MakeDomain("bourse/place/1");
constexpr HashDomain kLeafDomain = MakeDomain("bourse/leaf/1");
constexpr HashDomain kBucketDomain = MakeDomain("bourse/bucket/1");
constexpr HashDomain kNodeDomain = MakeDomain("bourse/node/1");

Hash256 HashPlace(std::string_view key) { return Hash(kPlaceDomain, AsBytes(key)); }

Hash256 HashLeaf(const Hash256& place, std::string_view value) {
  // Most records fit here, which spares the hasher's copy by pieces.
  std::array<std::uint8_t, 512> small;
  if (place.bytes.size() + value.size() <= small.size()) {
    std::memcpy(small.data(), place.bytes.data(), place.bytes.size());
    std::memcpy(small.data() + place.bytes.size(), value.data(), value.size());
    return Hash(kLeafDomain, Bytes(small).first(place.bytes.size() + value.size()));
  }
  Hash256 out;
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init_salt_personal(&state, nullptr, 0, out.bytes.size(), nullptr,
                                                kLeafDomain.data());
  crypto_generichash_blake2b_update(&state, place.bytes.data(), place.bytes.size());
  crypto_generichash_blake2b_update(&state, AsBytes(value).data(), value.size());
  crypto_generichash_blake2b_final(&state, out.bytes.data(), out.bytes.size());
  return out;
}

Hash256 HashBucket(std::span<const TreeLeaf> leaves) {
  if (leaves.empty()) return {};
  return Hash(kBucketDomain, BytesOf(leaves));
}

Hash256 HashNode(const TreeChildren& children) { return Hash(kNodeDomain, BytesOf(children)); }

Bytes BytesOf(std::span<const TreeLeaf> leaves) {
  return {reinterpret_cast<const std::uint8_t*>(leaves.data()), leaves.size_bytes()};
}

Bytes BytesOf(const TreeChildren& children) {
  return {reinterpret_cast<const std::uint8_t*>(children.data()), sizeof(children)};
}

}  // namespace bourse::ledger
