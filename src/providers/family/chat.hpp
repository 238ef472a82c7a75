// OpenAI's chat format from both ends: reading a client's messages, writing answers. Shared by the own-format
// families. Pure, any thread.
#pragma once

#include <switchyard/provider.hpp>
#include <switchyard/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::providers {

// -- reading requests (Value trees of parse_json)

/// The list member, or an empty list.
const ValueList& list_at(const Value& object, std::string_view key) noexcept;
const ValueMap& map_of(const Value& value) noexcept; ///< empty when it is none
/// content as text: the string, or its text parts joined with `between`.
std::string content_text(const Value& content, std::string_view between = "");
/// The parts of a message's content; a string is one text part. Empty for null.
std::vector<Value> content_parts(const Value& content);
/// "stop" as a list, whatever its form.
std::vector<std::string> stop_list(const Value& request);
/// max_completion_tokens, else max_tokens.
std::optional<std::int64_t> max_tokens(const Value& request);

/// Where an image or file is: "data:<mime>;base64,<data>" or a URL.
struct Media {
  std::string_view mime, data; ///< of a data URL
  std::string_view url;        ///< otherwise
  bool inline_data() const noexcept { return url.empty(); }
};
Media read_media(std::string_view url) noexcept;
/// The URL of an image_url part ("image_url":{"url":..} or a string), "" when there is none.
std::string_view image_url(const Value& part) noexcept;
/// image/png for ".png", application/pdf for ".pdf", ...; "" = not known.
std::string_view mime_of_url(std::string_view url) noexcept;

/// A tool call of the history. `arguments` parsed; text that is no JSON object becomes {"_raw": text}... of a
/// broken history nothing is lost.
struct PastCall {
  std::string_view id, name;
  Value arguments; ///< a map
};
std::vector<PastCall> past_calls(const Value& message);
/// Name of the tool whose call has this id, looked up through the whole history; "" = none.
std::string_view tool_name_of(const ValueList& messages, std::string_view tool_call_id) noexcept;

/// A function tool: {"type":"function","function":{..}} or the older functions[] entry.
struct Tool {
  std::string_view name, description;
  const Value* parameters = nullptr; ///< JSON schema, may be null
  const Value* whole = nullptr;      ///< as the client wrote it (cache_control, strict, other types)
  bool is_function = true;
};
std::vector<Tool> tools_of(const Value& request);
/// tool_choice or function_call.
struct ToolChoice {
  enum Kind { absent, automatic, none, required, named } kind = absent;
  std::string_view name;
};
ToolChoice tool_choice_of(const Value& request);

/// response_format.
struct OutputFormat {
  enum Kind { text, json_object, json_schema } kind = text;
  std::string_view name;         ///< of json_schema
  const Value* schema = nullptr; ///< of json_schema
};
OutputFormat output_format(const Value& request);

/// JSON mode through a tool (spec providers.md 3.1): its name, and its schema (an open object without one).
inline constexpr std::string_view k_json_tool = "json_tool_call";
Value json_tool_schema(const OutputFormat& format);
/// What JSON mode makes of that tool's arguments: their `values` member when that is all there is, else
/// themselves.
std::string json_tool_content(std::string_view arguments);

/// Thinking budget of a reasoning_effort ("minimal" 128, "low" 1024, "medium" 2048, "high" 4096), 0 =
/// none/disable, nullopt = not a known word.
std::optional<std::int64_t> effort_budget(std::string_view effort) noexcept;

/// finish_reason of any provider's word (table of spec providers.md 3.1); unknown = "stop".
std::string_view finish_reason(std::string_view providers_word) noexcept;

/// Copies the request's members that are no OpenAI chat parameters to `body` (extra params, extra_body), but
/// `model`, `messages` and those that `body` has.
void copy_extras(const Value& request, ValueMap& body);

// -- writing answers

struct ToolCall {
  std::string id, name, arguments; ///< arguments = JSON text; empty becomes "{}"
};

struct ChatChoice {
  std::optional<std::string> content;
  std::string reasoning;     ///< reasoning_content
  ValueList thinking_blocks; ///< Anthropic's blocks
  std::vector<ToolCall> tool_calls;
  std::string_view finish = "stop"; ///< OpenAI's word; a `stop` with tool calls becomes tool_calls
  ValueMap extra; ///< more message members: annotations, images, audio, provider_specific_fields
  Value logprobs;
};

struct ChatAnswer {
  std::string id;    ///< empty = chatcmpl-<call id>
  std::string model; ///< used when the client's name is empty
  std::vector<ChatChoice> choices;
  Usage usage;
  ValueMap extra; ///< more top-level members
};

/// {"id","created","model","object":"chat.completion","choices","usage"}
std::string write_chat(const ChatAnswer& answer, const Call& call, std::string_view client_model);
/// OpenAI's usage object with the details that are not 0.
std::string write_usage(const Usage& usage);
/// total_tokens of the parts, present = true.
void complete(Usage& usage) noexcept;

/// {"object":"list","data":[{"object":"embedding","index",..}],"model","usage"}. A vector is JSON text as the
/// provider wrote it ("[0.1,...]"), or base64 text in quotes.
std::string write_embeddings(std::span<const std::string> vectors, const Usage& usage,
                             std::string_view model);

struct RankedDocument {
  std::int64_t index = 0;
  double score = 0;
  std::string document; ///< JSON, "" = not returned
};
/// Cohere's shape: {"id","results":[{"index","relevance_score","document"?}],"meta":{..}}
std::string write_rerank(std::string_view id, std::span<const RankedDocument> results, const Usage& usage);

/// The frames of a chat stream that says what this whole chat answer says: one chunk with everything, the
/// finish, the usage when it is wanted, [DONE]. Fails when `chat` is no chat answer.
Result<std::string> chat_as_stream(std::string_view chat, bool usage_wanted);

} // namespace switchyard::providers
