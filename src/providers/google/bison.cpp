// PaLM 2 on Vertex (text-bison, chat-bison, code-bison, codechat-bison): :predict, never streamed. Pure, any
// thread.
#include "providers/google/answer.hpp"
#include "providers/google/params.hpp"
#include "providers/google/routes.hpp"
#include "providers/google/urls.hpp"

#include <switchyard/json.hpp>

#include <array>
#include <utility>

namespace switchyard::providers::google {
namespace {

using std::string_view;

Value text_value(string_view text) { return Value(std::string(text)); }

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word("temperature top_p max_tokens max_completion_tokens stream stream_options n stop seed "
                  "frequency_penalty presence_penalty extra_headers",
                  param);
}

Value parameters_of(Job& job) {
  struct Renamed {
    string_view from, to;
  };
  static constexpr std::array k_renamed{Renamed{"temperature", "temperature"},
                                        Renamed{"top_p", "topP"},
                                        Renamed{"top_k", "topK"},
                                        Renamed{"n", "candidateCount"},
                                        Renamed{"seed", "seed"},
                                        Renamed{"frequency_penalty", "frequencyPenalty"},
                                        Renamed{"presence_penalty", "presencePenalty"}};
  ValueMap out;
  for (auto& name : k_renamed)
    if (auto value = take(job.request, name.from)) out.emplace_back(std::string(name.to), std::move(*value));
  if (auto limit = max_tokens(job.request)) out.emplace_back("maxOutputTokens", Value(*limit));
  if (auto stops = stop_list(job.request); !stops.empty()) out.emplace_back("stopSequences", list_of(stops));
  for (auto name : {"max_tokens", "max_completion_tokens", "stop"}) take(job.request, name);
  copy_extras(job.request, out);
  return Value(std::move(out));
}

std::string text_of(const Value& message) {
  auto content = message.find("content");
  return content ? content_text(*content) : std::string{};
}

/// All messages in one text; code models call it the prefix.
Value text_instance(const Job& job, const Model& model) {
  std::string prompt;
  for (auto& message : list_at(job.request, "messages"))
    prompt.append(prompt.empty() ? "" : " ").append(text_of(message));
  return Value(ValueMap{{model.id.starts_with("code") ? "prefix" : "prompt", Value(std::move(prompt))}});
}

Value chat_instance(const Job& job) {
  std::string context;
  ValueList messages;
  for (auto& message : list_at(job.request, "messages")) {
    auto role = text_at(message, "role");
    if (role == "system" || role == "developer") {
      context.append(context.empty() ? "" : "\n").append(text_of(message));
      continue;
    }
    messages.push_back(Value(ValueMap{{"author", text_value(role == "assistant" ? "bot" : "user")},
                                      {"content", Value(text_of(message))}}));
  }
  ValueMap out;
  if (!context.empty()) out.emplace_back("context", Value(std::move(context)));
  out.emplace_back("messages", Value(std::move(messages)));
  return Value(std::move(out));
}

Result<void> encode(Job& job, const Model& model, Upstream& out) {
  auto instance = model.route == Route::chat ? chat_instance(job) : text_instance(job, model);
  ValueMap body{{"instances", Value(ValueList{std::move(instance)})}, {"parameters", parameters_of(job)}};
  if (auto done = set_path(job, model, "predict", {}, out); !done) return done;
  out.body = to_json(Value(std::move(body)));
  return {};
}

ChatChoice choice_of(const Value& candidate, const Value* safety) {
  ChatChoice out;
  out.content = std::string(text_at(candidate, "content"));
  auto blocked = safety ? safety->find("blocked") : nullptr;
  if (blocked && blocked->as_bool() && *blocked->as_bool()) out.finish = "content_filter";
  return out;
}

Usage usage_of(const Value& answer) {
  Usage out;
  auto meta = answer.find("metadata");
  auto tokens = meta ? meta->find("tokenMetadata") : nullptr;
  auto in = tokens ? tokens->find("inputTokenCount") : nullptr;
  auto said = tokens ? tokens->find("outputTokenCount") : nullptr;
  if (!in) return out;
  out.prompt_tokens = count_at(*in, "totalTokens");
  if (said) out.completion_tokens = count_at(*said, "totalTokens");
  complete(out);
  return out;
}

/// A chat prediction holds its candidates; a text prediction is one.
Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto parsed = read_answer(target, answer.body);
  if (!parsed) return parsed.error();
  ChatAnswer chat;
  chat.model = call.model;
  for (auto& prediction : list_at(*parsed, "predictions")) {
    auto& candidates = list_at(prediction, "candidates");
    auto safety = prediction.find("safetyAttributes");
    if (candidates.empty()) chat.choices.push_back(choice_of(prediction, safety));
    for (auto& candidate : candidates) {
      const auto at = static_cast<std::size_t>(&candidate - candidates.data());
      auto list = safety ? safety->as_list() : nullptr;
      chat.choices.push_back(
          choice_of(candidate, list ? (at < list->size() ? &(*list)[at] : nullptr) : safety));
    }
  }
  if (chat.choices.empty()) return invalid_answer(target, answer.body);
  chat.usage = usage_of(*parsed);
  out.body = write_chat(chat, call, client_model);
  out.usage = chat.usage;
  return {};
}

} // namespace

const Handler k_bison{takes, encode, decode, nullptr};

} // namespace switchyard::providers::google
