// One understood request: endpoint, model, and the few body fields the mock acts on. Valid until the next
// request is read (it points into the connection's buffer and the shared parser). Runs on the mock's only
// thread.
#pragma once

#include "behaviour.hpp"
#include "request.hpp"

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::mock {

struct Call {
  const Request* request = nullptr;
  Behaviour behaviour;
  simdjson::dom::element json;
  bool has_json = false;
  bool stream = false, include_usage = false;
  std::string model;
  std::uint64_t number = 0; ///< counts requests; makes ids
};

/// One SSE event. `repeat` > 1 means copies whose text has four digits at `patch_at`, counted up from
/// `first`, so that a test sees lost or reordered events while a burst costs one memcpy per event.
struct Event {
  std::string text;
  bool content = false; ///< counts as a chunk for pacing and for fail-after
  std::uint32_t repeat = 1, first = 0;
  std::size_t patch_at = std::string::npos;
};

/// The reply before it is put on the wire (plan.cpp).
struct Reply {
  std::uint16_t status = 200;
  std::string_view content_type =
      "application/json"; ///< a literal, or text that outlives the plan being made
  std::string headers;    ///< "name: value\r\n"...
  std::string body;
  bool is_stream = false;
  std::vector<Event> events;
};

/// Reads model and stream options from JSON, multipart or the path (/engines/{m}/, /openai/deployments/{m}/),
/// then the behaviour from model, x-mock header and query.
Call read_call(const Request& request, simdjson::dom::parser& parser);

/// A field of a multipart/form-data body; empty when absent.
std::string_view form_field(std::string_view body, std::string_view name);

/// Members of the JSON body with a fallback; the fallback too when the body is not JSON.
std::string_view text_of(const Call& call, const char* key, std::string_view fallback = {});
std::uint64_t count_of(const Call& call, const char* key, std::uint64_t fallback);
bool flag_of(const Call& call, const char* key, bool fallback = false);

/// {"method","path","query","headers","header_list","body","json"} of the received request.
std::string echo_json(const Call& call);

} // namespace switchyard::mock
