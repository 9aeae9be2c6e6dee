#include "node/gate/node_certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"

namespace bourse::gate {
namespace {

template <auto Free>
struct Freeing {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freeing<X509_free>>;
using Memory = std::unique_ptr<BIO, Freeing<BIO_free>>;

// RFC 5280, 4.1.2.5: a certificate that has no end.
constexpr const char* kFirstDay = "20200101000000Z";
constexpr const char* kNoEnd = "99991231235959Z";

Key KeyOf(const KeyPair& pair) {
  std::array<std::uint8_t, 32> seed = pair.seed();
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  OPENSSL_cleanse(seed.data(), seed.size());
  return key;
}

bool Fill(X509* certificate, EVP_PKEY* key) {
  constexpr unsigned char kName[] = "bourse node";
  X509_NAME* name = X509_get_subject_name(certificate);
  return X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
         ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), kFirstDay) == 1 &&
         ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), kNoEnd) == 1 &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, kName, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
         X509_sign(certificate, key, nullptr) > 0;
}

std::string TextOf(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

absl::StatusOr<TlsOptions> NodeCertificate(const KeyPair& pair) {
  const Key key = KeyOf(pair);
  const Certificate certificate(X509_new());
  const Memory certificate_pem(BIO_new(BIO_s_mem()));
  const Memory key_pem(BIO_new(BIO_s_secmem()));
  const bool made = key != nullptr && certificate != nullptr && certificate_pem != nullptr &&
                    key_pem != nullptr && Fill(certificate.get(), key.get()) &&
                    PEM_write_bio_X509(certificate_pem.get(), certificate.get()) == 1 &&
                    PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                             nullptr) == 1;
  if (!made) {
    ERR_clear_error();
    return absl::ResourceExhaustedError("no memory for the node's certificate");
  }
  TlsOptions options;
  options.certificate_pem = TextOf(certificate_pem.get());
  options.key_pem = TextOf(key_pem.get());
  return options;
}

}  // namespace bourse::gate
