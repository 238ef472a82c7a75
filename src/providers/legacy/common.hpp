// What the smaller families share: reading members without fear, renaming parameters, model names in paths,
// and the answers of those who nearly speak OpenAI's format. Pure, any thread.
#pragma once

#include "providers/family/chat.hpp"
#include "providers/family/chunks.hpp"
#include "providers/family/family.hpp"

#include <switchyard/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard::providers::legacy {

inline Value text_value(std::string_view text) { return Value(std::string(text)); }
/// Member by path, or null: at(answer, {"result", "response"}).
const Value* at(const Value& value, std::initializer_list<std::string_view> path) noexcept;
/// First element of a list member, or null.
const Value* first_of(const Value& object, std::string_view key) noexcept;
/// A member that is a count; 0 when it is something else.
std::uint32_t count_at(const Value& object, std::string_view key) noexcept;
/// A member that is there and not null.
bool has(const Value& object, std::string_view key) noexcept;

/// 400 when `messages` is no list of objects with at least one element.
Result<void> check_messages(const Job& job);
/// Embedding parameters beside `taken` (words): refused, or left out under drop_params. Floats are
/// everybody's default.
Result<void> check_embedding_params(const Job& job, std::string_view taken);
/// The contents of all messages.
std::string joined_contents(const Value& request, std::string_view between);
/// The chat as one prompt, for models that complete text.
std::string prompt_of(const Job& job);
/// Lists of text parts become one string, as servers without content parts want it.
void flatten_text(ValueMap& message);
/// Copies members under other names: "max_tokens:maxTokens temperature". Null members are absent.
void rename(const Value& request, std::string_view words, ValueMap& body);
/// Sets `name` to the stop list when there is one.
void put_stops(const Value& request, std::string_view name, ValueMap& body);
/// Sets `name` to the output limit when there is one.
void put_limit(const Value& request, std::string_view name, ValueMap& body);

/// A model name inside a path: its slashes stay, dot segments are refused (they would leave the folder).
Result<std::string> model_path(const FamilyTarget& target, std::string_view model);
/// base path + `tail` + base query.
std::string path_of(const FamilyTarget& target, std::string_view tail);
/// Sets the target's base URL; the error names `field`.
Result<void> use_base(FamilyTarget& target, const std::string& url);
/// First of: litellm_params.<name> for each name, then the environment names.
std::string first_setting(const FamilyTarget& target, std::string_view names, std::string_view env_names,
                          EnvLookup env);

/// The body as an object; else invalid_answer.
Result<Value> read_object(const FamilyTarget& target, std::string_view body);
/// OpenAI's `usage` member with all its details; `present` is false when there is none.
Usage usage_of(const Value& answer);
/// A failure inside a 200.
Error failed_answer(const FamilyTarget& target, std::string_view body);
/// `error` or `message` of a failure, without the token that may stand behind "bearer ".
std::string error_without_bearer(std::string_view body);
/// A chat answer with one text.
void answer_text(std::string text, std::string_view finish, const Usage& usage, const Call& call,
                 std::string_view client_model, Answer& out);

/// Completes an answer that is nearly OpenAI's: id, object, created, model, index, role, finish_reason, tool
/// ids. Fails when it has no choices.
Result<void> answer_like_openai(const FamilyTarget& target, Value& root, const Call& call,
                                std::string_view client_model, Answer& out);

/// OpenAI's embeddings answer of vectors.
void answer_vectors(const ValueList& vectors, Usage usage, std::string_view model, Answer& out);

/// Chunks that are nearly OpenAI's. Families with another shape override on_object or on_choice.
class LikeOpenAiStream : public ChunkStream {
 public:
  LikeOpenAiStream(const FamilyTarget& target, const Call& call, std::string_view client_model)
      : ChunkStream(target, call, client_model), call_id_(call.call_id) {}

 protected:
  void on_data(std::string_view event, std::string_view data) override;
  virtual void on_object(const Value& chunk);
  virtual void on_choice(const Value& choice);
  void on_delta(const Value& delta);
  void tool_calls(const ValueList& calls);
  void take_usage(const Value& chunk);
  /// Opens the next call; without an id of the provider's it gets one.
  void open_tool(std::string_view id, std::string_view name, std::string_view arguments);
  int next_tool_ = 0;

 private:
  std::string call_id_;
};

template <class Stream>
std::unique_ptr<StreamDecoder> make_stream(const FamilyTarget& target, const Call& call,
                                           std::string_view client_model) {
  return std::make_unique<Stream>(target, call, client_model);
}

} // namespace switchyard::providers::legacy
