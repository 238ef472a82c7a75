// An OpenAI chat request as a Messages body. Pure, any thread.
#include "providers/anthropic/parts.hpp"
#include "providers/family/chat.hpp"

#include <algorithm>
#include <array>

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

constexpr auto k_taken = [] {
  auto names = std::to_array<string_view>(
      {"stream", "stream_options", "stop", "temperature", "top_p", "max_tokens", "tools", "tool_choice",
       "parallel_tool_calls", "functions", "user", "function_call", "extra_headers", "response_format",
       "max_completion_tokens", "max_retries", "web_search_options", "context_management"});
  std::sort(names.begin(), names.end());
  return names;
}();

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Claude refuses stop sequences of white space only; they go when the caller lets parameters be dropped.
void add_stop(const Job& job, ValueMap& body) {
  auto stops = stop_list(job.request);
  if (drops_params(job.target, job.call))
    std::erase_if(stops,
                  [](const std::string& text) { return std::all_of(text.begin(), text.end(), is_space); });
  if (!stops.empty()) body.emplace_back("stop_sequences", list_of(stops));
}

bool looks_like_mail(string_view user) {
  auto at = user.find('@');
  if (at == 0 || at == string_view::npos) return false;
  auto dot = user.find('.', at + 2);
  return dot != string_view::npos && dot + 1 < user.size() &&
         std::none_of(user.begin(), user.end(), [](char c) { return is_space(c); });
}

bool looks_like_phone(string_view user) {
  if (user.starts_with('+')) user.remove_prefix(1);
  return user.size() >= 7 && user.find_first_not_of("0123456789 ()-") == string_view::npos;
}

/// OpenAI's [{"type":"compaction","compact_threshold":n}] as Claude's edits; Claude's own form stays.
void add_context_management(const Value& request, ValueMap& body) {
  auto* management = request.find("context_management");
  if (!management) return;
  if (management->as_map()) return body.emplace_back("context_management", *management), void();
  ValueList edits;
  for (auto& item : list_at(request, "context_management")) {
    if (text_at(item, "type") != "compaction") continue;
    ValueMap edit{{"type", text_value("compact_20260112")}};
    if (auto* threshold = item.find("compact_threshold"); threshold && threshold->as_int())
      edit.emplace_back("trigger",
                        Value(ValueMap{{"type", text_value("input_tokens")}, {"value", *threshold}}));
    edits.emplace_back(std::move(edit));
  }
  if (!edits.empty())
    body.emplace_back("context_management", Value(ValueMap{{"edits", Value(std::move(edits))}}));
}

/// OpenAI's parameters that are here without being taken: allowed_openai_params let them through.
void add_allowed(const Job& job, ValueMap& body) {
  const auto known = openai_params(Endpoint::chat);
  for (auto& [name, ignored] : map_of(job.request))
    if (std::binary_search(known.begin(), known.end(), string_view(name)) &&
        !takes(job.target, job.call, name))
      copy_member(job.request, name, body);
}

Result<ValueMap> chat_body(const Job& job, const Dialect& dialect) {
  auto turns = read_turns(job, dialect);
  if (!turns) return turns.error();
  ValueMap body;
  body.reserve(8);
  if (dialect.names_model) body.emplace_back("model", text_value(job.call.model));
  if (!dialect.version.empty()) body.emplace_back("anthropic_version", text_value(dialect.version));
  if (auto done = add_reasoning(job, *turns, body); !done) return done.error();
  add_output_format(job, dialect, body);
  if (auto done = add_tools(job, dialect, *turns, body); !done) return done.error();
  if (!turns->system.empty()) body.emplace_back("system", Value(std::move(turns->system)));
  body.emplace_back("messages", Value(std::move(turns->messages)));
  add_stop(job, body);
  for (auto key : {"temperature", "top_p", "top_k"}) copy_member(job.request, key, body);
  add_user(job.request, body);
  add_context_management(job.request, body);
  add_allowed(job, body);
  copy_extras(job.request, body);
  if (model_of(job.call.model).can(k_no_sampling) && drops_params(job.target, job.call))
    for (auto key : {"temperature", "top_p", "top_k"}) switchyard::erase(body, key);
  if (dialect.names_model && job.call.stream) body.emplace_back("stream", Value(true));
  return body;
}

} // namespace

void add_user(const Value& request, ValueMap& body) {
  const auto user = text_at(request, "user");
  if (user.empty() || looks_like_mail(user) || looks_like_phone(user)) return;
  body.emplace_back("metadata", Value(ValueMap{{"user_id", text_value(user)}}));
}

bool takes(const FamilyTarget&, const Call& call, string_view param) {
  if (call.endpoint != Endpoint::chat || std::binary_search(k_taken.begin(), k_taken.end(), param))
    return true;
  return (param == "reasoning_effort" || param == "thinking") && model_of(call.model).can(k_thinks);
}

Result<Body> encode(Job& job, const Dialect& dialect) {
  if (job.call.endpoint != Endpoint::chat) return relay_request(job, dialect);
  auto made = chat_body(job, dialect);
  if (!made) return made.error();
  const auto own = take_betas(*made);
  Value body(std::move(*made));
  auto betas = betas_of(job, dialect, body, own);
  if (dialect.betas_in_body && !betas.empty())
    set(body, "anthropic_beta", beta_list(std::exchange(betas, {})));
  return Body{to_json(body), std::move(betas)};
}

void add_headers(const Body& body, std::vector<HeadLine>& lines) {
  lines.push_back({"anthropic-version", "2023-06-01"});
  if (!body.betas.empty()) lines.push_back({"anthropic-beta", body.betas});
}

} // namespace switchyard::providers::anthropic
