// Embeddings by InvokeModel: Cohere (batches), Titan, Nova and TwelveLabs (a call for each input, the answers
// joined). Pure, any thread.
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/tree.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/policy.hpp"

#include <switchyard/json_scan.hpp>
#include <switchyard/kept_answers.hpp>

#include <algorithm>

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

constexpr std::size_t k_most_inputs = 2048; ///< as many as OpenAI takes

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
    if (has_word("model input encoding_format user dimensions model_id region_name bucketOwner", key))
      continue;
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

/// {"image":{"format","source":{"bytes"}}}, likewise audio and video, or {"text":{..}}.
void put_nova_input(const std::string& input, ValueMap& params) {
  const auto media = read_media(input);
  const auto slash = media.mime.find('/');
  const auto kind = media.inline_data() ? media.mime.substr(0, slash) : string_view();
  if (kind != "image" && kind != "audio" && kind != "video") {
    const bool stored = input.starts_with("s3://");
    ValueMap text{{"truncationMode", str("END")}};
    put(text, stored ? "source" : "value",
        stored ? tagged("s3Location", tagged("uri", str(input))) : str(input));
    return put(params, "text", Value(std::move(text)));
  }
  const auto format = media.mime.substr(slash + 1);
  put(params, kind,
      Value(ValueMap{{"format", str(format == "jpg" ? string_view("jpeg") : format)},
                     {"source", tagged("bytes", str(media.data))}}));
}

/// What the client says beside the input are members of singleEmbeddingParams.
Result<ValueMap> nova_body(const Job& job, const ModelRoute&, const std::vector<std::string>& inputs) {
  ValueMap params;
  copy_rest(job.request, params);
  auto has = [&params](string_view key) {
    return std::any_of(params.begin(), params.end(), [key](auto& member) { return member.first == key; });
  };
  auto* dimensions = job.request.find("dimensions");
  if (!has("embeddingPurpose")) put(params, "embeddingPurpose", str("GENERIC_INDEX"));
  if (!has("embeddingDimension"))
    put(params, "embeddingDimension", dimensions && dimensions->as_int() ? *dimensions : num(3072));
  if (!has("text") && !has("image") && !has("audio") && !has("video")) put_nova_input(inputs[0], params);
  return ValueMap{{"schemaVersion", str("nova-multimodal-embed-v1")},
                  {"taskType", str("SINGLE_EMBEDDING")},
                  {"singleEmbeddingParams", Value(std::move(params))}};
}

Value marengo_source(const Job& job, const std::string& input) {
  if (!input.starts_with("s3://")) {
    const auto media = read_media(input);
    return tagged("base64String", str(media.inline_data() ? media.data : string_view(input)));
  }
  ValueMap place{{"uri", str(input)}};
  if (auto* owner = job.request.find("bucketOwner")) put(place, "bucketOwner", *owner);
  return tagged("s3Location", Value(std::move(place)));
}

/// Marengo 3 nests the input under its type, 2.7 does not.
Result<ValueMap> marengo_body(const Job& job, const ModelRoute& route,
                              const std::vector<std::string>& inputs) {
  auto type = text_at(job.request, "inputType");
  if (type.empty()) type = text_at(job.request, "input_type", "text");
  if (type != "text" && type != "image")
    return bad_request(job.target, "input_type: '" + std::string(type.substr(0, 40)) +
                                       "' is served by asynchronous calls only: send text or image");
  const bool text = type == "text", nested = route.base.find("marengo-embed-3") != std::string::npos;
  ValueMap body{{"inputType", str(type)}}, input;
  auto& holder = nested ? input : body;
  put(holder, text ? "inputText" : "mediaSource", text ? str(inputs[0]) : marengo_source(job, inputs[0]));
  if (nested)
    put(body, type, Value(std::move(input)));
  else if (text && !job.request.find("textTruncate"))
    put(body, "textTruncate", str("end"));
  copy_rest(job.request, body);
  switchyard::erase(body, "input_type");
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

struct Maker {
  string_view part, name;
  Result<ValueMap> (*make)(const Job&, const ModelRoute&, const std::vector<std::string>&);
  bool takes_rest = true; ///< the body's top level does
};
constexpr Maker k_makers[] = {{"titan", "Titan", titan_body},
                              {"nova", "Nova", nova_body, false},
                              {"marengo", "TwelveLabs", marengo_body, false}};

bool is_cohere(const ModelRoute& route) {
  return route.base.starts_with("cohere.") || route.provider == "cohere";
}

/// Models that embed one input for each call.
const Maker* one_each(const ModelRoute& route) {
  if (is_cohere(route)) return nullptr;
  for (auto& maker : k_makers)
    if (route.base.find(maker.part) != std::string::npos) return &maker;
  return nullptr;
}

std::string vector_text(const Value& vector) { return vector.as_list() ? to_json(vector) : std::string(); }

/// Titan: "embedding"; Nova and TwelveLabs: a list of {"embedding"}; Cohere: "embeddings", a list of vectors
/// or
/// {"float":[..]}.
std::vector<std::string> vectors_of(const Value& answer) {
  std::vector<std::string> out;
  if (auto* one = answer.find("embedding")) out.push_back(vector_text(*one));
  for (auto key : {"data", "embeddings"})
    for (auto& item : list_at(answer, key))
      if (auto* one = item.find("embedding")) out.push_back(vector_text(*one));
  if (!out.empty()) return out;
  const Value* many = answer.find("embeddings");
  if (many && many->as_map() && !many->as_map()->empty())
    many = many->find("float") ? many->find("float") : &many->as_map()->front().second;
  if (many && many->as_list())
    for (auto& vector : *many->as_list()) out.push_back(vector_text(vector));
  std::erase(out, std::string());
  return out;
}

Usage usage_of(string_view headers, const Value& answer) {
  Usage usage;
  if (auto* count = answer.find("inputTextTokenCount"); count && count->as_int())
    usage.prompt_tokens = count_at(answer, "inputTextTokenCount"), usage.present = true;
  read_header_usage(headers, usage);
  usage.total_tokens = usage.prompt_tokens;
  return usage;
}

} // namespace

