// A node's certificate: what it shows to its peers, made from its key alone.
#pragma once

#include "absl/status/statusor.h"
#include "common/ed25519.h"
#include "node/gate/tls.h"

namespace bourse::gate {

// A self-signed certificate of the node's Ed25519 key, and the key: always the same for a key, and
// without an end, as peers look at the raw key alone. No accept_peer. What TLS signs with the key
// begins with 64 spaces (RFC 8446, 4.4.3), a certificate with a byte of ASN.1: neither can be taken
// for anything else that the node signs, which begins with "bourse/". RESOURCE_EXHAUSTED without
// memory.
[[nodiscard]] absl::StatusOr<TlsOptions> NodeCertificate(const KeyPair& key);

}  // namespace bourse::gate
