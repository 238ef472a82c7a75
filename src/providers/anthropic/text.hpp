// Claude's old text completions, /v1/complete (spec providers.md 3.2, 6): provider anthropic_text. Pure, any
// thread.
#pragma once

#include "providers/family/family.hpp"

#include <string>
#include <string_view>

namespace switchyard::providers::anthropic {

/// The messages as "\n\nHuman: ..\n\nAssistant: ". Claude 2.1 takes the system text bare.
std::string claude_prompt(const ValueList& messages, std::string_view model);

bool text_takes(const FamilyTarget& target, const Call& call, std::string_view param);
Result<std::string> text_body(const Job& job);
Result<void> text_decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                         std::string_view client_model, Answer& out);
std::unique_ptr<StreamDecoder> text_stream(const FamilyTarget& target, const Call& call,
                                           std::string_view client_model);

} // namespace switchyard::providers::anthropic
