// TlsContext: TLS as the gate speaks it: version 1.3 only, ALPN "h2" only, no
// session tickets, no early data.
//
// A peer is known by its Ed25519 key, not by a name that somebody signed: with
// `accept_peer` both sides show a certificate, and its raw public key is all that
// is looked at. TLS itself proves that the peer has the private key.
#pragma once

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bourse::gate {

// A raw Ed25519 public key (RFC 8032).
using PeerKey = std::array<std::uint8_t, 32>;
// True for a key that may connect. Runs on the loop's thread: must not block.
using AcceptPeer = std::function<bool(const PeerKey&)>;

struct TlsOptions {
  // PEM text: a certificate, then any chain; and its private key, unencrypted.
  std::string certificate_pem;
  std::string key_pem;
  // A server with it demands a certificate of its clients. A client needs it.
  AcceptPeer accept_peer;
};

// Reads PEM text from the files; the errors name them.
absl::StatusOr<TlsOptions> ReadTlsFiles(const std::string& certificate_file,
                                        const std::string& key_file);

// Immutable; thread-safe.
class TlsContext {
 public:
  // INVALID_ARGUMENT for a bad certificate or key, or a key of another certificate.
  static absl::StatusOr<std::shared_ptr<const TlsContext>> ForServer(TlsOptions options);
  // The certificate is optional; INVALID_ARGUMENT without accept_peer.
  static absl::StatusOr<std::shared_ptr<const TlsContext>> ForClient(TlsOptions options);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  [[nodiscard]] SSL_CTX* get() const { return context_; }
  [[nodiscard]] const AcceptPeer& accept_peer() const { return accept_peer_; }

 private:
  TlsContext(SSL_CTX* context, AcceptPeer accept_peer);
  absl::Status Configure(const TlsOptions& options);

  SSL_CTX* context_;
  AcceptPeer accept_peer_;
};

// The raw key of a certificate. NOT_FOUND if it is not of Ed25519.
absl::StatusOr<PeerKey> Ed25519KeyOf(X509* certificate);

}  // namespace bourse::gate
