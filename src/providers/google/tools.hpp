// Tools and their choice as Gemini's. Pure, any thread.
#pragma once

#include "providers/google/model.hpp"

namespace switchyard::providers::google {

/// Moves tools, functions, web_search_options and tool_choice out of the request into `tools` and
/// `toolConfig`.
Result<void> write_tools(Job& job, ValueMap& body);

} // namespace switchyard::providers::google
