// Claude's usage objects and errors inside streams. Pure, any thread.
#include "providers/anthropic/parts.hpp"

#include <algorithm>

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

/// Counts only grow during a stream, so the larger one is the later one; some hosts end with zeros.
void read_count(const Value& object, string_view key, std::uint32_t& out) {
  double number = 0;
  auto* found = object.find(key);
  if (found && found->number(number) && number > out)
    out = static_cast<std::uint32_t>(std::min(number, 4294967295.0));
}

std::uint32_t sum(std::uint32_t a, std::uint32_t b) {
  std::uint32_t out = 0;
  return __builtin_add_overflow(a, b, &out) ? UINT32_MAX : out;
}

} // namespace

void read_usage(const Value& usage, Usage& into) {
  if (!usage.as_map()) return;
  // input_tokens leaves out what the cache read and wrote; prompt_tokens has all.
  std::uint32_t fresh = into.prompt_tokens - into.cache_read_tokens - into.cache_write_tokens;
  read_count(usage, "input_tokens", fresh);
  read_count(usage, "cache_read_input_tokens", into.cache_read_tokens);
  read_count(usage, "cache_creation_input_tokens", into.cache_write_tokens);
  if (auto* made = usage.find("cache_creation"))
    read_count(*made, "ephemeral_1h_input_tokens", into.cache_write_1h_tokens);
  read_count(usage, "output_tokens", into.completion_tokens);
  if (auto* details = usage.find("output_tokens_details"))
    read_count(*details, "thinking_tokens", into.reasoning_tokens);
  if (auto* tools = usage.find("server_tool_use"))
    read_count(*tools, "web_search_requests", into.web_searches);
  auto tier = text_at(usage, "service_tier");
  if (tier == "priority") into.tier = ServiceTier::priority;
  if (tier == "batch") into.tier = ServiceTier::batch;
  into.prompt_tokens = sum(fresh, sum(into.cache_read_tokens, into.cache_write_tokens));
  into.total_tokens = sum(into.prompt_tokens, into.completion_tokens);
  into.present = true;
}

Error stream_error(const FamilyTarget& target, string_view data) {
  struct Type {
    string_view name;
    int status;
  };
  static constexpr Type k_types[] = {
      {"invalid_request_error", 400}, {"authentication_error", 401}, {"billing_error", 402},
      {"permission_error", 403},      {"not_found_error", 404},      {"request_too_large", 413},
      {"rate_limit_error", 429},      {"timeout_error", 504},        {"overloaded_error", 529}};
  int status = 500;
  if (auto parsed = parse_json(data))
    if (auto* error = parsed->find("error"))
      for (auto& type : k_types)
        if (text_at(*error, "type") == type.name) status = type.status;
  return upstream_error(target, status, data);
}

} // namespace switchyard::providers::anthropic
