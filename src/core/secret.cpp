// Masking and constant-time comparison of secrets. Any thread (the digest context is per thread). Never logs.
#include <switchyard/secret.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <memory>

namespace switchyard {
namespace {

constexpr std::size_t k_shown = 4;
constexpr std::size_t k_shortest_shown = 12;
using Digest = std::array<unsigned char, 32>;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

// An implicit fetch per digest costs four times the digest itself.
const EVP_MD* sha256() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return md;
}

bool digest(std::string_view text, Digest& out) {
  static thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
  unsigned size = 0;
  return sha256() && context && EVP_DigestInit_ex2(context.get(), sha256(), nullptr) == 1 &&
         EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1 &&
         EVP_DigestFinal_ex(context.get(), out.data(), &size) == 1 && size == out.size();
}

/// The digest of the secret that this thread compared with last: it hardly ever changes.
const Digest* digest_of(const Secret& secret) {
  struct Known {
    Secret secret;
    Digest digest;
    bool valid = false;
  };
  static thread_local Known known;
  if (!known.valid || !(known.secret == secret)) {
    known.valid = digest(secret.reveal(), known.digest);
    known.secret = secret;
  }
  return known.valid ? &known.digest : nullptr;
}

} // namespace

std::string Secret::masked() const {
  std::string out(value_.size() < k_shortest_shown ? value_.size() : k_shown + 4, '*');
  if (value_.size() >= k_shortest_shown) out.replace(0, k_shown, value_, 0, k_shown);
  return out;
}

bool equal_constant_time(std::string_view candidate, const Secret& secret) {
  Digest given;
  auto* wanted = digest_of(secret);
  return wanted && digest(candidate, given) && CRYPTO_memcmp(given.data(), wanted->data(), given.size()) == 0;
}

} // namespace switchyard
