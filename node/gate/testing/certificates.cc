#include "node/gate/testing/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string>

#include "common/check.h"

namespace bourse::gate::testing {
namespace {

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

Certificate SelfSigned(EVP_PKEY* key, const EVP_MD* digest) {
  constexpr long kDay = 86'400;
  CHECK(key != nullptr);
  X509* x509 = X509_new();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(x509), kDay);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(x509));
  X509_set_pubkey(x509, key);
  CHECK(X509_sign(x509, key, digest) > 0);

  Certificate certificate;
  if (const auto raw = Ed25519KeyOf(x509); raw.ok()) certificate.key = *raw;
  BIO* bio = BIO_new(BIO_s_mem());
  CHECK(PEM_write_bio_X509(bio, x509) == 1);
  certificate.tls.certificate_pem = TextOf(bio);
  bio = BIO_new(BIO_s_mem());
  CHECK(PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  certificate.tls.key_pem = TextOf(bio);
  X509_free(x509);
  EVP_PKEY_free(key);
  return certificate;
}

}  // namespace

Certificate MakeEd25519Certificate() {
  return SelfSigned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), nullptr);
}

Certificate MakeEcdsaCertificate() { return SelfSigned(EVP_EC_gen("P-256"), EVP_sha256()); }

}  // namespace bourse::gate::testing
