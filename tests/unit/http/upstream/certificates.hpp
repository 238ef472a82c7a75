// Certificates for TLS tests, made with OpenSSL's API: a CA and server certificates that it signs. Nothing is
// read from the machine's trust store.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace switchyard::http::upstream {

struct Certificate {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> x509;

  std::string certificate_pem() const {
    return pem([this](BIO* out) { PEM_write_bio_X509(out, x509.get()); });
  }
  std::string key_pem() const {
    return pem([this](BIO* out) {
      PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

 private:
  template <class Write>
  static std::string pem(Write write) {
    std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    write(out.get());
    char* text = nullptr;
    auto size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }
};

inline void add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  X509_add_ext(to, extension, -1);
  X509_EXTENSION_free(extension);
}

/// `names`: subjectAltName as OpenSSL writes it ("DNS:a,IP:1.2.3.4"); empty = a CA. `days` < 0: expired.
inline Certificate make_certificate(const std::string& names, const Certificate* issuer, int days = 1) {
  static long serial = 1;
  Certificate made{{EVP_EC_gen("P-256"), EVP_PKEY_free}, {X509_new(), X509_free}};
  auto* x509 = made.x509.get();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x509), -10L * 86400);
  X509_gmtime_adj(X509_getm_notAfter(x509), 86400L * days);
  X509_set_pubkey(x509, made.key.get());
  auto* text = reinterpret_cast<const unsigned char*>(issuer ? "server" : "test CA");
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC, text, -1, -1, 0);
  auto* signer = issuer ? issuer->x509.get() : x509;
  X509_set_issuer_name(x509, X509_get_subject_name(signer));
  if (names.empty())
    add_extension(x509, signer, NID_basic_constraints, "critical,CA:TRUE");
  else
    add_extension(x509, signer, NID_subject_alt_name, names);
  X509_sign(x509, issuer ? issuer->key.get() : made.key.get(), EVP_sha256());
  return made;
}

} // namespace switchyard::http::upstream
