#include "node/gate/node_certificate.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstdint>

namespace bourse::gate {
namespace {

KeyPair KeyOf(std::uint8_t seed) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(seed);
  return KeyPair::FromSeed(bytes);
}

X509* Parse(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  return certificate;
}

TEST(NodeCertificateTest, ShowsTheNodesKeyAndIsSignedByIt) {
  const KeyPair key = KeyOf(7);
  const auto tls = NodeCertificate(key);
  ASSERT_TRUE(tls.ok()) << tls.status();
  X509* certificate = Parse(tls->certificate_pem);
  ASSERT_NE(certificate, nullptr);
  const auto shown = Ed25519KeyOf(certificate);
  ASSERT_TRUE(shown.ok());
  EXPECT_EQ(*shown, key.public_key().bytes);
  EXPECT_EQ(X509_verify(certificate, X509_get0_pubkey(certificate)), 1);
  X509_free(certificate);
  EXPECT_TRUE(TlsContext::ForServer(*tls).ok());  // which wants the private key to fit
}

TEST(NodeCertificateTest, IsTheSameForTheSameKeyOnly) {
  EXPECT_EQ(NodeCertificate(KeyOf(7))->certificate_pem, NodeCertificate(KeyOf(7))->certificate_pem);
  EXPECT_NE(NodeCertificate(KeyOf(7))->certificate_pem, NodeCertificate(KeyOf(8))->certificate_pem);
}

}  // namespace
}  // namespace bourse::gate
