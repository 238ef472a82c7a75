// Google's PaLM API (withdrawn upstream, kept for old configurations): generateMessage and generateText,
// never streamed. Pure, any thread.
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

bool is_chat(string_view model) noexcept { return model.find("chat") != string_view::npos; }

bool takes(const FamilyTarget&, const Call& call, string_view param) {
  if (!is_chat(call.model) && (param == "max_tokens" || param == "max_completion_tokens" || param == "stop"))
    return true;
  return has_word("temperature top_p n stream stream_options extra_headers", param);
}

void write_parameters(Job& job, ValueMap& body) {
  struct Renamed {
    string_view from, to;
  };
  static constexpr std::array k_renamed{Renamed{"temperature", "temperature"}, Renamed{"top_p", "topP"},
                                        Renamed{"top_k", "topK"}, Renamed{"n", "candidateCount"}};
  for (auto& name : k_renamed)
    if (auto value = take(job.request, name.from)) set(body, name.to, std::move(*value));
  if (auto limit = max_tokens(job.request)) set(body, "maxOutputTokens", Value(*limit));
  if (auto stops = stop_list(job.request); !stops.empty()) set(body, "stopSequences", list_of(stops));
  for (auto name : {"max_tokens", "max_completion_tokens", "stop"}) take(job.request, name);
  copy_extras(job.request, body);
}

std::string text_of(const Value& message) {
  auto content = message.find("content");
  return content ? content_text(*content) : std::string{};
}

Value text_prompt(const Job& job) {
  std::string text;
  for (auto& message : list_at(job.request, "messages"))
    text.append(text.empty() ? "" : "\n").append(text_of(message));
  return Value(ValueMap{{"text", Value(std::move(text))}});
}

Value message_prompt(const Job& job) {
  std::string context;
  ValueList messages;
  for (auto& message : list_at(job.request, "messages")) {
    auto role = text_at(message, "role");
    if (role == "system" || role == "developer")
      context.append(context.empty() ? "" : "\n").append(text_of(message));
    else
      messages.push_back(Value(ValueMap{{"author", Value(std::string(role == "assistant" ? "1" : "0"))},
                                        {"content", Value(text_of(message))}}));
  }
  ValueMap out;
  if (!context.empty()) out.emplace_back("context", Value(std::move(context)));
  out.emplace_back("messages", Value(std::move(messages)));
  return Value(std::move(out));
}

Result<void> encode(Job& job, const Model& model, Upstream& out) {
  const bool chat = is_chat(model.id);
  ValueMap body{{"prompt", chat ? message_prompt(job) : text_prompt(job)}};
  write_parameters(job, body);
  if (auto done = set_path(job, model, chat ? "generateMessage" : "generateText", {}, out); !done)
    return done;
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto parsed = read_answer(target, answer.body);
  if (!parsed) return parsed.error();
  ChatAnswer chat;
  chat.model = call.model;
  for (auto& candidate : list_at(*parsed, "candidates")) {
    auto text = candidate.find("content") ? text_at(candidate, "content") : text_at(candidate, "output");
    chat.choices.emplace_back();
    chat.choices.back().content = std::string(text);
  }
  const bool filtered = !list_at(*parsed, "filters").empty();
  if (chat.choices.empty() && !filtered) return invalid_answer(target, answer.body);
  if (chat.choices.empty()) {
    chat.choices.emplace_back();
    chat.choices.back().finish = "content_filter";
  }
  out.body = write_chat(chat, call, client_model);
  return {};
}

} // namespace

const Handler k_palm{takes, encode, decode, nullptr};

} // namespace switchyard::providers::google
