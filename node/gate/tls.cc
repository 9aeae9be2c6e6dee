#include "node/gate/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bourse::gate {
namespace {

constexpr unsigned char kAlpn[] = {2, 'h', '2'};
constexpr long kMaxCertificateBytes = 16 * 1024;

std::string LastError() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "not PEM" : reason;
}

// Without it OpenSSL would ask at the terminal for the passphrase of a key.
int NoPassphrase(char*, int, int, void*) { return 0; }

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;
BioPtr ReaderOf(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

absl::Status UseCertificate(SSL_CTX* context, const std::string& pem) {
  const BioPtr bio = ReaderOf(pem);
  X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr);
  if (certificate == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("bad TLS certificate: ", LastError()));
  }
  const int used = SSL_CTX_use_certificate(context, certificate);
  X509_free(certificate);
  if (used != 1) {
    return absl::InvalidArgumentError(absl::StrCat("bad TLS certificate: ", LastError()));
  }
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      return absl::InvalidArgumentError(absl::StrCat("bad TLS chain: ", LastError()));
    }
  }
  ERR_clear_error();  // the end of the text counts as one
  return absl::OkStatus();
}

absl::Status UseKey(SSL_CTX* context, const std::string& pem) {
  const BioPtr bio = ReaderOf(pem);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr);
  if (key == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("bad TLS key: ", LastError()));
  }
  const int used = SSL_CTX_use_PrivateKey(context, key);
  EVP_PKEY_free(key);
  if (used != 1 || SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError("the TLS key is not that of the certificate");
  }
  return absl::OkStatus();
}

int SelectAlpn(SSL*, const unsigned char** out, unsigned char* out_bytes, const unsigned char* in,
               unsigned int in_bytes, void*) {
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_bytes, kAlpn, sizeof(kAlpn), in, in_bytes) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

// In place of all of OpenSSL's checks of a certificate.
int AcceptPinnedKey(X509_STORE_CTX* store, void* accept_peer) {
  const absl::StatusOr<PeerKey> key = Ed25519KeyOf(X509_STORE_CTX_get0_cert(store));
  const bool accepted = key.ok() && (*static_cast<const AcceptPeer*>(accept_peer))(*key);
  X509_STORE_CTX_set_error(store, accepted ? X509_V_OK : X509_V_ERR_CERT_UNTRUSTED);
  return accepted ? 1 : 0;
}

absl::StatusOr<std::string> ReadFile(const std::string& what, const std::string& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.good() && !in.eof()) {
    return absl::NotFoundError(
        absl::StrCat("cannot read the TLS ", what, " ", path, ": ", std::strerror(errno)));
  }
  if (text.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("the TLS ", what, " ", path, " is empty"));
  }
  return text;
}

}  // namespace

absl::StatusOr<TlsOptions> ReadTlsFiles(const std::string& certificate_file,
                                        const std::string& key_file) {
  absl::StatusOr<std::string> certificate = ReadFile("certificate", certificate_file);
  if (!certificate.ok()) return certificate.status();
  absl::StatusOr<std::string> key = ReadFile("key", key_file);
  if (!key.ok()) return key.status();
  TlsOptions options;
  options.certificate_pem = *std::move(certificate);
  options.key_pem = *std::move(key);
  return options;
}

TlsContext::TlsContext(SSL_CTX* context, AcceptPeer accept_peer)
    : context_(context), accept_peer_(std::move(accept_peer)) {}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

absl::Status TlsContext::Configure(const TlsOptions& options) {
  if (context_ == nullptr) return absl::ResourceExhaustedError("no memory for TLS");
  SSL_CTX_set_min_proto_version(context_, TLS1_3_VERSION);
  SSL_CTX_set_options(context_, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(context_, 0);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context_, kMaxCertificateBytes);
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  // A read that meets records without data returns, so that nobody can keep the
  // loop's thread busy with them inside one call.
  SSL_CTX_clear_mode(context_, SSL_MODE_AUTO_RETRY);
  if (accept_peer_ != nullptr) {
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context_, AcceptPinnedKey, &accept_peer_);
  }
  if (options.certificate_pem.empty() && options.key_pem.empty()) return absl::OkStatus();
  if (const absl::Status status = UseCertificate(context_, options.certificate_pem); !status.ok()) {
    return status;
  }
  return UseKey(context_, options.key_pem);
}

absl::StatusOr<std::shared_ptr<const TlsContext>> TlsContext::ForServer(TlsOptions options) {
  if (options.certificate_pem.empty() || options.key_pem.empty()) {
    return absl::InvalidArgumentError("TLS needs a certificate and a key");
  }
  std::shared_ptr<TlsContext> tls(
      new TlsContext(SSL_CTX_new(TLS_server_method()), std::move(options.accept_peer)));
  if (const absl::Status status = tls->Configure(options); !status.ok()) return status;
  SSL_CTX_set_alpn_select_cb(tls->context_, SelectAlpn, nullptr);
  return tls;
}

absl::StatusOr<std::shared_ptr<const TlsContext>> TlsContext::ForClient(TlsOptions options) {
  if (options.accept_peer == nullptr) {
    return absl::InvalidArgumentError("TLS needs the key of the peer to dial");
  }
  std::shared_ptr<TlsContext> tls(
      new TlsContext(SSL_CTX_new(TLS_client_method()), std::move(options.accept_peer)));
  if (const absl::Status status = tls->Configure(options); !status.ok()) return status;
  SSL_CTX_set_alpn_protos(tls->context_, kAlpn, sizeof(kAlpn));
  return tls;
}

absl::StatusOr<PeerKey> Ed25519KeyOf(X509* certificate) {
  EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
  PeerKey raw{};
  std::size_t raw_bytes = raw.size();
  if (key == nullptr || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(key, raw.data(), &raw_bytes) != 1 || raw_bytes != raw.size()) {
    ERR_clear_error();
    return absl::NotFoundError("no Ed25519 key");
  }
  return raw;
}

}  // namespace bourse::gate
