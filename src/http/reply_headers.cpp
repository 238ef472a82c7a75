// Response headers of an LLM answer.
#include "http/answers.hpp"
#include "http/header_text.hpp"
#include "http/relay.hpp"

#include <switchyard/environment.hpp>
#include <switchyard/version.hpp>

#include <charconv>
#include <cstring>

namespace switchyard::http {

namespace {

/// A value from the configuration that would break the head.
[[gnu::noinline]] std::string without_controls(std::string_view value) {
  std::string out;
  for (char c : value)
    if (find_control(&c, &c + 1) != &c) out += c;
  return out;
}

char* put(char* at, std::string_view text) {
  return static_cast<char*>(std::memcpy(at, text.data(), text.size())) + text.size();
}

void line(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (find_control(value.data(), value.data() + value.size()) != value.data() + value.size())
    return line(out, name, without_controls(value));
  auto before = out.size();
  out.resize(before + name.size() + value.size() + 4);
  put(put(put(put(out.data() + before, name), ": "), value), "\r\n");
}

void line(std::string& out, std::string_view name, long long value) {
  char text[24];
  line(out, name, std::string_view(text, std::to_chars(text, text + sizeof text, value).ptr));
}

/// Milliseconds with three decimals.
void line_ms(std::string& out, std::string_view name, Micros time) {
  char text[40];
  auto us = std::max<std::int64_t>(0, time.count());
  auto end = std::to_chars(text, text + sizeof text, us / 1000).ptr;
  *end++ = '.';
  auto rest = us % 1000;
  *end++ = static_cast<char>('0' + rest / 100), *end++ = static_cast<char>('0' + rest / 10 % 10);
  *end++ = static_cast<char>('0' + rest % 10);
  line(out, name, std::string_view(text, end));
}

bool detailed_timing() {
  static const bool on = [] {
    auto value = environment_or_empty("LITELLM_DETAILED_TIMING");
    return value == "true" || value == "True" || value == "1";
  }();
  return on;
}

} // namespace

void append_timeout_header(std::string& out, double seconds) {
  char text[40];
  line(out, "x-litellm-timeout",
       std::string_view(text, std::to_chars(text, text + sizeof text, seconds).ptr));
}

std::string reply_headers(const Attempt& attempt, std::string_view content_type,
                          std::string_view raw_upstream, Micros upstream_time) {
  std::string out;
  out.reserve(1024);
  auto elapsed =
      std::chrono::duration_cast<Micros>(attempt.context.shard.now() - attempt.context.exchange.received);
  auto in_upstream = attempt.upstream_before + upstream_time;
  line(out, "Content-Type", content_type);
  line(out, "x-litellm-model-id", attempt.deployment.row.id);
  line(out, "x-litellm-model-group", attempt.group.name);
  line(out, "x-litellm-model-api-base", attempt.target->api_base_public);
  line(out, "x-litellm-version", k_version);
  line_ms(out, "x-litellm-response-duration-ms", elapsed);
  line_ms(out, "x-litellm-overhead-duration-ms", elapsed - in_upstream);
  if (detailed_timing()) line_ms(out, "x-litellm-timing-llm-api-ms", in_upstream);
  append_timeout_header(out, attempt.request.stream ? attempt.stream_timeout : attempt.timeout);
  line(out, "x-litellm-attempted-retries", attempt.retries);
  line(out, "x-litellm-attempted-fallbacks", attempt.fallbacks);
  line(out, "x-litellm-max-retries", attempt.max_retries);
  append_provider_headers(out, raw_upstream);
  return out;
}

} // namespace switchyard::http
