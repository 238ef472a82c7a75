// APIs that clients speak and most providers do not, served over chat: what one such bridge supplies, and
// what it knows of a call. Pure functions, any thread; a Writer belongs to one stream on one shard.
#pragma once

#include "providers/family/chat.hpp"

#include <switchyard/json.hpp>
#include <switchyard/provider.hpp>
#include <switchyard/value.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace switchyard::providers::inbound {

/// One call of a bridged endpoint, as the client made it. Everything outlives the bridge's use of it.
struct Side {
  const Target& target;
  const Call& call;
  const Value& client; ///< the body, a map
  std::string_view client_model;
  std::size_t part = 0; ///< which of Bridge::parts is asked for
};

/// Writes the client's stream from chat chunks.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual void chunk(const Value& chunk, std::string& out) = 0;
  /// The stream is complete (or just over): its end in the client's API.
  virtual void close(const Usage& usage, std::string& out) = 0;
};

struct Bridge {
  Endpoint endpoint;
  /// The chat request that asks for the same; fails with an error that names the field.
  Result<Value> (*request)(const Side&);
  /// The client's answer of a whole chat answer.
  std::string (*answer)(const Side&, const Value& chat, const Usage&);
  std::unique_ptr<Writer> (*writer)(const Side&);
  /// How many chats this call takes, one after the other; their choices are joined. Null = one.
  std::size_t (*parts)(const Call&) = nullptr;
};

extern const Bridge k_messages, k_responses, k_generate_content, k_completions;
/// The chat request of an Anthropic or Gemini body: what is counted when tokens are to be counted.
Result<Value> messages_request(const Side& side);
Result<Value> generate_request(const Side& side);

// -- what the bridges share

inline Value str(std::string_view text) { return Value(std::string(text)); }
inline Value num(std::int64_t number) { return Value(number); }
inline Value yes(bool value) { return Value(value); }
Value text_part(std::string_view text);
/// {"type":"image_url","image_url":{"url":..}}
Value image_part(std::string_view url);
/// {"type":"function","id","function":{"name","arguments"}}
Value tool_call(std::string_view id, std::string_view name, std::string arguments);
/// {"type":"function","function":{"name","description"?,"parameters"?,"strict"?}}
Value function_tool(std::string_view name, const Value* description, const Value* parameters,
                    const Value* strict = nullptr);
/// Content as short as it can be said: null without parts, a string for one text part without anything else.
Value content_of(ValueList parts);
/// 400 that names the field.
Error refuse(std::string_view field, std::string_view why);
/// Copies members as they are; null ones are as good as absent.
void copy(const Value& from, std::string_view key, ValueMap& to, std::string_view as = {});
/// The chat target takes OpenAI's JSON (and nothing else); false = a family that reads LiteLLM's extra
/// members.
bool is_openai_format(const Target& target) noexcept;
/// Claude behind another API: knows cache_control and thinking.
bool is_claude(const Side& side) noexcept;
/// The client's word for how much to think, in tokens -> reasoning_effort.
std::string_view effort_of_budget(std::int64_t budget) noexcept;
/// The schema as strict structured output wants it: every object closed, every property required.
Value strict_schema(const Value& schema);
/// response_format of a JSON schema.
Value json_schema_format(std::string_view name, Value schema, bool strict);
/// Text cut to at most `most` bytes, never inside a character.
std::string_view cut(std::string_view text, std::size_t most) noexcept;
std::int64_t seconds(const Call& call) noexcept;

/// Tool names longer than OpenAI allows: 55 bytes, "_" and 8 hex digits of their SHA-256.
std::string short_tool_name(std::string_view name);
/// The client's names for shortened ones.
class ToolNames {
 public:
  explicit ToolNames(const Value& client);
  std::string_view original(std::string_view name) const noexcept;

 private:
  std::vector<std::pair<std::string, std::string>> names_; ///< short, original
};

} // namespace switchyard::providers::inbound
