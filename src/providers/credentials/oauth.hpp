// OAuth 2.0 grants: a form posted, an access token back. Pure.
#pragma once

#include "providers/credentials/exchange.hpp"
#include "providers/credentials/steps.hpp"

namespace switchyard::providers {

struct Grant {
  Issuer issuer;
  BaseUrl url;
  Form form;
  std::vector<HeadLine> lines;      ///< Basic credentials, where they are not in the form
  std::vector<std::string> secrets; ///< what no message may show
  std::string assertion_field;      ///< the field that takes the identity token of grant_with()
};
/// Posts the form.
Step grant(Grant grant);
/// Gets an identity token first (`bearer` of `identity`).
Step grant_with(Grant grant, Step identity);
/// "Basic ..." of RFC 6749 2.3.1.
HeadLine basic_line(std::string_view id, std::string_view secret);

} // namespace switchyard::providers
