// Turns a reply and its behaviour into a schedule of writes. Pure.
#include "plan.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace switchyard::mock {
namespace {

constexpr std::string_view k_last_chunk = "0\r\n\r\n";

constexpr struct {
  std::uint16_t status;
  std::string_view reason;
} k_reasons[] = {{200, "OK"},          {400, "Bad Request"},        {401, "Unauthorized"},
                 {404, "Not Found"},   {429, "Too Many Requests"},  {500, "Internal Server Error"},
                 {502, "Bad Gateway"}, {503, "Service Unavailable"}};

/// LF to CRLF and ": ping" comments, keeping patch_at on the digits.
Event dressed(const Event& event, const Behaviour& b) {
  Event out = event;
  out.text.clear();
  if (b.comments) out.text = b.crlf_events ? ": ping\r\n\r\n" : ": ping\n\n";
  for (std::size_t i = 0; i < event.text.size(); i++) {
    if (i == event.patch_at) out.patch_at = out.text.size();
    if (b.crlf_events && event.text[i] == '\n') out.text += '\r';
    out.text += event.text[i];
  }
  return out;
}

Step step_of(const Event& event, std::uint32_t repeat, std::uint32_t first) {
  Step step;
  step.bytes = chunked(event.text);
  step.repeat = repeat;
  step.first = first;
  if (event.patch_at != std::string::npos) step.patch_at = event.patch_at + step.bytes.find("\r\n") + 2;
  return step;
}

/// Adds `n` copies of a content event, `seen` content chunks having gone before.
void add_content(Plan& plan, const Event& event, std::uint32_t n, std::uint32_t seen, const Behaviour& b) {
  if (b.interval_us == 0 || n == 0) {
    if (n > 0) plan.steps.push_back(step_of(event, n, event.first));
    return;
  }
  // The first burst goes out with the role event; from there on each burst waits one interval.
  auto ahead = seen % b.burst == 0 && seen > 0 ? 0u : std::min(n, b.burst - seen % b.burst);
  if (ahead > 0) plan.steps.push_back(step_of(event, ahead, event.first));
  if (n == ahead) return;
  auto rest = step_of(event, n - ahead, event.first + ahead);
  rest.wait_us = b.interval_us;
  rest.burst = b.burst;
  plan.steps.push_back(std::move(rest));
}

/// How a cut stream ends; false when nothing cuts it here.
bool cut(Plan& plan, std::uint32_t seen, const Behaviour& b) {
  auto at = [seen](std::int32_t n) { return n >= 0 && seen >= static_cast<std::uint32_t>(n); };
  if (at(b.fail_after)) {
    Step step;
    step.bytes = chunked(
        "data: {\"error\":{\"message\":\"The server had an error while processing your request. Sorry "
        "about that!\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n");
    step.bytes += k_last_chunk;
    plan.steps.push_back(std::move(step));
    return true;
  }
  if (at(b.abort_after)) plan.end = End::close;
  if (at(b.stall_after)) plan.end = End::stall;
  return at(b.abort_after) || at(b.stall_after);
}

std::uint32_t content_limit(const Behaviour& b) {
  std::uint32_t limit = UINT32_MAX;
  for (auto n : {b.fail_after, b.abort_after, b.stall_after})
    if (n >= 0) limit = std::min(limit, static_cast<std::uint32_t>(n));
  return limit;
}

void add_events(Plan& plan, const Reply& reply, const Behaviour& b) {
  std::uint32_t seen = 0;
  auto limit = content_limit(b);
  bool role_sent = false;
  for (const auto& raw : reply.events) {
    // A stream cut after 0 chunks ends before its role event, unless that is asked for.
    if ((seen >= limit && (role_sent || (limit == 0 && !b.role_first))) && cut(plan, seen, b)) return;
    auto event = dressed(raw, b);
    if (!event.content) {
      plan.steps.push_back(step_of(event, 1, 0));
      role_sent = true;
      continue;
    }
    auto n = std::min(event.repeat, limit - seen);
    add_content(plan, event, n, seen, b);
    seen += n;
    role_sent = true;
  }
  if (seen >= limit && cut(plan, seen, b)) return;
  Step last;
  last.bytes = k_last_chunk;
  plan.steps.push_back(std::move(last));
}

Plan stream_plan(const Reply& reply, const Behaviour& b) {
  Plan plan;
  plan.first = status_line(reply.status) + header_lines(reply, b) + "transfer-encoding: chunked\r\n\r\n";
  add_events(plan, reply, b);
  return plan;
}

std::string framed_body(const Reply& reply) {
  return chunked(reply.body) + "0\r\nx-mock-trailer: yes\r\n\r\n";
}

/// Status line, rest of the head, body: three writes when a delay stands between them.
Plan slow_body_plan(const Reply& reply, const Behaviour& b, std::string_view framing) {
  Plan plan;
  Step rest, tail;
  plan.first = status_line(reply.status);
  rest.wait_us = b.head_delay_us;
  rest.bytes = header_lines(reply, b).append(framing);
  tail.wait_us = b.body_delay_us;
  tail.bytes = b.trailers ? framed_body(reply) : reply.body;
  plan.steps = {std::move(rest), std::move(tail)};
  return plan;
}

Plan body_plan(const Reply& reply, const Behaviour& b) {
  auto framing = b.trailers ? std::string("trailer: x-mock-trailer\r\ntransfer-encoding: chunked\r\n\r\n")
                            : "content-length: " + std::to_string(reply.body.size()) + "\r\n\r\n";
  if (b.head_delay_us > 0 || b.body_delay_us > 0) return slow_body_plan(reply, b, framing);
  Plan plan;
  auto headers = header_lines(reply, b);
  plan.first.reserve(reply.body.size() + headers.size() + 256);
  plan.first.append(status_line(reply.status)).append(headers).append(framing);
  if (b.trailers)
    plan.first.append(framed_body(reply));
  else
    plan.first.append(reply.body);
  return plan;
}

/// All bytes in pieces of `size`, 1 ms apart.
Plan dribbled(Plan plan, std::uint32_t size) {
  std::string all = std::move(plan.first);
  for (const auto& step : plan.steps)
    for (std::uint32_t k = 0; k < step.repeat; k++) step.append_copy(all, k);
  plan.first.clear();
  plan.steps.clear();
  for (std::size_t at = 0; at < all.size(); at += size) {
    Step step;
    step.wait_us = at == 0 ? 0 : 1000;
    step.bytes = all.substr(at, size);
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

void delay_first(Plan& plan, std::uint32_t us) {
  Step step;
  step.wait_us = us;
  step.bytes = std::move(plan.first);
  plan.first.clear();
  plan.steps.insert(plan.steps.begin(), std::move(step));
}

} // namespace

void Step::append_copy(std::string& out, std::uint32_t k) const {
  out += bytes;
  if (patch_at == std::string::npos) return;
  char digits[16];
  std::snprintf(digits, sizeof digits, "%04u", (first + k) % 10000);
  std::memcpy(out.data() + out.size() - bytes.size() + patch_at, digits, 4);
}

std::string status_line(std::uint16_t status, std::string_view version) {
  std::string_view reason = "Mock";
  for (const auto& row : k_reasons)
    if (row.status == status) reason = row.reason;
  return std::string(version) + " " + std::to_string(status) + " " + std::string(reason) + "\r\n";
}

std::string header_lines(const Reply& reply, const Behaviour& b) {
  std::string out;
  out.reserve(256);
  out += "content-type: ";
  out += reply.is_stream ? std::string_view("text/event-stream; charset=utf-8") : reply.content_type;
  out += "\r\nx-request-id: req_0123456789abcdef\r\n";
  out += reply.headers;
  if (b.close) out += "connection: close\r\n";
  if (b.header_bytes > 0) out.append("x-mock-huge: ").append(b.header_bytes, 'h').append("\r\n");
  for (std::uint32_t i = 0; i < b.header_count; i++) out += "x-mock-" + std::to_string(i) + ": value\r\n";
  return out;
}

std::string chunked(std::string_view text) {
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  return text.empty() ? std::string() : std::string(size).append(text).append("\r\n");
}

Plan make_plan(const Reply& reply, const Call& call) {
  const auto& b = call.behaviour;
  auto plan = b.fault != Fault::none ? make_fault(reply, b)
              : reply.is_stream      ? stream_plan(reply, b)
                                     : body_plan(reply, b);
  if (b.close && plan.end == End::keep) plan.end = End::close;
  if (b.informational)
    plan.first.insert(
        0, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </mock>; rel=preload\r\n\r\n");
  if (b.dribble > 0) plan = dribbled(std::move(plan), b.dribble);
  if (b.delay_us > 0) delay_first(plan, b.delay_us);
  return plan;
}

} // namespace switchyard::mock
