// What the registry knows about one OpenAI-compatible provider: plain data, one row each. Immutable, any
// thread. Lists are words separated by spaces, so that a row stays readable as a row.
#pragma once

#include <switchyard/provider.hpp>

#include <cstdint>
#include <string_view>

namespace switchyard::providers {

struct Family;

enum class Auth : std::uint8_t { bearer, api_key_header, key_scheme, none, token_scheme, own_header };

/// How LiteLLM words and sorts this provider's failures (spec providers.md 5.3).
enum class ErrorFamily : std::uint8_t { compatible, azure, openrouter, generic };

using EndpointSet = std::uint32_t;
constexpr EndpointSet set_of(Endpoint endpoint) {
  return static_cast<EndpointSet>(1u << static_cast<unsigned>(endpoint));
}

// The letters of the table's `ep` column.
inline constexpr EndpointSet C = set_of(Endpoint::chat), T = set_of(Endpoint::completions),
                             E = set_of(Endpoint::embeddings), M = set_of(Endpoint::moderations),
                             Q = set_of(Endpoint::responses), S = set_of(Endpoint::speech),
                             R = set_of(Endpoint::rerank),
                             N = set_of(Endpoint::messages) | set_of(Endpoint::messages_count),
                             G = set_of(Endpoint::generate_content) | set_of(Endpoint::generate_count),
                             I = set_of(Endpoint::images_generations) | set_of(Endpoint::images_edits) |
                                 set_of(Endpoint::images_variations),
                             A = set_of(Endpoint::transcriptions) | set_of(Endpoint::translations),
                             k_all =
                                 (1u << static_cast<unsigned>(Endpoint::messages)) - 1; ///< of OpenAI's API

/// Deviations from OpenAI's wire format. Bits of ProviderRow::quirks.
enum Quirk : std::uint32_t {
  k_plain = 0,
  k_flatten_content = 1u << 0,      ///< text-only content lists become one string
  k_flatten_lines = 1u << 1,        ///< likewise, joined by newlines
  k_keep_cache_control = 1u << 2,   ///< cache_control is understood
  k_keep_cache_claude = 1u << 3,    ///< only for Claude and Gemini models
  k_tool_choice_any = 1u << 4,      ///< tool_choice "required" is spelt "any"
  k_tool_choice_auto = 1u << 5,     ///< tool_choice other than auto and none is refused
  k_tool_choice_hint = 1u << 6,     ///< tool_choice "required" becomes a sentence to the model
  k_drop_name = 1u << 7,            ///< message `name` is not known
  k_drop_name_not_tool = 1u << 8,   ///< ... but on role tool
  k_drop_name_not_user = 1u << 9,   ///< ... but on role user
  k_drop_assistant_null = 1u << 10, ///< null members of assistant messages are refused upstream
  k_drop_strict = 1u << 11,         ///< tools[].function.strict is not known
  k_temperature_unit = 1u << 12,    ///< temperature is clamped to [0, 1]; n > 1 needs 0.3
  k_temperature_min = 1u << 13,     ///< temperature 0 becomes 0.0001
  k_stop_four = 1u << 14,           ///< at most 4 stop sequences
  k_reasoning_models = 1u << 15,    ///< the o-series and gpt-5 rules apply
  k_reasoning_field = 1u << 16,     ///< answers say `reasoning` or thinking parts for reasoning_content
  k_raw_errors = 1u << 17,          ///< LiteLLM prints the whole error body, not its message
  k_classic_params = 1u << 18,      ///< knows none of the newer parameters (see unsupported_newer)
  k_append_v1 = 1u << 19,           ///< "/v1" is appended to a base URL without it
  k_model_prefix = 1u << 20,        ///< short model names get ProviderRow::model_prefix
  k_usage_include = 1u << 21,       ///< sends usage:{include:true}
  k_schema_object = 1u << 22,       ///< json_schema is spelt {"type":"json_object","schema":...}
  k_schema_only = 1u << 23,         ///< any other response_format than json_schema is dropped
  k_ragflow_path = 1u << 24,        ///< the path names the agent: chat/<id>/<model>, agent/<id>/<model>
  k_clarifai_model = 1u << 25,      ///< user.app.model becomes a URL
  k_baseten_model = 1u << 26,       ///< an 8 character model id has a host of its own
  k_azure_urls = 1u << 27,          ///< Azure OpenAI's URL forms
  k_azure_ai_urls = 1u << 28,       ///< Azure AI's URL forms
  k_full_chat_url = 1u << 29,       ///< the base is completed by a path of its own (ProviderRow::chat_path)
  k_subscription_header = 1u << 30, ///< the key is sent as api-subscription-key too
  k_thinking_type = 1u << 31,       ///< of `thinking` only its type is sent
};

struct ProviderRow {
  std::string_view name;
  std::string_view base_url; ///< empty = the row must name api_base
  std::string_view base_env;
  std::string_view key_env;
  EndpointSet endpoints;
  std::uint32_t quirks = k_plain;
  std::string_view unsupported = {}; ///< OpenAI chat parameters that are refused (or dropped)
  std::string_view renames = {};     ///< "from:to"
  std::string_view default_key = {};
  Auth auth = Auth::bearer;
  ErrorFamily errors = ErrorFamily::compatible;
  std::string_view headers = {}; ///< "Name=ENV|default"; the default may be empty (then not sent)
  std::string_view model_prefix = {};
  std::string_view chat_path = {};
  std::string_view audio_base = {}; ///< a base URL of its own for audio
  const Family* family = nullptr;   ///< null = OpenAI's format

  constexpr bool has(Quirk quirk) const noexcept { return (quirks & quirk) != 0; }
  /// No quirk rewrites messages: only cache_control and image_url do.
  constexpr bool plain_messages() const noexcept {
    return (quirks & (k_flatten_content | k_flatten_lines | k_drop_name | k_drop_name_not_tool |
                      k_drop_name_not_user | k_drop_assistant_null)) == 0;
  }
};

/// The row of a provider name, or null.
const ProviderRow* find_row(std::string_view name) noexcept;
std::span<const ProviderRow> provider_rows() noexcept;
/// A provider that LiteLLM knows and this product does not build yet.
bool is_unbuilt(std::string_view name) noexcept;

/// Calls f(word) for each word of a space separated list until f returns true; true when one did.
template <class F>
bool any_word(std::string_view words, F&& f) {
  while (!words.empty()) {
    auto end = words.find(' ');
    auto word = words.substr(0, end);
    if (!word.empty() && f(word)) return true;
    if (end == std::string_view::npos) return false;
    words.remove_prefix(end + 1);
  }
  return false;
}

/// Asked for every member of every request: one search, no walk from word to word.
inline bool has_word(std::string_view words, std::string_view wanted) {
  if (wanted.empty() || wanted.find(' ') != std::string_view::npos) return false;
  for (auto at = words.find(wanted); at != std::string_view::npos; at = words.find(wanted, at + 1)) {
    const auto end = at + wanted.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) return true;
  }
  return false;
}

} // namespace switchyard::providers
