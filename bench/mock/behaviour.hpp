// What one request asks the mock to do: a list of words such as "delay-250+status-429", from the model name
// ("mock-delay-250"), the x-mock header, the query (?mock=...) or a script. Immutable once built; knows no
// sockets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::mock {

/// Replies that are not proper HTTP, or none at all.
enum class Fault : std::uint8_t {
  none,
  close_before_reply,
  reset_before_reply,
  close_mid_head,
  truncated,
  bad_chunked,
  bad_status_line,
  two_lengths,
  length_and_chunked,
  no_length,
  http_1_0
};

/// Named upstream refusals with a body of their own (replies.cpp).
enum class Refusal : std::uint8_t { none, plain, html, context_window, content_policy };

struct Behaviour {
  std::uint32_t delay_us = 0;      ///< before the first byte
  std::uint32_t head_delay_us = 0; ///< between the status line and the rest of the head
  std::uint32_t body_delay_us = 0; ///< between head and body
  std::uint32_t dribble = 0;       ///< bytes per write, 1 ms apart; 0 = all at once
  std::uint16_t status = 200;
  std::int32_t retry_after = -1;
  bool retry_after_date = false;
  Refusal refusal = Refusal::none;
  Fault fault = Fault::none;

  std::uint32_t chunks = 5, interval_us = 0, burst = 1;
  std::int32_t fail_after = -1, abort_after = -1, stall_after = -1;
  bool no_done = false, crlf_events = false, comments = false;
  bool role_first = false, hollow = false, pings = false;

  bool echo = false, informational = false, trailers = false, close = false;
  std::uint32_t big = 0, header_bytes = 0, header_count = 0;
  std::uint32_t tpm = 0, rpm = 0;
  std::uint32_t prompt_tokens = 42, completion_tokens = 31;

  bool scripted_body = false; ///< answer `body` as it stands
  std::string body, content_type, headers;
  std::string unknown; ///< first word that no row knows; the request is then refused with 400
};

/// Applies words joined by '+' or ','.
void apply_words(Behaviour& behaviour, std::string_view words);
/// Applies the words of a "mock-..." model name; other names change nothing.
void apply_model(Behaviour& behaviour, std::string_view model);
/// One line per word, for --help.
std::string list_words();

} // namespace switchyard::mock
