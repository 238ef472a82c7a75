// Values in the words of Python: str(), repr() and json.dumps(). Pure. Only LiteLLM's deployment ids need
// them: an id must stay what it was when a user moves from LiteLLM.
#pragma once

#include <switchyard/value.hpp>

#include <string>

namespace switchyard::config {

/// str(value): True, None, 1e-06, ['a', 'b']; strings as they are.
std::string python_str(const Value& value);
/// json.dumps(value): ", " and ": ", everything beyond ASCII escaped.
std::string python_json(const Value& value);

} // namespace switchyard::config
