// The table of behaviour words. Pure; adding a behaviour is one row here and its effect in plan.cpp or
// faults.cpp.
#include "behaviour.hpp"

#include <charconv>

namespace switchyard::mock {
namespace {

using Arg = std::string_view;

template <class T>
bool number(Arg arg, T& out, T factor = 1) {
  auto [end, ec] = std::from_chars(arg.data(), arg.data() + arg.size(), out);
  out = static_cast<T>(out * factor);
  return ec == std::errc{} && end == arg.data() + arg.size();
}

template <class T>
bool number_or(Arg arg, T& out, T fallback) {
  if (!arg.empty()) return number(arg, out);
  out = fallback;
  return true;
}

bool flag(Arg arg, bool& out) { return arg.empty() && (out = true); }

bool fault(Arg arg, Behaviour& b, Fault f) {
  b.fault = f;
  return arg.empty();
}

bool refuse(Behaviour& b, Refusal refusal, std::uint16_t status) {
  b.refusal = refusal;
  b.status = status;
  return true;
}

bool set_status(Behaviour& b, Arg a) {
  if (!number(a, b.status)) return false;
  b.refusal = b.status < 400 ? Refusal::none : Refusal::plain;
  return true;
}

/// "20x50ms", "20x500us", "20" (burst).
bool set_stream(Behaviour& b, Arg a) {
  auto x = a.find('x');
  if (!number(a.substr(0, x), b.chunks)) return false;
  if (x == a.npos) return true;
  auto gap = a.substr(x + 1);
  std::uint32_t unit = 1000;
  if (gap.ends_with("us")) unit = 1;
  if (gap.ends_with("us") || gap.ends_with("ms")) gap.remove_suffix(2);
  return number(gap, b.interval_us, unit);
}

bool set_usage(Behaviour& b, Arg a) {
  auto dash = a.find('-');
  return dash != a.npos && number(a.substr(0, dash), b.prompt_tokens) &&
         number(a.substr(dash + 1), b.completion_tokens);
}

struct Word {
  std::string_view name;
  bool (*apply)(Behaviour&, Arg);
  std::string_view help;
};

constexpr std::uint32_t k_ms = 1000;
constexpr Word k_words[] = {
    {"delay", [](Behaviour& b, Arg a) { return number(a, b.delay_us, k_ms); }, "N ms before the first byte"},
    {"slow-headers", [](Behaviour& b, Arg a) { return number(a, b.head_delay_us, k_ms); },
     "N ms between status line and head"},
    {"slow-body", [](Behaviour& b, Arg a) { return number(a, b.body_delay_us, k_ms); },
     "N ms between head and body"},
    {"dribble", [](Behaviour& b, Arg a) { return number_or(a, b.dribble, 1u); },
     "N bytes per write, 1 ms apart"},
    {"status", set_status, "that status with OpenAI's error body"},
    {"retry-after",
     [](Behaviour& b, Arg a) { return refuse(b, Refusal::plain, 429) && number(a, b.retry_after); },
     "429 with retry-after: N"},
    {"retry-after-date",
     [](Behaviour& b, Arg a) {
       return refuse(b, Refusal::plain, 429) && flag({}, b.retry_after_date) && number(a, b.retry_after);
     },
     "429 with retry-after as an HTTP date N s ahead"},
    {"html",
     [](Behaviour& b, Arg a) {
       return refuse(b, Refusal::html, 502) && number_or<std::uint16_t>(a, b.status, 502);
     },
     "an HTML error page with status N (502)"},
    {"context-window", [](Behaviour& b, Arg) { return refuse(b, Refusal::context_window, 400); },
     "400 context_length_exceeded"},
    {"content-policy", [](Behaviour& b, Arg) { return refuse(b, Refusal::content_policy, 400); },
     "400 content_policy_violation"},
    {"stream", set_stream, "NxM: N chunks M ms (or Mus) apart; N alone: at once"},
    {"burst", [](Behaviour& b, Arg a) { return number(a, b.burst) && b.burst > 0; }, "N chunks per interval"},
    {"stream-fail-after", [](Behaviour& b, Arg a) { return number(a, b.fail_after); },
     "an error chunk after N chunks"},
    {"stream-abort-after", [](Behaviour& b, Arg a) { return number(a, b.abort_after); },
     "closes mid-body after N chunks"},
    {"stream-stall-after", [](Behaviour& b, Arg a) { return number(a, b.stall_after); },
     "goes silent after N chunks, connection open"},
    {"stream-no-done", [](Behaviour& b, Arg a) { return flag(a, b.no_done); }, "no [DONE]"},
    {"stream-crlf", [](Behaviour& b, Arg a) { return flag(a, b.crlf_events); }, "events end in CRLF CRLF"},
    {"stream-comments", [](Behaviour& b, Arg a) { return flag(a, b.comments); }, "': ping' between events"},
    {"stream-role-first", [](Behaviour& b, Arg a) { return flag(a, b.role_first); },
     "a stream cut after 0 chunks has its role chunk"},
    {"stream-hollow", [](Behaviour& b, Arg a) { return flag(a, b.hollow); }, "chunks without content"},
    {"stream-pings", [](Behaviour& b, Arg a) { return flag(a, b.pings); }, "': ping' instead of chunks"},
    {"close-before-reply", [](Behaviour& b, Arg a) { return fault(a, b, Fault::close_before_reply); },
     "reads the request and closes"},
    {"reset", [](Behaviour& b, Arg a) { return fault(a, b, Fault::reset_before_reply); },
     "reads the request and sends RST"},
    {"close-mid-head", [](Behaviour& b, Arg a) { return fault(a, b, Fault::close_mid_head); },
     "closes inside the head"},
    {"truncated", [](Behaviour& b, Arg a) { return fault(a, b, Fault::truncated); },
     "half of the promised Content-Length"},
    {"bad-chunked", [](Behaviour& b, Arg a) { return fault(a, b, Fault::bad_chunked); },
     "a broken chunk size"},
    {"bad-status-line", [](Behaviour& b, Arg a) { return fault(a, b, Fault::bad_status_line); }, "not HTTP"},
    {"two-lengths", [](Behaviour& b, Arg a) { return fault(a, b, Fault::two_lengths); },
     "two different Content-Lengths"},
    {"length-and-chunked", [](Behaviour& b, Arg a) { return fault(a, b, Fault::length_and_chunked); },
     "Content-Length and Transfer-Encoding"},
    {"no-length", [](Behaviour& b, Arg a) { return fault(a, b, Fault::no_length); },
     "body ends with the connection"},
    {"http10", [](Behaviour& b, Arg a) { return fault(a, b, Fault::http_1_0); },
     "an HTTP/1.0 reply, then closes"},
    {"close", [](Behaviour& b, Arg a) { return flag(a, b.close); }, "a good reply with Connection: close"},
    {"1xx", [](Behaviour& b, Arg a) { return flag(a, b.informational); }, "100 and 103 before the reply"},
    {"trailers", [](Behaviour& b, Arg a) { return flag(a, b.trailers); }, "chunked body with trailers"},
    {"huge-header", [](Behaviour& b, Arg a) { return number_or(a, b.header_bytes, 262144u); },
     "one header of N bytes (262144)"},
    {"many-headers", [](Behaviour& b, Arg a) { return number_or(a, b.header_count, 1000u); },
     "N headers (1000)"},
    {"big", [](Behaviour& b, Arg a) { return number(a, b.big); }, "N bytes of text in the answer"},
    {"echo", [](Behaviour& b, Arg a) { return flag(a, b.echo); }, "the received request as JSON in the text"},
    {"tpm", [](Behaviour& b, Arg a) { return number(a, b.tpm); }, "429 once the minute's tokens exceed N"},
    {"rpm", [](Behaviour& b, Arg a) { return number(a, b.rpm); }, "429 once the minute's requests exceed N"},
    {"usage", set_usage, "P-C: prompt and completion tokens"},
    {"as", [](Behaviour&, Arg) { return true; }, "NAME: no effect, makes model names distinct"},
};

void apply_word(Behaviour& b, std::string_view word) {
  const Word* best = nullptr;
  for (const auto& row : k_words) {
    bool fits = word == row.name || (word.starts_with(row.name) && word[row.name.size()] == '-');
    if (fits && (!best || row.name.size() > best->name.size())) best = &row;
  }
  auto arg = best && word.size() > best->name.size() ? word.substr(best->name.size() + 1) : Arg{};
  if (!(best && best->apply(b, arg)) && b.unknown.empty()) b.unknown = word;
}

} // namespace

void apply_words(Behaviour& behaviour, std::string_view words) {
  while (!words.empty()) {
    auto end = words.find_first_of("+,");
    if (end != 0) apply_word(behaviour, words.substr(0, end));
    words = end == words.npos ? std::string_view{} : words.substr(end + 1);
  }
}

void apply_model(Behaviour& behaviour, std::string_view model) {
  if (model.starts_with("mock-")) apply_words(behaviour, model.substr(5));
}

std::string list_words() {
  std::string out;
  for (const auto& row : k_words) {
    out.append("  ").append(row.name).append(22 - row.name.size(), ' ').append(row.help).append("\n");
  }
  return out;
}

} // namespace switchyard::mock
