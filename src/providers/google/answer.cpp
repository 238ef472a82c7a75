// Whole answers and streams of generateContent as OpenAI's. Pure, any thread; a decoder belongs to one
// stream.
#include "providers/google/answer.hpp"

#include "providers/family/chunks.hpp"

#include <switchyard/json.hpp>

#include <array>
#include <utility>

namespace switchyard::providers::google {
namespace {

using std::string_view;

/// An event that is cut over several `data` lines is put together up to this size.
constexpr std::size_t k_max_event = 64u << 20;

Value token_entry(const Value& token) {
  auto text = std::string(text_at(token, "token"));
  ValueList bytes;
  for (unsigned char byte : text) bytes.push_back(Value(std::int64_t{byte}));
  auto logprob = token.find("logProbability");
  return Value(ValueMap{{"token", Value(std::move(text))},
                        {"logprob", logprob ? *logprob : Value(0.0)},
                        {"bytes", Value(std::move(bytes))}});
}

Value logprobs_of(const Value& candidate) {
  auto result = candidate.find("logprobsResult");
  if (!result) return {};
  auto& tops = list_at(*result, "topCandidates");
  ValueList content;
  for (auto& chosen : list_at(*result, "chosenCandidates")) {
    auto entry = token_entry(chosen);
    ValueList top;
    if (content.size() < tops.size())
      for (auto& other : list_at(tops[content.size()], "candidates")) top.push_back(token_entry(other));
    set(entry, "top_logprobs", Value(std::move(top)));
    content.push_back(std::move(entry));
  }
  return Value(ValueMap{{"content", Value(std::move(content))}});
}

struct Metadata {
  string_view from, to;
};
constexpr std::array k_metadata{Metadata{"groundingMetadata", "vertex_ai_grounding_metadata"},
                                Metadata{"safetyRatings", "vertex_ai_safety_results"},
                                Metadata{"citationMetadata", "vertex_ai_citation_metadata"},
                                Metadata{"urlContextMetadata", "vertex_ai_url_context_metadata"}};

ChatChoice read_choice(const Value& candidate, const Call& call, std::size_t calls_before) {
  auto parts = read_parts(candidate, call, calls_before);
  ChatChoice out;
  if (parts.has_text && (!parts.text.empty() || parts.calls.empty())) out.content = parts.text;
  out.reasoning = std::move(parts.reasoning);
  out.thinking_blocks = std::move(parts.thinking_blocks);
  out.extra = extras_of(parts, candidate);
  out.tool_calls = std::move(parts.calls);
  auto finish = finish_of(candidate);
  if (!finish.empty()) out.finish = finish;
  if (!out.tool_calls.empty()) out.finish = "tool_calls";
  out.logprobs = logprobs_of(candidate);
  return out;
}

void collect_metadata(const ValueList& candidates, ValueMap& out) {
  for (auto& name : k_metadata) {
    ValueList found;
    for (auto& candidate : candidates)
      if (auto value = candidate.find(name.from)) found.push_back(*value);
    if (!found.empty()) out.emplace_back(std::string(name.to), Value(std::move(found)));
  }
}

class GeminiStream final : public ChunkStream {
 public:
  GeminiStream(const FamilyTarget& target, const Call& call, string_view client_model)
      : ChunkStream(target, call, client_model), call_id_(call.call_id), call_(call) {
    call_.call_id = call_id_;
  }

 private:
  // Google cuts very long lines now and then; what does not parse waits for the rest.
  void on_data(string_view, string_view data) override {
    if (data.empty() || data == "[DONE]") return;
    if (!partial_.empty()) data = partial_ += data;
    auto event = parse_json(data);
    if (event) {
      read(*event, data);
      partial_.clear();
    } else if (data.size() > k_max_event || data.front() != '{') {
      fail(invalid_answer(target_, data));
    } else if (partial_.empty()) {
      partial_ = data;
    }
  }

  void on_last() override {
    if (!partial_.empty()) return fail(invalid_answer(target_, partial_));
    if (calls_) finish_with("tool_calls");
  }

  void read(const Value& event, string_view data) {
    if (auto error = event.find("error"); error && error->as_map()) {
      auto status = static_cast<int>(std::min<std::uint32_t>(count_at(*error, "code"), 599));
      return fail(upstream_error(target_, status < 400 ? 500 : status, data));
    }
    id(text_at(event, "responseId"));
    const auto searches = usage_.web_searches;
    read_usage(event, usage_);
    usage_.web_searches = searches;
    auto& candidates = list_at(event, "candidates");
    if (candidates.empty() && is_blocked(event)) finish_with("content_filter");
    for (auto& candidate : candidates)
      if (count_at(candidate, "index") == 0) emit(candidate);
  }

  void emit(const Value& candidate) {
    auto parts = read_parts(candidate, call_, calls_);
    reasoning(parts.reasoning);
    text(parts.text);
    for (auto& made : parts.calls) tool(static_cast<int>(calls_++), made.id, made.name, made.arguments);
    for (auto& [key, value] : extras_of(parts, candidate)) member(key, to_json(value));
    usage_.web_searches = std::max(usage_.web_searches, searches_of(candidate));
    auto reason = finish_of(candidate);
    if (!reason.empty()) finish_with(reason);
  }

  std::string call_id_;
  Call call_; ///< for ids and the time; its views but call_id are not used behind the start
  std::string partial_;
  std::size_t calls_ = 0;
};

} // namespace

Result<Value> read_answer(const FamilyTarget& target, string_view body) {
  auto parsed = parse_json(body);
  if (!parsed) return invalid_answer(target, body);
  // streamGenerateContent without alt=sse answers with a list.
  if (auto list = parsed->as_list(); list && list->size() == 1) parsed = Value((*list)[0]);
  if (!parsed->as_map()) return invalid_answer(target, body);
  auto error = parsed->find("error");
  if (!error || !error->as_map()) return parsed;
  auto status = static_cast<int>(std::min<std::uint32_t>(count_at(*error, "code"), 599));
  return upstream_error(target, status < 400 ? 500 : status, body);
}

Result<void> decode_gemini(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                           string_view client_model, Answer& out) {
  auto parsed = read_answer(target, answer.body);
  if (!parsed) return parsed.error();
  auto& candidates = list_at(*parsed, "candidates");
  if (candidates.empty() && !is_blocked(*parsed) && !parsed->find("usageMetadata"))
    return invalid_answer(target, answer.body);
  ChatAnswer chat;
  chat.id = text_at(*parsed, "responseId");
  chat.model = text_at(*parsed, "modelVersion", call.model);
  std::size_t calls = 0;
  for (auto& candidate : candidates) {
    chat.choices.push_back(read_choice(candidate, call, calls));
    calls += chat.choices.back().tool_calls.size();
    chat.usage.web_searches += searches_of(candidate);
  }
  if (candidates.empty()) {
    chat.choices.emplace_back();
    if (is_blocked(*parsed)) chat.choices.back().finish = "content_filter";
  }
  read_usage(*parsed, chat.usage);
  collect_metadata(candidates, chat.extra);
  out.body = write_chat(chat, call, client_model);
  out.usage = chat.usage;
  return {};
}

std::unique_ptr<StreamDecoder> stream_gemini(const FamilyTarget& target, const Call& call,
                                             string_view client_model) {
  return std::make_unique<GeminiStream>(target, call, client_model);
}

} // namespace switchyard::providers::google
