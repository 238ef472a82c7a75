// Vertex's models that speak OpenAI's chat format: the openapi endpoint, self-deployed containers, Mistral
// and AI21 (rawPredict), and Gemma of the model garden (inside :predict). Pure, any thread; a decoder belongs
// to one stream.
#include "providers/google/answer.hpp"
#include "providers/google/params.hpp"
#include "providers/google/routes.hpp"
#include "providers/google/urls.hpp"
#include "providers/openai/answer.hpp"
#include "providers/openai/chunk_head.hpp"

#include <switchyard/json.hpp>
#include <switchyard/json_scan.hpp>

#include <string>
#include <utility>

namespace switchyard::providers::google {
namespace {

using std::string_view;

constexpr string_view k_common =
    "temperature top_p max_tokens max_completion_tokens stream stream_options tools "
    "tool_choice n stop response_format seed extra_headers";
constexpr string_view k_more =
    "functions function_call frequency_penalty presence_penalty logprobs top_logprobs "
    "logit_bias parallel_tool_calls reasoning_effort user";

bool takes(const FamilyTarget& target, const Call& call, string_view param) {
  if (has_word(k_common, param)) return true;
  switch (read_model(target, call.model).route) {
  case Route::ai21:
    return false;
  case Route::mistral:
    return param == "parallel_tool_calls" || param == "frequency_penalty" || param == "presence_penalty";
  default:
    return has_word(k_more, param);
  }
}

void rename(Value& request, string_view from, string_view to) {
  if (auto value = take(request, from)) set(request, to, std::move(*value));
}

void to_mistral(Value& request) {
  rename(request, "seed", "random_seed");
  rename(request, "max_completion_tokens", "max_tokens");
  if (text_at(request, "tool_choice") == "required") set(request, "tool_choice", Value(std::string("any")));
}

/// The name in the body: rawPredict wants it without the version.
std::string body_model(const Model& model) {
  const bool versioned = model.route == Route::mistral || model.route == Route::ai21;
  return std::string(versioned ? model.id.substr(0, model.id.find('@')) : model.id);
}

Result<void> set_target(const Job& job, const Model& model, Upstream& out) {
  const string_view raw = job.call.stream ? "streamRawPredict" : "rawPredict";
  switch (model.route) {
  case Route::mistral:
    return set_path(job, model, raw, {.publisher = "mistralai"}, out);
  case Route::ai21:
    return set_path(job, model, raw, {.publisher = "ai21", .version = "v1beta1"}, out);
  case Route::self_deployed:
    return set_path(job, model, {}, {.version = "v1beta1", .tail = "/chat/completions"}, out);
  default:
    return set_location_path(job, "v1beta1", "endpoints/openapi/chat/completions", out);
  }
}

Result<void> encode(Job& job, const Model& model, Upstream& out) {
  auto& request = job.request;
  if (model.route == Route::mistral) to_mistral(request);
  set(request, "model", Value(model.route == Route::self_deployed ? std::string() : body_model(model)));
  take(request, "stream");
  auto options = take(request, "stream_options");
  if (job.call.stream) {
    set(request, "stream", Value(true));
    // Mistral counts unasked, and refuses the question.
    const bool asks = options || job.call.count_usage || job.call.stream_usage_wanted;
    if (asks && model.route != Route::mistral && model.route != Route::ai21) {
      Value asked = options ? std::move(*options) : Value(ValueMap{});
      set(asked, "include_usage", Value(true));
      set(request, "stream_options", std::move(asked));
    }
  }
  if (auto done = set_target(job, model, out); !done) return done;
  out.body = to_json(request);
  return {};
}

/// The answer with the client's name of the model.
Result<void> relay(const FamilyTarget& target, string_view body, string_view client_model, Answer& out) {
  Members members;
  if (!read_members(body, members, out.usage)) return invalid_answer(target, body);
  if (members.failed()) return upstream_error(target, 500, body);
  if (!members.choices.data()) return invalid_answer(target, body);
  out.body = body;
  if (members.model.starts_with('"') && !client_model.empty())
    out.body.replace(static_cast<std::size_t>(members.model.data() - body.data()), members.model.size(),
                     json_string(client_model));
  return {};
}

Result<void> decode(const FamilyTarget& target, const Call&, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  return relay(target, answer.body, client_model, out);
}

class Stream final : public StreamDecoder {
 public:
  Stream(const FamilyTarget& target, const Call& call, string_view client_model)
      : target_(target), usage_wanted_(call.stream_usage_wanted),
        model_(client_model.empty() ? std::string() : json_string(client_model)) {}

  void on_event(string_view, string_view, string_view data, StreamEvent& out) override {
    out.clear();
    if (data.empty()) return;
    if (data == "[DONE]") {
      out.done = true;
      out.data.push_back("data: [DONE]\n\n");
      return;
    }
    Members members;
    if (!head_.read(data, members, usage_)) {
      out.error = invalid_answer(target_, data);
    } else if (members.failed()) {
      out.error = upstream_error(target_, 500, data);
    } else if (!usage_wanted_ && members.has_usage() && members.choices == "[]") {
      return; // nobody asked for it
    } else {
      write(data, members, out);
    }
  }

  const Usage& usage() const override { return usage_; }

 private:
  void write(string_view data, const Members& members, StreamEvent& out) {
    out.owned = "data: ";
    const bool stamp = members.model.starts_with('"') && !model_.empty();
    const auto begin = stamp ? static_cast<std::size_t>(members.model.data() - data.data()) : data.size();
    out.owned += data.substr(0, begin);
    if (stamp) out.owned.append(model_).append(data.substr(begin + members.model.size()));
    out.owned += "\n\n";
    out.data.push_back(out.owned);
    out.choices = members.choices;
    out.content = true;
  }

  const FamilyTarget& target_;
  bool usage_wanted_;
  std::string model_;
  ChunkHead head_;
  Usage usage_;
};

// -- Gemma: {"instances":[{"@requestFormat":"chatCompletions", ...}]}

Result<void> encode_gemma(Job& job, const Model& model, Upstream& out) {
  ValueMap instance{{"@requestFormat", Value(std::string("chatCompletions"))}};
  for (auto name : {"model", "stream", "stream_options"}) take(job.request, name);
  for (auto& [name, value] : map_of(job.request)) instance.emplace_back(name, value);
  if (auto done = set_path(job, model, "predict", {}, out); !done) return done;
  out.body = to_json(Value(ValueMap{{"instances", Value(ValueList{Value(std::move(instance))})}}));
  return {};
}

Result<void> decode_gemma(const FamilyTarget& target, const Call&, const UpstreamAnswer& answer,
                          string_view client_model, Answer& out) {
  auto parsed = read_answer(target, answer.body);
  if (!parsed) return parsed.error();
  auto predictions = parsed->find("predictions");
  if (auto list = predictions ? predictions->as_list() : nullptr; list && !list->empty())
    predictions = list->data();
  if (!predictions || !predictions->as_map()) return invalid_answer(target, answer.body);
  return relay(target, to_json(*predictions), client_model, out);
}

} // namespace

const Handler k_openai_format{takes, encode, decode,
                              [](const FamilyTarget& target, const Call& call,
                                 string_view client_model) -> std::unique_ptr<StreamDecoder> {
                                return std::make_unique<Stream>(target, call, client_model);
                              }};
const Handler k_gemma{takes, encode_gemma, decode_gemma, nullptr};

} // namespace switchyard::providers::google
