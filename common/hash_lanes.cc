#include "common/hash_lanes.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "common/check.h"

namespace bourse {
namespace {

// RFC 7693, 2.6 and 2.7; the last two rounds are the first two again.
constexpr std::array<std::uint64_t, 8> kIv = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
constexpr std::uint8_t kSigma[12][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                         {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
                                         {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
                                         {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
                                         {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
                                         {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
                                         {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
                                         {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
                                         {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
                                         {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
                                         {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                         {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3}};

void HashOne(const HashDomain& domain, Bytes head, Bytes body, Hash256* out) {
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init_salt_personal(&state, nullptr, 0, out->bytes.size(), nullptr,
                                                domain.data());
  crypto_generichash_blake2b_update(&state, head.data(), head.size());
  crypto_generichash_blake2b_update(&state, body.data(), body.size());
  crypto_generichash_blake2b_final(&state, out->bytes.data(), out->bytes.size());
}

#if defined(__x86_64__)

#define BOURSE_AVX2 __attribute__((target("avx2"), always_inline)) inline

bool HasLanes() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}

// One word of each lane.
using Words = std::uint64_t __attribute__((vector_size(32)));
using Halves = std::uint32_t __attribute__((vector_size(32)));
using Octets = std::uint8_t __attribute__((vector_size(32)));

BOURSE_AVX2 void Load(const void* from, Words& out) { std::memcpy(&out, from, sizeof(out)); }

// Rotate each word to the right, by what the name says.
BOURSE_AVX2 void Rotate32(Words& x) {
  const auto h = reinterpret_cast<Halves>(x);
  x = reinterpret_cast<Words>(__builtin_shufflevector(h, h, 1, 0, 3, 2, 5, 4, 7, 6));
}
BOURSE_AVX2 void Rotate24(Words& x) {
  const auto o = reinterpret_cast<Octets>(x);
  x = reinterpret_cast<Words>(__builtin_shufflevector(o, o, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14,
                                                      15, 8, 9, 10, 19, 20, 21, 22, 23, 16, 17, 18,
                                                      27, 28, 29, 30, 31, 24, 25, 26));
}
BOURSE_AVX2 void Rotate16(Words& x) {
  const auto o = reinterpret_cast<Octets>(x);
  x = reinterpret_cast<Words>(__builtin_shufflevector(o, o, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13,
                                                      14, 15, 8, 9, 18, 19, 20, 21, 22, 23, 16, 17,
                                                      26, 27, 28, 29, 30, 31, 24, 25));
}
BOURSE_AVX2 void Rotate63(Words& x) { x = (x >> 63) | (x + x); }

BOURSE_AVX2 void Mix(Words& a, Words& b, Words& c, Words& d, const Words& x, const Words& y) {
  a += b + x;
  d ^= a;
  Rotate32(d);
  c += d;
  b ^= c;
  Rotate24(b);
  a += b + y;
  d ^= a;
  Rotate16(d);
  c += d;
  b ^= c;
  Rotate63(b);
}

// Four words of each lane's block, turned so that each row holds one word of all lanes.
BOURSE_AVX2 void LoadTurned(const std::uint8_t* const lanes[4], std::size_t offset, Words* out) {
  Words a, b, c, d;
  Load(lanes[0] + offset, a);
  Load(lanes[1] + offset, b);
  Load(lanes[2] + offset, c);
  Load(lanes[3] + offset, d);
  const Words ab_even = __builtin_shufflevector(a, b, 0, 4, 2, 6);
  const Words ab_odd = __builtin_shufflevector(a, b, 1, 5, 3, 7);
  const Words cd_even = __builtin_shufflevector(c, d, 0, 4, 2, 6);
  const Words cd_odd = __builtin_shufflevector(c, d, 1, 5, 3, 7);
  out[0] = __builtin_shufflevector(ab_even, cd_even, 0, 1, 4, 5);
  out[1] = __builtin_shufflevector(ab_odd, cd_odd, 0, 1, 4, 5);
  out[2] = __builtin_shufflevector(ab_even, cd_even, 2, 3, 6, 7);
  out[3] = __builtin_shufflevector(ab_odd, cd_odd, 2, 3, 6, 7);
}

// RFC 7693, 3.2, in all lanes at once. `state` is eight rows; `hashed` and `last` are one.
__attribute__((target("avx2"))) void Compress(std::uint64_t* state, const std::uint64_t* hashed,
                                              const std::uint64_t* last,
                                              const std::uint8_t* const blocks[4]) {
  Words m[16], v[16], h[8];
  for (std::size_t i = 0; i < 4; ++i) LoadTurned(blocks, 32 * i, m + 4 * i);
  for (std::size_t i = 0; i < 8; ++i) {
    Load(state + 4 * i, h[i]);
    v[i] = h[i];
    v[i + 8] = Words{} + kIv[i];
  }
  Words count, final_block;
  Load(hashed, count);
  Load(last, final_block);
  v[12] ^= count;
  v[14] ^= final_block;
#pragma GCC unroll 12
  for (const auto& s : kSigma) {
    Mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
    Mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
    Mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
    Mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
    Mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
    Mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
    Mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
    Mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
  }
  for (std::size_t i = 0; i < 8; ++i) {
    const Words out = h[i] ^ v[i] ^ v[i + 8];
    std::memcpy(state + 4 * i, &out, sizeof(out));
  }
}

#undef BOURSE_AVX2

#else

bool HasLanes() { return false; }
void Compress(std::uint64_t*, const std::uint64_t*, const std::uint64_t*,
              const std::uint8_t* const*) {}

#endif

}  // namespace

HashLanes::HashLanes(const HashDomain& domain) : domain_(domain) {
  // The parameters: 32 bytes out, no key, fan-out and depth 1, and the personalization.
  std::array<std::uint64_t, 8> start = kIv;
  start[0] ^= 0x01010020;
  for (std::size_t i = 0; i < 16; ++i) {
    start[6 + i / 8] ^= std::uint64_t{domain[i]} << (8 * (i % 8));
  }
  for (std::size_t i = 0; i < start.size(); ++i) start_[i].fill(start[i]);
}

HashLanes::~HashLanes() { Finish(); }

void HashLanes::Add(Bytes head, Bytes body, Hash256* out) {
  CHECK(head.size() <= kBlockBytes);
  if (!HasLanes()) return HashOne(domain_, head, body, out);
  while (busy_ == kLanes) Step();
  std::size_t lane = 0;
  while (lanes_[lane].out != nullptr) ++lane;
  lanes_[lane].out = out;
  ++busy_;
  Begin(lane, head, body);
}

void HashLanes::Finish() {
  while (busy_ > 0) Step();
}

void HashLanes::Begin(std::size_t lane, Bytes head, Bytes body) {
  for (std::size_t i = 0; i < state_.size(); ++i) state_[i][lane] = start_[i][lane];
  hashed_[lane] = 0;
  lanes_[lane].left = body;
  if (!head.empty()) {
    std::memset(blocks_[lane].data(), 0, kBlockBytes);
    std::memcpy(blocks_[lane].data(), head.data(), head.size());
  }
  FillBlock(lane, head.size());
}

// Takes what comes next of the message into the block, behind what is there of it.
void HashLanes::FillBlock(std::size_t lane, std::size_t filled) {
  Bytes& left = lanes_[lane].left;
  std::uint8_t* const block = blocks_[lane].data();
  const std::size_t size = std::min(kBlockBytes - filled, left.size());
  if (size == kBlockBytes) {
    std::memcpy(block, left.data(), kBlockBytes);  // in a few instructions, as the size is known
  } else {
    if (filled == 0) std::memset(block, 0, kBlockBytes);
    if (size > 0) std::memcpy(block + filled, left.data(), size);
  }
  left = left.subspan(size);
  hashed_[lane] += filled + size;
  last_[lane] = left.empty() ? ~std::uint64_t{0} : 0;
}

// Hashes a block of each lane; frees those whose message ends there.
void HashLanes::Step() {
  const std::uint8_t* const blocks[kLanes] = {blocks_[0].data(), blocks_[1].data(),
                                              blocks_[2].data(), blocks_[3].data()};
  Compress(state_[0].data(), hashed_.data(), last_.data(), blocks);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    Hash256*& out = lanes_[lane].out;
    if (out == nullptr) continue;
    if (last_[lane] == 0) {
      FillBlock(lane, 0);
      continue;
    }
    for (std::size_t i = 0; i < 4; ++i) {
      std::memcpy(out->bytes.data() + 8 * i, &state_[i][lane], 8);
    }
    out = nullptr;
    --busy_;
  }
}

}  // namespace bourse
