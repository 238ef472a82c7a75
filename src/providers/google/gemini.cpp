// Chat with Gemini: generateContent and streamGenerateContent. Pure, any thread.
#include "providers/google/answer.hpp"
#include "providers/google/messages.hpp"
#include "providers/google/params.hpp"
#include "providers/google/routes.hpp"
#include "providers/google/tools.hpp"
#include "providers/google/urls.hpp"

namespace switchyard::providers::google {
namespace {

using std::string_view;

constexpr string_view k_taken =
    "temperature top_p max_tokens max_completion_tokens stream stream_options tools functions tool_choice "
    "function_call n stop response_format seed logprobs top_logprobs modalities audio parallel_tool_calls "
    "web_search_options service_tier extra_headers";

bool takes(const FamilyTarget&, const Call& call, const Model& model, string_view param) {
  if (param == "frequency_penalty" || param == "presence_penalty") return !model.gemini3();
  if (param == "reasoning_effort" || param == "thinking") return model.thinks();
  if (call.stream && param == "n") return false; // one candidate at a time
  return has_word(k_taken, param);
}

Result<void> encode(Job& job, const Model& model, Upstream& out) {
  ValueMap body;
  if (auto done = write_contents(job, model, body); !done) return done;
  if (auto done = write_tools(job, body); !done) return done;
  if (auto done = write_config(job, model, body); !done) return done;
  write_settings(job, body, out);
  Resource resource;
  for (auto& [name, value] : body)
    if (name == "cachedContent") resource.version = "v1beta1";
  take(job.request, "supports_system_message");
  copy_extras(job.request, body);
  if (auto done =
          set_path(job, model, job.call.stream ? "streamGenerateContent" : "generateContent", resource, out);
      !done)
    return done;
  out.body = to_json(Value(std::move(body)));
  return {};
}

} // namespace

const Handler k_gemini_chat{[](const FamilyTarget& target, const Call& call, string_view param) {
                              return takes(target, call, read_model(target, call.model), param);
                            },
                            encode, decode_gemini, stream_gemini};

} // namespace switchyard::providers::google
