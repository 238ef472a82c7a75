// Fuzz target: what rows look at in a request, read from any JSON body and any header values.
#include "http/route_facts.hpp"

#include <cstdint>
#include <cstdlib>

using namespace switchyard;
using namespace switchyard::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  RequestHead head;
  head.headers.add({"x-litellm-tags", bytes});
  head.headers.add({"x-any-session-id", bytes});
  (void)estimate_tokens(bytes);
  LlmRequest request;
  if (!scan_object(bytes, request.scan)) return 0;
  request.body = bytes;
  if (prefix_hash(request) == 0) std::abort();
  (void)prompt_tokens(request), (void)output_tokens(request);
  auto tags = read_tags(request, head);
  if (tags && !tags->empty() && !has_tags(request, head)) std::abort();
  (void)session_of(request, head);
  return 0;
}
