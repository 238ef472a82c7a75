// The type of a plain YAML scalar as PyYAML (YAML 1.1) sees it. Pure.
#pragma once

#include <switchyard/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace switchyard::config {

/// yes/no/on/off/true/false, in lower, Title and UPPER case only.
std::optional<bool> yaml_bool(std::string_view text);
/// Decimal, 0b, 0o-less octal (010), 0x, 1_000 and base 60 (1:30). Too big for 64 bits becomes a double.
std::optional<Value::Data> yaml_int(std::string_view text);
/// 1.5, .5, 1., 1.5e3, .inf, .nan; also 1e3, which PyYAML leaves a string.
std::optional<double> yaml_float(std::string_view text);
bool yaml_null(std::string_view text);

/// A plain scalar: null, bool, int, float, else the text itself.
Value::Data resolve_plain(const std::string& text);

} // namespace switchyard::config
