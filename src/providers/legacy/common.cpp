// Reading and writing helpers of the smaller families. Pure, any thread.
#include "providers/legacy/common.hpp"

#include "providers/openai/answer.hpp"
#include "providers/prompts/prompts.hpp"

#include <algorithm>

namespace switchyard::providers::legacy {

using std::string_view;

const Value* at(const Value& value, std::initializer_list<string_view> path) noexcept {
  auto* here = &value;
  for (auto key : path)
    if (here = here->find(key); !here) return nullptr;
  return here;
}

const Value* first_of(const Value& object, string_view key) noexcept {
  auto& list = list_at(object, key);
  return list.empty() ? nullptr : &list.front();
}

std::uint32_t count_at(const Value& object, string_view key) noexcept {
  auto* value = object.find(key);
  auto* number = value ? value->as_int() : nullptr;
  return number ? static_cast<std::uint32_t>(std::clamp<std::int64_t>(*number, 0, UINT32_MAX)) : 0;
}

bool has(const Value& object, string_view key) noexcept {
  auto* value = object.find(key);
  return value && !value->is_null();
}

Result<void> check_messages(const Job& job) {
  auto& messages = list_at(job.request, "messages");
  if (messages.empty()) return bad_request(job.target, "messages: must be a list with at least one message");
  for (auto& message : messages)
    if (!message.as_map()) return bad_request(job.target, "messages: each must be an object");
  return {};
}

Result<void> check_embedding_params(const Job& job, string_view taken) {
  for (string_view name : {"dimensions", "encoding_format"}) {
    if (!has(job.request, name) || has_word(taken, name) || drops_params(job.target, job.call)) continue;
    if (text_at(job.request, name) == "float") continue;
    return unsupported_params(job.target, "does not support parameters: ['" + std::string(name) + "']");
  }
  return {};
}

std::string joined_contents(const Value& request, string_view between) {
  std::string out;
  bool first = true;
  for (auto& message : list_at(request, "messages")) {
    auto* content = message.find("content");
    if (!content || content->is_null()) continue;
    if (!first) out += between;
    first = false;
    out += content_text(*content);
  }
  return out;
}

std::string prompt_of(const Job& job) {
  return render_prompt(job.target.provider, job.call.model, list_at(job.request, "messages"),
                       job.target.settings);
}

void flatten_text(ValueMap& message) {
  for (auto& [key, value] : message) {
    auto* parts = key == "content" ? value.as_list() : nullptr;
    if (!parts) continue;
    bool text = std::all_of(parts->begin(), parts->end(),
                            [](const Value& part) { return text_at(part, "type") == "text"; });
    if (text) value = Value(content_text(value));
  }
}

void rename(const Value& request, string_view words, ValueMap& body) {
  any_word(words, [&](string_view word) {
    auto colon = word.find(':');
    auto* value = request.find(word.substr(0, colon));
    if (value && !value->is_null())
      set(body, colon == string_view::npos ? word : word.substr(colon + 1), *value);
    return false;
  });
}

void put_stops(const Value& request, string_view name, ValueMap& body) {
  if (auto stops = stop_list(request); !stops.empty()) set(body, name, list_of(stops));
}

void put_limit(const Value& request, string_view name, ValueMap& body) {
  if (auto limit = max_tokens(request)) set(body, name, Value(*limit));
}

Result<std::string> model_path(const FamilyTarget& target, string_view model) {
  std::string out;
  for (std::size_t begin = 0; begin <= model.size();) {
    auto end = std::min(model.find('/', begin), model.size());
    auto segment = model.substr(begin, end - begin);
    if (segment.empty() || segment == "." || segment == "..")
      return bad_request(target, "model: '" + std::string(model) + "' cannot be part of a path");
    if (!out.empty()) out += '/';
    // "@cf/..." is written as it is in every document of its provider.
    bool at_sign = segment.front() == '@';
    out += (at_sign ? "@" : "") + path_segment(segment.substr(at_sign));
    begin = end + 1;
  }
  return out;
}

std::string path_of(const FamilyTarget& target, string_view tail) {
  auto out = target.base.path + std::string(tail);
  if (!target.base.query.empty()) out += (out.find('?') == std::string::npos ? "?" : "&") + target.base.query;
  return out;
}

Result<void> use_base(FamilyTarget& target, const std::string& url) {
  auto base = parse_base_url(url);
  if (!base) return base.error();
  target.base = std::move(*base);
  target.api_base_public = target.base.public_url;
  return {};
}

std::string first_setting(const FamilyTarget& target, string_view names, string_view env_names,
                          EnvLookup env) {
  std::string found;
  any_word(names, [&](string_view name) { return !(found = setting(target, name)).empty(); });
  return found.empty() ? first_env(env_names, env) : found;
}

Result<Value> read_object(const FamilyTarget& target, string_view body) {
  auto value = parse_json(body);
  if (!value || !value->as_map()) return invalid_answer(target, body);
  return value;
}

Usage usage_of(const Value& answer) {
  Usage usage;
  auto* member = answer.find("usage");
  if (!member || !member->as_map()) return usage;
  ValueMap only;
  set(only, "usage", *member);
  Members members;
  if (!read_members(to_json(Value(std::move(only))), members, usage)) return {};
  return usage;
}

Error failed_answer(const FamilyTarget& target, string_view body) {
  constexpr int k_unknown = 500;
  auto error = upstream_error(target, k_unknown, body);
  if (error.code == Errc::bad_request) error.status = 0; // the class has its own
  return error;
}

std::string error_without_bearer(string_view body) {
  auto root = parse_json(body);
  std::string text(root ? text_at(*root, "error", text_at(*root, "message")) : string_view());
  for (string_view mark : {"bearer ", "Bearer "})
    if (auto place = text.find(mark); place != std::string::npos) {
      place += mark.size();
      const auto end = std::min(text.find_first_of(" \t\r\n\"',;", place), text.size());
      text.replace(place, end - place, "***");
    }
  return text;
}

void answer_text(std::string text, string_view finish, const Usage& usage, const Call& call,
                 string_view client_model, Answer& out) {
  ChatAnswer answer;
  answer.choices.emplace_back();
  answer.choices.back().content = std::move(text);
  answer.choices.back().finish = finish;
  answer.usage = usage;
  out.usage = usage;
  out.body = write_chat(answer, call, client_model);
}

void answer_vectors(const ValueList& vectors, Usage usage, string_view model, Answer& out) {
  if (!usage.prompt_tokens) usage.prompt_tokens = usage.total_tokens; // some say the total only
  std::vector<std::string> texts;
  texts.reserve(vectors.size());
  for (auto& vector : vectors) texts.push_back(to_json(vector));
  out.usage = usage;
  out.body = write_embeddings(texts, usage, model);
}

} // namespace switchyard::providers::legacy
