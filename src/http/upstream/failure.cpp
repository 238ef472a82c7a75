// The fixed errors of the upstream client. Pure.
#include "http/upstream/failure.hpp"

#include <cstdio>

namespace switchyard::http::upstream {
namespace {

struct CancelRow {
  CancelReason reason;
  Errc code;
  std::string_view text;
};
constexpr CancelRow k_cancel_rows[] = {
    {CancelReason::connect_timeout, Errc::timeout, "Connection timed out while connecting"},
    {CancelReason::first_byte_timeout, Errc::timeout, "Connection timed out: no reply"},
    {CancelReason::idle_timeout, Errc::timeout, "Connection timed out: no data"},
    {CancelReason::total_timeout, Errc::timeout, "Connection timed out"},
    {CancelReason::draining, Errc::cancelled, "the gateway is shutting down"},
};

} // namespace

Error cancelled(CancelReason reason) {
  for (auto& row : k_cancel_rows)
    if (row.reason == reason) return failure(row.code, row.text);
  return failure(Errc::cancelled, "the client went away");
}

Error out_of_memory() {
  return failure(Errc::overloaded, "the gateway has reached its memory cap for bodies");
}

std::string seconds(Millis span) {
  char text[32];
  int size = std::snprintf(text, sizeof text, "%.10g s", static_cast<double>(span.count()) / 1000);
  return {text, static_cast<std::size_t>(size)};
}

} // namespace switchyard::http::upstream
