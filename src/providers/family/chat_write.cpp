// Writes answers in OpenAI's form. Pure, any thread.
#include "providers/family/chat.hpp"

#include <switchyard/json.hpp>
#include <switchyard/json_scan.hpp>

#include <array>
#include <charconv>

namespace switchyard::providers {
namespace {

using std::string_view;

std::int64_t unix_seconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

void append_number(std::string& out, std::int64_t number) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

struct Count {
  string_view key;
  std::uint32_t value;
};

void append_counts(std::string& out, string_view name, std::initializer_list<Count> counts) {
  bool open = false;
  for (auto& count : counts) {
    if (!count.value) continue;
    if (!open) out.append(",\"").append(name).append("\":{");
    out.append(open ? ",\"" : "\"").append(count.key).append("\":");
    append_number(out, count.value);
    open = true;
  }
  if (open) out += '}';
}

void append_member(std::string& out, string_view key, string_view json) {
  out += ',';
  append_json_string(out, key);
  out.append(":").append(json);
}

void append_tool_calls(std::string& out, const std::vector<ToolCall>& calls) {
  out += ",\"tool_calls\":[";
  for (std::size_t i = 0; i < calls.size(); ++i) {
    out.append(i ? ",{" : "{").append("\"id\":").append(json_string(calls[i].id));
    out.append(",\"type\":\"function\",\"function\":{\"name\":").append(json_string(calls[i].name));
    out.append(",\"arguments\":").append(json_string(calls[i].arguments.empty() ? "{}" : calls[i].arguments));
    out += "}}";
  }
  out += ']';
}

void append_choice(std::string& out, const ChatChoice& choice, std::size_t index) {
  const auto finish = choice.finish == "stop" && !choice.tool_calls.empty() ? "tool_calls" : choice.finish;
  out += "{\"index\":";
  append_number(out, static_cast<std::int64_t>(index));
  out += ",\"message\":{\"role\":\"assistant\",\"content\":";
  if (choice.content)
    append_json_string(out, *choice.content);
  else
    out += "null";
  if (!choice.reasoning.empty()) append_member(out, "reasoning_content", json_string(choice.reasoning));
  if (!choice.thinking_blocks.empty())
    append_member(out, "thinking_blocks", to_json(Value(choice.thinking_blocks)));
  if (!choice.tool_calls.empty()) append_tool_calls(out, choice.tool_calls);
  for (auto& [key, value] : choice.extra) append_member(out, key, to_json(value));
  out += "},\"finish_reason\":";
  append_json_string(out, finish);
  if (!choice.logprobs.is_null()) append_member(out, "logprobs", to_json(choice.logprobs));
  out += '}';
}

void append_usage(std::string& out, const Usage& usage) {
  out += "{\"prompt_tokens\":";
  append_number(out, usage.prompt_tokens);
  out += ",\"completion_tokens\":";
  append_number(out, usage.completion_tokens);
  out += ",\"total_tokens\":";
  append_number(out, usage.total_tokens);
  append_counts(out, "prompt_tokens_details",
                {{"cached_tokens", usage.cache_read_tokens},
                 {"cache_creation_tokens", usage.cache_write_tokens},
                 {"audio_tokens", usage.audio_in_tokens},
                 {"image_tokens", usage.image_in_tokens}});
  append_counts(out, "completion_tokens_details",
                {{"reasoning_tokens", usage.reasoning_tokens},
                 {"audio_tokens", usage.audio_out_tokens},
                 {"image_tokens", usage.image_out_tokens}});
  if (usage.cache_write_tokens)
    append_member(out, "cache_creation_input_tokens", std::to_string(usage.cache_write_tokens));
  if (usage.cache_write_tokens || usage.cache_read_tokens)
    append_member(out, "cache_read_input_tokens", std::to_string(usage.cache_read_tokens));
  append_counts(out, "server_tool_use", {{"web_search_requests", usage.web_searches}});
  out += '}';
}

} // namespace

void complete(Usage& usage) noexcept {
  if (!usage.total_tokens) usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
  usage.present = true;
}

std::string write_usage(const Usage& usage) {
  std::string out;
  append_usage(out, usage);
  return out;
}

std::string write_chat(const ChatAnswer& answer, const Call& call, string_view client_model) {
  constexpr std::size_t k_frame = 512; // what stands around a short text
  std::string out;
  const auto* content =
      answer.choices.empty() || !answer.choices[0].content ? nullptr : &*answer.choices[0].content;
  out.reserve(k_frame + (content ? content->size() : 0));
  out += "{\"id\":";
  append_json_string(out, answer.id.empty() ? "chatcmpl-" + std::string(call.call_id) : answer.id);
  out += ",\"object\":\"chat.completion\",\"created\":";
  append_number(out, unix_seconds(call.now));
  out += ",\"model\":";
  append_json_string(out, client_model.empty() ? string_view(answer.model) : client_model);
  out += ",\"choices\":[";
  for (std::size_t i = 0; i < answer.choices.size(); ++i) {
    if (i) out += ',';
    append_choice(out, answer.choices[i], i);
  }
  out += ']';
  if (answer.usage.present) {
    out += ",\"usage\":";
    append_usage(out, answer.usage);
  }
  for (auto& [key, value] : answer.extra) append_member(out, key, to_json(value));
  return out += '}';
}

std::string write_embeddings(std::span<const std::string> vectors, const Usage& usage, string_view model) {
  std::string out = "{\"object\":\"list\",\"data\":[";
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    if (i) out += ',';
    out.append("{\"object\":\"embedding\",\"index\":").append(std::to_string(i));
    out.append(",\"embedding\":").append(vectors[i]).append("}");
  }
  out.append("],\"model\":").append(json_string(model));
  out.append(",\"usage\":{\"prompt_tokens\":").append(std::to_string(usage.prompt_tokens));
  out.append(",\"total_tokens\":").append(std::to_string(usage.total_tokens)).append("}}");
  return out;
}

