// Response headers of an LLM answer.
#include "http/answers.hpp"
#include "http/bill.hpp"
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

constexpr std::size_t k_longest_number = 40;

/// Appends lines to a string that was made large enough beforehand; cuts it to size at the end.
class Lines {
 public:
  Lines(std::string& out, std::size_t room) : out_(out), before_(out.size()) {
    out.resize(before_ + room);
    at_ = out.data() + before_;
  }
  ~Lines() { out_.resize(static_cast<std::size_t>(at_ - out_.data())); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (has_control(value)) return text(name, without_controls(value)); // shorter
    put(name), put(": "), put(value), put("\r\n");
  }
  template <class Number>
  void number(std::string_view name, Number value) {
    put(name), put(": ");
    at_ = std::to_chars(at_, at_ + k_longest_number, value).ptr;
    put("\r\n");
  }
  /// Milliseconds with three decimals.
  void ms(std::string_view name, Micros time) {
    auto us = std::max<std::int64_t>(0, time.count());
    put(name), put(": ");
    at_ = std::to_chars(at_, at_ + k_longest_number, us / 1000).ptr;
    auto rest = static_cast<int>(us % 1000);
    const char digits[] = {'.', digit(rest / 100), digit(rest / 10 % 10), digit(rest % 10)};
    put({digits, sizeof digits}), put("\r\n");
  }

 private:
  static char digit(int value) { return static_cast<char>('0' + value); }
  void put(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  std::string& out_;
  std::size_t before_;
  char* at_;
};

bool detailed_timing() {
  static const bool on = [] {
    auto value = environment_or_empty("LITELLM_DETAILED_TIMING");
    return value == "true" || value == "True" || value == "1";
  }();
  return on;
}

} // namespace

void append_timeout_header(std::string& out, double seconds) {
  Lines(out, 24 + k_longest_number).number("x-litellm-timeout", seconds);
}

std::string reply_headers(const Attempt& attempt, std::string_view content_type,
                          std::string_view raw_upstream, Micros upstream_time) {
  auto elapsed =
      std::chrono::duration_cast<Micros>(attempt.context.shard.now() - attempt.context.exchange.received);
  auto in_upstream = attempt.upstream_before + upstream_time;
  auto& id = attempt.deployment.row.id;
  auto& base = attempt.target->api_base_public;
  std::string out;
  out.reserve(1024 + raw_upstream.size() + raw_upstream.size() / 2);
  {
    constexpr std::size_t k_names_and_numbers = 12 * (40 + k_longest_number);
    Lines lines(out, k_names_and_numbers + content_type.size() + id.size() + attempt.group.name.size() +
                         base.size() + k_version.size());
    lines.text("Content-Type", content_type);
    lines.text("x-litellm-model-id", id);
    lines.text("x-litellm-model-group", attempt.group.name);
    lines.text("x-litellm-model-api-base", base);
    lines.text("x-litellm-version", k_version);
    lines.ms("x-litellm-response-duration-ms", elapsed);
    lines.ms("x-litellm-overhead-duration-ms", elapsed - in_upstream);
    if (detailed_timing()) lines.ms("x-litellm-timing-llm-api-ms", in_upstream);
    lines.number("x-litellm-timeout", attempt.request.stream ? attempt.stream_timeout : attempt.timeout);
    lines.number("x-litellm-attempted-retries", attempt.retries);
    lines.number("x-litellm-attempted-fallbacks", attempt.fallbacks);
    lines.number("x-litellm-max-retries", attempt.max_retries);
  }
  append_provider_headers(out, raw_upstream);
  if (attempt.bill) attempt.bill->append_headers(out);
  return out;
}

} // namespace switchyard::http
