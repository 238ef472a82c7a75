// Fuzz target: what rows look at in a request, read from any JSON body and any header values; and what the
// path of a passed-on call asks for.
#include "http/route_facts.hpp"

#include "http/passed_call.hpp"

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
  for (auto provider : {"openai", "azure", "gemini", "vertex_ai", "bedrock", "cohere"}) {
    const auto call = read_passed_call(provider, bytes);
    if (call && call->stream && call->model.empty())
      std::abort(); // only paths say so, and they name the model
  }
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
