// NVIDIA Triton: the generate extension, and KServe's /infer for text models and embeddings. Pure, any
// thread.
#include "providers/legacy/common.hpp"
#include "providers/legacy/families.hpp"

#include <algorithm>

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

bool ends_with_infer(const FamilyTarget& target) { return target.base.path.ends_with("/infer"); }

Result<void> prepare(FamilyTarget& target, const LitellmParams&, EnvLookup) {
  auto& path = target.base.path;
  if (target.base.origin.host.empty() || !(path.ends_with("/generate") || path.ends_with("/infer")))
    return config_error("api_base", "triton needs api_base with the whole path, such as "
                                    "http://localhost:8000/v2/models/<model>/generate, or /infer");
  return {};
}

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word("stream max_tokens max_completion_tokens", param);
}

// -- /generate

void encode_generate(const Job& job, Upstream& out) {
  constexpr std::int64_t k_default_limit = 2000;
  ValueMap body, parameters;
  set(body, "text_input", Value(joined_contents(job.request, " ")));
  set(parameters, "max_tokens", Value(max_tokens(job.request).value_or(k_default_limit)));
  set(parameters, "bad_words", Value(ValueList{text_value("")}));
  set(parameters, "stop_words", Value(ValueList{text_value("")}));
  ValueMap extras;
  copy_extras(job.request, extras);
  for (auto& [key, value] : extras) set(parameters, key, value);
  set(body, "parameters", Value(std::move(parameters)));
  set(body, "stream", Value(job.call.stream));
  out.path = path_of(job.target, job.call.stream ? "_stream" : "");
  out.body = to_json(Value(std::move(body)));
}

// -- /infer

Value tensor(string_view name, string_view type, Value data) {
  return Value(ValueMap{{"name", text_value(name)},
                        {"shape", Value(ValueList{Value(std::int64_t{1})})},
                        {"datatype", text_value(type)},
                        {"data", Value(ValueList{std::move(data)})}});
}

void encode_infer(const Job& job, Upstream& out) {
  constexpr std::int64_t k_default_limit = 20;
  ValueList inputs;
  auto& first = list_at(job.request, "messages").front();
  auto* content = first.find("content");
  inputs.push_back(tensor("text_input", "BYTES", Value(content ? content_text(*content) : std::string())));
  ValueMap extras;
  copy_extras(job.request, extras);
  for (auto& [key, value] : extras) {
    if (value.as_int())
      inputs.push_back(tensor(key, "INT32", value));
    else if (std::get_if<double>(&value.data()))
      inputs.push_back(tensor(key, "FP32", value));
    else
      inputs.push_back(tensor(key, "BYTES", value.as_string() ? value : Value(to_json(value))));
  }
  if (extras.end() ==
      std::find_if(extras.begin(), extras.end(), [](auto& item) { return item.first == "max_tokens"; }))
    inputs.push_back(tensor("max_tokens", "INT32", Value(max_tokens(job.request).value_or(k_default_limit))));
  out.path = path_of(job.target, "");
  out.body = to_json(Value(ValueMap{{"inputs", Value(std::move(inputs))}}));
}

Result<void> encode_embeddings(const Job& job, Upstream& out) {
  if (auto checked = check_embedding_params(job, ""); !checked) return checked;
  auto* input = job.request.find("input");
  ValueList texts = input && input->as_string() ? ValueList{*input} : list_at(job.request, "input");
  for (auto& text : texts)
    if (!text.as_string()) return bad_request(job.target, "input: must be a text or a list of texts");
  ValueMap item{{"name", text_value("input_text")},
                {"shape", Value(ValueList{Value(static_cast<std::int64_t>(texts.size()))})},
                {"datatype", text_value("BYTES")},
                {"data", Value(std::move(texts))}};
  out.path = path_of(job.target, "");
  out.body = to_json(Value(ValueMap{{"inputs", Value(ValueList{Value(std::move(item))})}}));
  return {};
}

Result<void> encode(Job& job, Upstream& out) {
  if (job.call.endpoint == Endpoint::embeddings) return encode_embeddings(job, out);
  if (auto checked = check_messages(job); !checked) return checked;
  ends_with_infer(job.target) ? encode_infer(job, out) : encode_generate(job, out);
  return {};
}

/// The flat data of a tensor, row by row.
Result<void> decode_embeddings(const FamilyTarget& target, const Value& root, string_view body,
                               string_view client_model, Answer& out) {
  ValueList vectors;
  for (auto& tensor : list_at(root, "outputs")) {
    auto& shape = list_at(tensor, "shape");
    auto& data = list_at(tensor, "data");
    auto* width = shape.empty() ? nullptr : shape.back().as_int();
    const auto size = static_cast<std::int64_t>(data.size());
    if (!width || *width <= 0 || size % *width != 0) return invalid_answer(target, body);
    for (auto row = data.begin(); row != data.end(); row += *width)
      vectors.push_back(Value(ValueList(row, row + *width)));
  }
  if (vectors.empty()) return invalid_answer(target, body);
  answer_vectors(vectors, {}, client_model, out);
  return {};
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  if (has(*root, "error")) return failed_answer(target, answer.body);
  if (call.endpoint == Endpoint::embeddings)
    return decode_embeddings(target, *root, answer.body, client_model, out);
  std::string text;
  if (auto* whole = root->find("text_output"); whole && whole->as_string()) {
    text = *whole->as_string();
  } else {
    auto* output = first_of(*root, "outputs");
    if (!output) return invalid_answer(target, answer.body);
    for (auto& item : list_at(*output, "data")) text += item.as_string() ? *item.as_string() : to_json(item);
  }
  answer_text(std::move(text), "stop", {}, call, client_model, out);
  return {};
}

class Stream final : public LikeOpenAiStream {
 public:
  using LikeOpenAiStream::LikeOpenAiStream;

 private:
  void on_object(const Value& chunk) override {
    text(text_at(chunk, "text_output"));
    if (auto reason = text_at(chunk, "stop_reason"); !reason.empty()) finish_with(finish_reason(reason));
    auto* last = chunk.find("is_finished");
    if (last && last->as_bool() && *last->as_bool()) end();
  }
};

/// /infer answers whole.
std::unique_ptr<StreamDecoder> stream(const FamilyTarget& target, const Call& call,
                                      string_view client_model) {
  return ends_with_infer(target) ? nullptr : make_stream<Stream>(target, call, client_model);
}

} // namespace

const Family k_triton{.name = "triton",
                      .prepare = prepare,
                      .takes = takes,
                      .encode = encode,
                      .decode = decode,
                      .stream = stream};

} // namespace switchyard::providers::legacy
