// Rows of LiteLLM_SpendLogs. Whatever an event holds, its row can be stored: numbers are clamped to their
// columns and JSON that is none becomes {}.
#include "storage/spend_rows.hpp"

#include <switchyard/json.hpp>
#include <switchyard/json_scan.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace switchyard::storage {
namespace {

Value text(std::string value) { return Value(std::move(value)); }
Value text_or_null(const std::string& value) { return value.empty() ? Value() : Value(value); }
/// For int4 columns.
Value small(std::int64_t value) { return Value(std::clamp<std::int64_t>(value, 0, INT32_MAX)); }

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The beginning and, since that is what was asked last, more of the end. Never half a character.
void shorten(std::string& text, std::size_t most) {
  if (text.size() <= most) return;
  std::size_t head = most * 35 / 100, tail = text.size() - (most - head);
  while (head > 0 && continues(text[head])) --head;
  while (tail < text.size() && continues(text[tail])) ++tail;
  text.replace(head, tail - head,
               "... (litellm_truncated skipped " + std::to_string(tail - head) + " chars) ...");
}

void shorten(Value& value, std::size_t most) {
  if (auto* text = value.as_string()) {
    std::string shorter = *text;
    shorten(shorter, most);
    value = Value(std::move(shorter));
  } else if (auto* list = value.as_list()) {
    ValueList out = *list;
    for (auto& element : out) shorten(element, most);
    value = Value(std::move(out));
  } else if (auto* map = value.as_map()) {
    ValueMap out = *map;
    for (auto& [name, element] : out) shorten(element, most);
    value = Value(std::move(out));
  }
}

/// What a row keeps of prompts and answers: texts above MAX_STRING_LENGTH_PROMPT_IN_DB lose their middle.
Value kept(const std::string& json, const PlaneSettings& settings) {
  if (settings.store_prompts && !json.empty() && json != "{}")
    if (auto value = parse_json(json); value && !value->is_null()) {
      if (settings.prompt_text_most > 0) shorten(*value, static_cast<std::size_t>(settings.prompt_text_most));
      return std::move(*value);
    }
  return Value(ValueMap{});
}

void count(std::string& out, std::string_view name, std::int64_t value) {
  if (out.back() != '{') out += ',';
  out += '"', out += name, out += "\":", out += std::to_string(value);
}

std::string usage_object(const Usage& usage) {
  if (!usage.present) return "null";
  std::string out = "{";
  count(out, "prompt_tokens", usage.prompt_tokens);
  count(out, "completion_tokens", usage.completion_tokens);
  count(out, "total_tokens", total_tokens(usage));
  out += ",\"prompt_tokens_details\":{";
  count(out, "cached_tokens", usage.cache_read_tokens);
  count(out, "audio_tokens", usage.audio_in_tokens);
  out += "},\"completion_tokens_details\":{";
  count(out, "reasoning_tokens", usage.reasoning_tokens);
  count(out, "audio_tokens", usage.audio_out_tokens);
  out += '}';
  if (usage.cache_read_tokens > 0) count(out, "cache_read_input_tokens", usage.cache_read_tokens);
  if (usage.cache_write_tokens > 0) count(out, "cache_creation_input_tokens", usage.cache_write_tokens);
  return out += '}';
}

/// JSON text with what the event's columns say behind what its metadata says already. Metadata that is no
/// object is {}; a member that repeats keeps its last value.
std::string metadata_of(const SpendEvent& event) {
  std::string own = event.metadata;
  ObjectScan scan;
  if (!scan_object(own, scan, {.lenient_commas = false})) {
    auto value = own.empty() ? Result<Value>(Value()) : parse_json(own);
    own = value && value->as_map() ? to_json(*value) : "{}";
    if (!scan_object(own, scan)) own = "{}", scan.clear();
  }
  std::string out = own.substr(0, own.rfind('}'));
  out.reserve(out.size() + 768);
  bool first = scan.fields.empty();
  const auto add = [&](std::string_view name, const auto& append) {
    if (scan.find(name)) return;
    out += std::exchange(first, false) ? "\"" : ",\"", out += name, out += "\":";
    append();
  };
  const auto put = [&](std::string_view name, const std::string& text, bool nullable = true) {
    add(name, [&] { text.empty() && nullable ? void(out += "null") : append_json_string(out, text); });
  };
  put("user_api_key", event.api_key, false);
  put("user_api_key_alias", event.key_alias);
  put("user_api_key_team_id", event.team_id);
  put("user_api_key_team_alias", event.team_alias);
  put("user_api_key_project_id", event.project_id);
  put("user_api_key_org_id", event.organization_id);
  put("user_api_key_user_id", event.user);
  put("requester_ip_address", event.requester_ip);
  put("status", event.status, false);
  add("usage_object", [&] { out += usage_object(event.usage); });
  return out += '}';
}

} // namespace

