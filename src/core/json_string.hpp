// Unescaping for the scanner, which compares keys unescaped. Pure.
#pragma once

#include <string>
#include <string_view>

namespace switchyard::core {

/// Appends the text of a string token's inside (no quotes). A lone surrogate becomes its three-byte form,
/// which equals no valid text. False when there was one, or when an escape is malformed (which ends the
/// text).
bool append_unescaped(std::string& out, std::string_view body);

} // namespace switchyard::core
