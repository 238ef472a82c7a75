// Replies that break HTTP, or that stop half-way: the hostile upstream. Pure.
#include "plan.hpp"

namespace switchyard::mock {
namespace {

struct Parts {
  std::string line, headers, body, length; ///< length: the Content-Length line
};

Plan nothing(const Parts&) { return {"", {}, End::close}; }
Plan reset(const Parts&) { return {"", {}, End::reset}; }
Plan mid_head(const Parts& p) { return {p.line + p.headers.substr(0, p.headers.size() / 2), {}, End::close}; }
Plan truncated(const Parts& p) {
  return {p.line + p.headers + p.length + "\r\n" + p.body.substr(0, p.body.size() / 2), {}, End::close};
}
Plan bad_chunked(const Parts& p) {
  auto head = p.line + p.headers + "transfer-encoding: chunked\r\n\r\n";
  return {head + chunked(p.body.substr(0, p.body.size() / 2)) + "zz\r\nbroken\r\n", {}, End::close};
}
Plan bad_status_line(const Parts& p) {
  return {"SPAM/9 twohundred\r\n" + p.headers + "\r\n", {}, End::close};
}
Plan two_lengths(const Parts& p) {
  return {p.line + p.headers + p.length + "content-length: 1\r\n\r\n" + p.body, {}, End::close};
}
Plan length_and_chunked(const Parts& p) {
  auto head = p.line + p.headers + p.length + "transfer-encoding: chunked\r\n\r\n";
  return {head + chunked(p.body) + "0\r\n\r\n", {}, End::close};
}
Plan no_length(const Parts& p) { return {p.line + p.headers + "\r\n" + p.body, {}, End::close}; }
Plan http_1_0(const Parts& p) {
  return {"HTTP/1.0" + p.line.substr(8) + p.headers + p.length + "\r\n" + p.body, {}, End::close};
}

constexpr struct {
  Fault fault;
  Plan (*make)(const Parts&);
} k_faults[] = {
    {Fault::close_before_reply, nothing}, {Fault::reset_before_reply, reset},
    {Fault::close_mid_head, mid_head},    {Fault::truncated, truncated},
    {Fault::bad_chunked, bad_chunked},    {Fault::bad_status_line, bad_status_line},
    {Fault::two_lengths, two_lengths},    {Fault::length_and_chunked, length_and_chunked},
    {Fault::no_length, no_length},        {Fault::http_1_0, http_1_0},
};

} // namespace

Plan make_fault(const Reply& reply, const Behaviour& behaviour) {
  Parts parts{status_line(reply.status), header_lines(reply, behaviour), reply.body, {}};
  for (const auto& event : reply.events) parts.body += event.text;
  parts.length = "content-length: " + std::to_string(parts.body.size()) + "\r\n";
  for (const auto& row : k_faults)
    if (row.fault == behaviour.fault) return row.make(parts);
  return nothing(parts);
}

} // namespace switchyard::mock
