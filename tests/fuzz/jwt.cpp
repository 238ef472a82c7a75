// Tokens and JWKS from the network: nothing may crash, and nothing may pass without a signature.
#include "http/access/jwt.hpp"

#include "http/access/claims.hpp"

#include <cstdlib>

using namespace switchyard;
using namespace switchyard::http::access;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = text.find('\n');
  const auto token = text.substr(0, line);
  const auto jwks = line == std::string_view::npos ? std::string_view() : text.substr(line + 1);
  const auto keys = parse_jwks(jwks);
  JwtChecks checks;
  checks.now = WallTime{std::chrono::seconds(1'700'000'000)};
  const auto header = read_jwt_header(token);
  const auto claims = verify_jwt(token, keys ? *keys : JwkSet{}, checks);
  if (claims && (!header || !keys || !has_key(*keys, *header))) std::abort();
  (void)looks_like_jwt(token);
  std::string bytes;
  (void)from_base64url(token, bytes);
  if (claims) (void)claim_texts(*claims, token.substr(0, 64), true);
  return 0;
}
