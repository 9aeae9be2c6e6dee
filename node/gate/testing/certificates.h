// Self-signed certificates, made as a test runs.
#pragma once

#include "node/gate/tls.h"

namespace bourse::gate::testing {

struct Certificate {
  TlsOptions tls;  // certificate and key, no accept_peer
  PeerKey key{};   // its public key; zeros unless Ed25519
};

// Each call makes another key.
[[nodiscard]] Certificate MakeEd25519Certificate();
[[nodiscard]] Certificate MakeEcdsaCertificate();

}  // namespace bourse::gate::testing
