// JSON text for the mock's replies. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace switchyard::mock {

/// Appends `text` as a JSON string with quotes. Bytes that are not UTF-8 are read as Latin-1, so that binary
/// request bodies can be echoed.
void append_string(std::string& out, std::string_view text);
std::string json_text(std::string_view text);

} // namespace switchyard::mock
