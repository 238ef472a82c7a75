// What a Bedrock model string says: which API, which model, which region (spec providers.md 3.3). Pure, any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace switchyard::providers::bedrock {

struct ModelRoute {
  bool converse = true; ///< else invoke
  std::string id;       ///< of the URL, not encoded: a model id or an ARN
  std::string base;     ///< the model without region and variants: "anthropic.claude-3-haiku-20240307-v1:0"
  std::string provider; ///< whose body invoke takes: "anthropic", "meta", ...; "" = not known
  std::string region;   ///< of the model string or the ARN; "" = neither says one
  bool long_context = false; ///< the model was written with [1m]
};

/// `model_id` (may be empty) replaces the id of the URL.
ModelRoute read_route(std::string_view model, std::string_view model_id = {});

/// The first segment is "agent", "agentcore", ...: what this product does not serve; "" = it is served.
std::string_view unserved_route(std::string_view model) noexcept;

// -- what a base model can do

bool starts_with_any(std::string_view text, std::string_view prefixes); ///< words separated by spaces
bool is_claude(const ModelRoute& route);
/// Claude 3 and later: everything but the text completion models.
bool is_messages_claude(const ModelRoute& route);
bool takes_tools(const ModelRoute& route);
bool takes_tool_choice(const ModelRoute& route);

/// How a model is told to think.
enum class Thinking { none, budget, effort_beta, adaptive, effort, nova, qwen };
Thinking thinking_of(const ModelRoute& route);

} // namespace switchyard::providers::bedrock