bool has_row(const SpendEvent& event, const PlaneSettings& settings) {
  if (settings.disable_spend_logs || settings.disable_spend_updates) return false;
  return !(settings.disable_error_logs && event.status == "failure");
}

std::string row_id(const SpendEvent& event) {
  std::string id = event.request_id.empty() ? event.call_id : event.request_id;
  if (event.cache_hit != "True") return id;
  char seconds[48];
  std::snprintf(seconds, sizeof seconds, "_cache_hit%lld.%03lld", static_cast<long long>(event.end_ms / 1000),
                static_cast<long long>(event.end_ms % 1000));
  return id + seconds;
}

std::string wire_time_of(std::int64_t unix_ms) {
  constexpr std::int64_t end_of_2261 = 9'214'646'399'999; // nanoseconds end in 2262
  return wire_time(WallTime(std::chrono::milliseconds(std::clamp<std::int64_t>(unix_ms, 0, end_of_2261))));
}

std::string day_of(std::int64_t unix_ms) { return wire_time_of(unix_ms).substr(0, 10); }

std::int64_t total_tokens(const Usage& usage) {
  if (usage.total_tokens != 0) return usage.total_tokens;
  return std::int64_t{usage.prompt_tokens} + usage.completion_tokens;
}

Row spend_row(const SpendEvent& event, std::string id, const PlaneSettings& settings) {
  const std::int64_t end = std::max(event.end_ms, event.start_ms);
  const std::int64_t first = event.first_token_ms != 0 ? event.first_token_ms : end;
  Row row;
  row.reserve(32);
  const auto put = [&row](const char* column, Value value) { row.emplace_back(column, std::move(value)); };
  put("request_id", text(std::move(id)));
  put("call_type", text(event.call_type));
  put("api_key", text(event.api_key));
  put("spend", Value(event.spend.usd()));
  put("total_tokens", small(total_tokens(event.usage)));
  put("prompt_tokens", small(event.usage.prompt_tokens));
  put("completion_tokens", small(event.usage.completion_tokens));
  put("startTime", text(wire_time_of(event.start_ms)));
  put("endTime", text(wire_time_of(end)));
  put("request_duration_ms", small(end - event.start_ms));
  put("completionStartTime", text(wire_time_of(first)));
  put("model", text(event.model));
  put("model_id", text(event.model_id));
  put("model_group", text(event.model_group));
  put("custom_llm_provider", text(event.provider));
  put("api_base", text(event.api_base));
  put("user", text(event.user));
  put("metadata", text(metadata_of(event)));
  put("cache_hit", text(event.cache_hit));
  put("cache_key", text(event.cache_key.empty() ? "Cache OFF" : event.cache_key));
  put("request_tags", list_of(event.tags));
  put("team_id", text_or_null(event.team_id));
  put("organization_id", text_or_null(event.organization_id));
  put("end_user", text(event.end_user));
  put("requester_ip_address", text_or_null(event.requester_ip));
  put("messages", kept(event.messages, settings));
  put("response", kept(event.response, settings));
  put("session_id", text_or_null(event.session_id));
  put("status", text(event.status));
  put("agent_id", text_or_null(event.agent_id));
  put("proxy_server_request", kept(event.proxy_server_request, settings));
  return row;
}

} // namespace switchyard::storage
