// Reading claims by dot path ("resource_access.app.roles"; "\." is a dot of the name itself). Pure.
#pragma once

#include <switchyard/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http::access {

const Value* claim_at(const Value& claims, std::string_view path);
/// A string or an integer as text; "" = absent, or `path` is empty.
std::string claim_text(const Value& claims, std::string_view path);
/// A list's strings, or a string: cut at spaces when `words`.
std::vector<std::string> claim_texts(const Value& claims, std::string_view path, bool words = false);

} // namespace switchyard::http::access