namespace {

/// `part` = which input, where the model takes one at a time.
Result<void> encode_part(Job& job, const ModelRoute& route, std::size_t part, Upstream& out) {
  auto inputs = inputs_of(job);
  if (!inputs) return inputs.error();
  const bool cohere = is_cohere(route);
  const auto* maker = one_each(route);
  if (!cohere && !maker)
    return bad_request(
        job.target, "model: embeddings of Bedrock are built for Titan, Nova, TwelveLabs and Cohere models");
  if (maker && inputs->size() > k_most_inputs)
    return bad_request(job.target, "input: at most " + std::to_string(k_most_inputs) + " for " +
                                       std::string(maker->name) + ", which embeds one for each call, got " +
                                       std::to_string(inputs->size()));
  if (maker) *inputs = {std::move((*inputs)[std::min(part, inputs->size() - 1)])};
  auto body = cohere ? Result<ValueMap>(cohere_body(job, *inputs)) : maker->make(job, route, *inputs);
  if (!body) return body.error();
  if (!maker || maker->takes_rest) copy_rest(job.request, *body);
  out.path = model_path(job.target, route, "invoke");
  out.body = to_json(Value(std::move(*body)));
  return {};
}

std::size_t inputs_in(const Call& call) {
  auto* input = call.json ? call.json->find("input") : nullptr;
  std::size_t count = 0;
  string_view element;
  for (std::size_t at = 0; input && next_element(call.json->raw(*input), at, element); ++count)
    if (!element.starts_with('"') && !element.starts_with('[')) return 1; // one list of token ids
  return count;
}

} // namespace

Result<void> encode_embeddings(Job& job, const ModelRoute& route, Upstream& out) {
  return encode_part(job, route, 0, out);
}

Result<bool> next_embedding(const FamilyTarget& target, const Call& call, const UpstreamAnswer&, int round,
                            Upstream& out, Millis& wait) {
  const auto part = static_cast<std::size_t>(round) + 1;
  const auto route = route_of(target, call);
  if (!one_each(route) || part >= inputs_in(call)) return false;
  auto request = make_request(target, call);
  if (!request) return request.error();
  Job job{target, call, std::move(*request)};
  for (auto key : {"model_id", "region_name"}) take(job.request, key);
  if (auto done = encode_part(job, route, part, out); !done) return done.error();
  wait = k_keep_answer;
  return true;
}

Result<void> decode_embeddings(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                               string_view client_model, Answer& out) {
  std::vector<std::string> vectors;
  auto read = [&](string_view headers, string_view body) {
    auto parsed = parse_json(body);
    auto more = parsed ? vectors_of(*parsed) : std::vector<std::string>();
    if (more.empty()) return Result<void>(invalid_answer(target, body));
    std::move(more.begin(), more.end(), std::back_inserter(vectors));
    add(out.usage, usage_of(headers, *parsed));
    return Result<void>();
  };
  const auto parts = unpack_answers(answer.body);
  for (auto& part : parts)
    if (auto done = read(part.headers, part.body); !done) return done;
  if (parts.empty())
    if (auto done = read(answer.headers, answer.body); !done) return done;
  out.body = write_embeddings(vectors, out.usage, client_model.empty() ? call.model : client_model);
  return {};
}

} // namespace switchyard::providers::bedrock
