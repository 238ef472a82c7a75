// Embeddings by InvokeModel: Titan (one text each call) and Cohere (batches). Pure, any thread.
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/tree.hpp"
#include "providers/family/chat.hpp"

#include <switchyard/json_scan.hpp>

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

/// "input" as a list of strings.
Result<std::vector<std::string>> inputs_of(const Job& job) {
  auto* input = job.request.find("input");
  if (input && input->as_string()) return std::vector<std::string>{*input->as_string()};
  auto* list = input ? input->as_list() : nullptr;
  if (!list || list->empty()) return bad_request(job.target, "input must be a string or a list of strings");
  std::vector<std::string> out;
  for (auto& item : *list) {
    if (!item.as_string())
      return bad_request(job.target, "input[" + std::to_string(out.size()) +
                                         "] must be a string: token ids are "
                                         "OpenAI's");
    out.push_back(*item.as_string());
  }
  return out;
}

/// What the client says beside OpenAI's members goes along.
void copy_rest(const Value& request, ValueMap& body) {
  for (auto& [key, value] : map_of(request)) {
    if (has_word("model input encoding_format user dimensions model_id region_name", key)) continue;
    if (!value.is_null()) set(body, key, value);
  }
}

/// "data:image/png;base64,..." -> its data
string_view image_data(string_view input) noexcept {
  if (!input.starts_with("data:image/")) return {};
  auto media = read_media(input);
  return media.inline_data() ? media.data : string_view();
}

Result<ValueMap> titan_body(const Job& job, const ModelRoute& route, const std::vector<std::string>& inputs) {
  if (inputs.size() > 1)
    return bad_request(job.target,
                       "input: Titan embeds one text for each call, got " + std::to_string(inputs.size()));
  const bool image = route.base.find("embed-image") != std::string::npos;
  const bool v2 = route.base.find("embed-text-v2") != std::string::npos;
  ValueMap body;
  auto data = image ? image_data(inputs[0]) : string_view();
  put(body, data.empty() ? "inputText" : "inputImage", str(data.empty() ? string_view(inputs[0]) : data));
  auto* dimensions = job.request.find("dimensions");
  if (dimensions && dimensions->as_int()) {
    if (image)
      put(body, "embeddingConfig", tagged("outputEmbeddingLength", *dimensions));
    else if (v2)
      put(body, "dimensions", *dimensions);
    else if (!drops_params(job.target, job.call))
      return unsupported_params(job.target, "dimensions is not supported by this Titan model");
  }
  return body;
}

ValueMap cohere_body(const Job& job, const std::vector<std::string>& inputs) {
  ValueMap body;
  const bool images = !image_data(inputs[0]).empty();
  put(body, images ? "images" : "texts", list_of(inputs));
  auto type = text_at(job.request, "input_type");
  put(body, "input_type", str(!type.empty() ? type : images ? "image" : "search_document"));
  if (auto* dimensions = job.request.find("dimensions")) put(body, "output_dimension", *dimensions);
  return body;
}

std::string vector_text(const Value& vector) { return vector.as_list() ? to_json(vector) : std::string(); }

/// Titan: "embedding"; Cohere: "embeddings", a list or {"float":[..]}.
std::vector<std::string> vectors_of(const Value& answer) {
  std::vector<std::string> out;
  if (auto* one = answer.find("embedding")) out.push_back(vector_text(*one));
  const Value* many = answer.find("embeddings");
  if (many && many->as_map() && !many->as_map()->empty())
    many = many->find("float") ? many->find("float") : &many->as_map()->front().second;
  if (many && many->as_list())
    for (auto& vector : *many->as_list()) out.push_back(vector_text(vector));
  std::erase(out, std::string());
  return out;
}

} // namespace

Result<void> encode_embeddings(Job& job, const ModelRoute& route, Upstream& out) {
  auto inputs = inputs_of(job);
  if (!inputs) return inputs.error();
  const bool cohere = route.base.starts_with("cohere.") || route.provider == "cohere";
  if (!cohere && route.base.find("titan") == std::string::npos)
    return bad_request(job.target, "model: embeddings of Bedrock are built for Titan and Cohere models");
  auto body = cohere ? Result<ValueMap>(cohere_body(job, *inputs)) : titan_body(job, route, *inputs);
  if (!body) return body.error();
  copy_rest(job.request, *body);
  out.path = model_path(job.target, route, "invoke");
  out.body = to_json(Value(std::move(*body)));
  return {};
}

Result<void> decode_embeddings(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                               string_view client_model, Answer& out) {
  auto parsed = parse_json(answer.body);
  auto vectors = parsed ? vectors_of(*parsed) : std::vector<std::string>();
  if (vectors.empty()) return invalid_answer(target, answer.body);
  if (auto* count = parsed->find("inputTextTokenCount"); count && count->as_int())
    out.usage.prompt_tokens = count_at(*parsed, "inputTextTokenCount"), out.usage.present = true;
  read_header_usage(answer.headers, out.usage);
  out.usage.total_tokens = out.usage.prompt_tokens;
  out.body = write_embeddings(vectors, out.usage, client_model.empty() ? call.model : client_model);
  return {};
}

} // namespace switchyard::providers::bedrock
