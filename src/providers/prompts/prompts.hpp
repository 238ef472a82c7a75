// Prompts for models that complete text: a chat's messages laid out as one string (spec providers.md 6). A
// template of litellm_params goes first, then the provider's layout, then the model's, then the contents
// joined by a space. Pure, any thread; nothing is fetched.
#pragma once

#include <switchyard/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::providers {

/// A prompt and what cannot be written into it.
struct Prompt {
  std::string text;
  std::vector<std::string> images; ///< URLs and data URLs of the messages, in order
};

/// The chat as text. `provider` as in Target::provider ("bedrock", "ollama", "huggingface", ...), `model` the
/// upstream name, `settings` litellm_params (FamilyTarget::settings), where roles, initial_prompt_value,
/// final_prompt_value, bos_token and eos_token may be. Of the messages anything may be missing or of a wrong
/// type.
std::string render_prompt(std::string_view provider, std::string_view model, const ValueList& messages,
                          const ValueMap& settings);
/// The same with the images.
Prompt make_prompt(std::string_view provider, std::string_view model, const ValueList& messages,
                   const ValueMap& settings);

/// Whether litellm_params bring a template of their own: any of its five keys.
bool has_custom_prompt(const ValueMap& settings) noexcept;

/// Name of the layout that would be used: "custom", "llama2", ..., "default". For docs and tests.
std::string_view prompt_layout(std::string_view provider, std::string_view model,
                               const ValueMap& settings) noexcept;

/// What a message says as text: its text parts, then its tool calls as {"name","arguments"} lines.
std::string message_text(const Value& message);

/// add_function_to_prompt: the request's tools (or functions) become an instruction in every system message,
/// or in a new one at the end; tools, tool_choice, parallel_tool_calls, functions, function_call leave the
/// request. No tools = nothing.
void functions_into_prompt(Value& request);

/// For models without schema support: what a user message at the end says of response_format's JSON schema.
/// settings.response_schema_prompt (a template as above) words it otherwise.
std::string schema_prompt(const Value& schema, const ValueMap& settings);

} // namespace switchyard::providers
