// multipart/form-data as a list of parts (RFC 7578), read without copying. Pure; implemented in
// src/core/multipart.cpp.
#pragma once

#include <switchyard/error.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

struct FormPart {
  std::string name;         ///< Content-Disposition's name, unquoted
  std::string_view content; ///< the bytes between the part's head and the CRLF before the next boundary
  std::string_view whole;   ///< from the part's "--boundary" line to just before the next delimiter line
  bool file = false;        ///< has a filename parameter
};

/// The boundary of a Content-Type value, unquoted; empty when there is none or it is not valid (1..70
/// characters).
std::string multipart_boundary(std::string_view content_type);

/// All parts in order. Errors (invalid_request): no boundary, no closing delimiter, a part without a name,
/// more than 1,000 parts, a part head over 16 KB. Text after the closing delimiter is ignored.
Result<std::vector<FormPart>> parse_multipart(std::string_view body, std::string_view content_type);

} // namespace switchyard
