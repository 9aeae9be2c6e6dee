// Every bound of Bourse, in one place. What is over a bound is refused before it
// costs anything. Those under "Rules" decide what a block does: all nodes must
// have the same, and a change needs a new protocol version.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bourse::limits {

// Rules: transactions.
inline constexpr std::size_t kMaxTransactionBytes = 65'536;       // body and signature, encoded
inline constexpr std::size_t kMaxOperations = 200;                // of one transaction; at least 1
inline constexpr std::uint64_t kMaxLifetimeMicros = 600'000'000;  // valid_until - block time
inline constexpr std::size_t kMaxMemoBytes = 256;
inline constexpr std::size_t kMaxAssetCodeBytes = 12;  // of A-Z 0-9, at least 1
inline constexpr std::uint32_t kMaxAssetDecimals = 18;
inline constexpr std::uint32_t kMaxFeePpm = 100'000;  // 10%
inline constexpr std::uint64_t kNonceWindow = 4096;   // nonces above the floor

// Rules: state.
inline constexpr std::uint32_t kMaxOpenOrdersPerAccount = 20'000;
inline constexpr std::uint32_t kMaxMarkets = 65'536;
inline constexpr std::uint32_t kMaxAssets = 1 << 20;
inline constexpr std::uint32_t kMaxAssetsPerAccount = 1'024;
inline constexpr std::uint32_t kMaxClientIdsPerAccount = 65'536;     // remembered or barred
inline constexpr std::uint64_t kClientIdMemoryMicros = 600'000'000;  // kept after an order's end

// Rules: blocks.
inline constexpr std::size_t kMaxBlockTransactions = 20'000;
inline constexpr std::size_t kMaxBlockBytes = 4'194'304;  // the transactions' bytes
inline constexpr std::uint32_t kMaxFillsPerOperation =
    1'000;                                                   // makers met; the rest is carried over
inline constexpr std::uint32_t kMaxFillOrKillMakers = 100;   // looked at, as it may take none
inline constexpr std::uint32_t kMaxFillsPerBlock = 200'000;  // then one for each operation
inline constexpr std::uint32_t kMaxClosuresPerBlock = 10'000;  // expired or mass-cancelled orders
inline constexpr std::uint32_t kMaxCarriedPerBlock = 100;  // carried orders that go on in a block

// A node's own: mempool, API, gate.
inline constexpr std::size_t kMempoolTransactions = 100'000;
inline constexpr std::size_t kMempoolBytes = 268'435'456;
inline constexpr std::size_t kMempoolPerAccount = 4'096;
inline constexpr std::size_t kMaxMessageBytes = 1'048'576;  // one gRPC message in
inline constexpr std::uint32_t kMaxPageSize = 1'000;        // rows of one answer
inline constexpr std::uint32_t kDefaultPageSize = 100;

}  // namespace bourse::limits
