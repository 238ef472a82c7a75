// Percent-encoding (RFC 3986) for queries, forms and the parts of a URL. Pure.
#pragma once

#include <string>
#include <string_view>

namespace switchyard::core {

/// Everything but unreserved characters and those of `also` is escaped.
std::string percent_encode(std::string_view text, std::string_view also = {});

} // namespace switchyard::core
