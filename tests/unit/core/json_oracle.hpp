// What an independent parser (simdjson's DOM) says about a text, held against scan_object and JsonSplice.
// Shared by the property test and the fuzz target. Pure.
#pragma once

#include <string>
#include <string_view>

namespace switchyard::test {

/// Empty when scanner, splice and simdjson agree on `text`; else what they disagree on.
/// `choice` selects which members the splice edits.
std::string disagreement(std::string_view text, unsigned choice);

} // namespace switchyard::test