std::string write_rerank(string_view id, std::span<const RankedDocument> results, const Usage& usage) {
  std::string out = "{\"id\":" + json_string(id) + ",\"results\":[";
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i) out += ',';
    out.append("{\"index\":").append(std::to_string(results[i].index));
    out.append(",\"relevance_score\":").append(to_json(Value(results[i].score)));
    if (!results[i].document.empty()) out.append(",\"document\":").append(results[i].document);
    out += '}';
  }
  out += "],\"meta\":{";
  std::string meta;
  if (usage.search_units)
    meta = "\"billed_units\":{\"search_units\":" + std::to_string(usage.search_units) + "}";
  if (usage.prompt_tokens)
    meta.append(meta.empty() ? "" : ",")
        .append("\"tokens\":{\"input_tokens\":")
        .append(std::to_string(usage.prompt_tokens))
        .append("}");
  return out.append(meta).append("}}");
}

// -- a whole answer as a stream

namespace {

/// One choice of a whole answer as a chunk's choice: its message is the delta.
std::string delta_choice(const Value& choice, std::size_t index) {
  ValueMap delta{{"role", Value(std::string("assistant"))}};
  auto* message = choice.find("message");
  for (auto& [key, value] : message ? map_of(*message) : ValueMap{}) {
    if (key == "role" || value.is_null()) continue;
    if (key != "tool_calls") {
      delta.emplace_back(key, value);
      continue;
    }
    ValueList calls;
    for (auto& call : list_at(*message, "tool_calls")) {
      ValueMap numbered{{"index", Value(static_cast<std::int64_t>(calls.size()))}};
      for (auto& member : map_of(call)) numbered.push_back(member);
      calls.emplace_back(std::move(numbered));
    }
    delta.emplace_back(key, Value(std::move(calls)));
  }
  return "{\"index\":" + std::to_string(index) + ",\"delta\":" + to_json(Value(std::move(delta))) +
         ",\"finish_reason\":null}";
}

std::string finish_choice(const Value& choice, std::size_t index) {
  return "{\"index\":" + std::to_string(index) +
         ",\"delta\":{},\"finish_reason\":" + json_string(text_at(choice, "finish_reason", "stop")) + "}";
}

} // namespace

Result<std::string> chat_as_stream(string_view chat, bool usage_wanted) {
  auto parsed = parse_json(chat);
  if (!parsed || list_at(*parsed, "choices").empty())
    return Error(Errc::api_error, "litellm.APIError: the answer has no choices");
  std::string head = "data: {\"id\":" + json_string(text_at(*parsed, "id")) +
                     ",\"object\":\"chat.completion.chunk\",\"created\":";
  auto* created = parsed->find("created");
  head.append(created ? to_json(*created) : "0").append(",\"model\":");
  head.append(json_string(text_at(*parsed, "model"))).append(",\"choices\":[");
  std::string first, last;
  for (auto& choice : list_at(*parsed, "choices")) {
    const auto index = static_cast<std::size_t>(&choice - list_at(*parsed, "choices").data());
    first.append(index ? "," : "").append(delta_choice(choice, index));
    last.append(index ? "," : "").append(finish_choice(choice, index));
  }
  std::string out = head + first + "]}\n\n" + head + last + "]}\n\n";
  auto* usage = parsed->find("usage");
  if (usage_wanted && usage) out += head + "],\"usage\":" + to_json(*usage) + "}\n\n";
  return out += "data: [DONE]\n\n";
}

} // namespace switchyard::providers
