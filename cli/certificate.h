// Checks what a node says against what the validators signed: certificates of blocks, and that a
// receipt or a swap is among a certified block's results. docs/formats.md has the bytes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bourse/v1/services.pb.h"
#include "cli/output.h"
#include "common/ed25519.h"
#include "common/hash.h"

namespace bourse::cli {

struct NamedKey {
  std::string name;
  PublicKey key;
};

struct KnownValidators {
  Hash256 genesis_hash;
  std::vector<NamedKey> all;  // in the order of the genesis
  std::string source;         // a file; empty: they are the node's own word
};

// The validators of a genesis.json (node/config/genesis_json.h), without the genesis hash.
// kInvalidArgument if it is none.
[[nodiscard]] absl::StatusOr<std::vector<NamedKey>> ReadGenesisValidators(const std::string& text);

// Who signed a certificate: a quorum of different validators, each with a good signature.
// kFailedPrecondition, saying that the node is not to be trusted, if that is not so.
[[nodiscard]] absl::StatusOr<std::vector<std::string>> CheckCertificate(
    const KnownValidators& validators, const v1::ExecutionCertificate& certificate);

// That a block is the certified one. Errors as above, here and below.
[[nodiscard]] absl::Status CheckBlock(const v1::ExecutionCertificate& certificate,
                                      const v1::Block& block);

// That the block's results hold this receipt (its swaps have proofs of their own), or this swap.
[[nodiscard]] absl::Status CheckReceipt(const v1::ExecutionCertificate& certificate,
                                        const v1::Proof& proof, const v1::Receipt& receipt);
[[nodiscard]] absl::Status CheckSwap(const Hash256& genesis_hash,
                                     const v1::ExecutionCertificate& certificate,
                                     const v1::Proof& proof, const v1::SettledSwap& swap);

// "certified by 3 of 4 validators: one, two, three".
[[nodiscard]] std::string CertifiedLine(const KnownValidators& validators,
                                        const std::vector<std::string>& signers);

[[nodiscard]] Json CertificateDocument(const KnownValidators& validators,
                                       const v1::ExecutionCertificate& certificate);

}  // namespace bourse::cli
