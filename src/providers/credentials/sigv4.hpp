// AWS Signature Version 4 for every service but S3 (spec providers.md 3.3). Pure, any thread.
#pragma once

#include "providers/family/family.hpp"

#include <switchyard/credentials.hpp>

#include <span>
#include <string_view>
#include <vector>

namespace switchyard::providers {

struct SigV4Request {
  std::string_view method;
  std::string_view path;           ///< encoded, as in the request line; may carry its "?query"
  std::string_view query;          ///< encoded, without "?"; only when `path` carries none
  std::string_view host;           ///< the Host header's value
  std::span<const HeadLine> lines; ///< as they will be sent; those that proxies change are not signed
  std::string_view body;
  std::string_view service, region;
};

/// The lines to add: x-amz-date, x-amz-security-token (temporary credentials only) and Authorization.
std::vector<HeadLine> sign_v4(const SigV4Request& request, const Token& aws, WallTime now);

} // namespace switchyard::providers
