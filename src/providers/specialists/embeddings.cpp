// Voyage, Jina and Infinity: embeddings and reranking, each a small variation of OpenAI's and Cohere's
// formats. Pure, any thread.
#include "providers/legacy/common.hpp"
#include "providers/specialists/families.hpp"
#include "providers/specialists/rerank.hpp"

namespace switchyard::providers::specialists {
namespace {

using legacy::text_value;
using std::string_view;

// -- what they share

bool takes(const FamilyTarget&, const Call&, string_view) { return true; }

/// Images as data URLs: {mime, base64 text}.
bool is_image(const Value& item) {
  auto* text = item.as_string();
  return text && text->starts_with("data:image/");
}

Result<ValueList> inputs_of(const Job& job) {
  auto* input = job.request.find("input");
  if (!input || input->is_null()) return bad_request(job.target, "input: is missing");
  if (input->as_string() || input->as_map()) return ValueList{*input};
  ValueList out = list_at(job.request, "input");
  if (out.empty()) return bad_request(job.target, "input: must be a text or a list with at least one");
  return out;
}

Result<void> refuse_tokens(const Job& job, const ValueList& inputs) {
  for (auto& item : inputs) {
    auto* list = item.as_list();
    if (item.as_int() || (list && !list->empty() && list->front().as_int()))
      return bad_request(job.target, "input: lists of tokens are not supported, send texts");
  }
  return {};
}

void send(Job& job, string_view path, ValueMap body, Upstream& out) {
  out.path = legacy::path_of(job.target, path);
  out.body = to_json(Value(std::move(body)));
}

Result<void> send_rerank(Job& job, RerankForm form, Upstream& out) {
  auto body = rerank_body(form, job.request, job.call.model);
  if (!body) return body.error();
  out.path = legacy::path_of(job.target, "/rerank");
  out.body = std::move(*body);
  return {};
}

/// data[].embedding, or Voyage's data[].data[].embedding.
void collect(const Value& root, ValueList& vectors) {
  for (auto& item : list_at(root, "data")) {
    auto* vector = item.find("embedding");
    if (vector && (vector->as_list() || vector->as_string()))
      vectors.push_back(*vector);
    else if (item.find("data"))
      collect(item, vectors);
  }
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  if (call.endpoint == Endpoint::rerank) {
    auto ranked = read_rerank(answer.body, call);
    if (!ranked) return invalid_answer(target, answer.body);
    out.body = std::move(ranked->body), out.usage = ranked->usage;
    return {};
  }
  auto root = legacy::read_object(target, answer.body);
  if (!root) return root.error();
  ValueList vectors;
  collect(*root, vectors);
  if (vectors.empty()) return invalid_answer(target, answer.body);
  legacy::answer_vectors(vectors, legacy::usage_of(*root), client_model, out);
  return {};
}

// -- Voyage

/// [[text], ..]: every text is a document of one chunk, unless the client wrote lists of chunks.
Value chunks_of(const ValueList& inputs) {
  ValueList out;
  for (auto& item : inputs) out.push_back(item.as_list() ? item : Value(ValueList{item}));
  return Value(std::move(out));
}

Value multimodal_input(const Value& item) {
  if (!item.as_string()) return item; // {"content":[..]} in the provider's own form
  auto type = is_image(item) ? "image_base64" : "text";
  ValueMap part{{"type", text_value(type)}, {type, item}};
  return Value(ValueMap{{"content", Value(ValueList{Value(std::move(part))})}});
}

Result<void> encode_voyage(Job& job, Upstream& out) {
  if (job.call.endpoint == Endpoint::rerank) return send_rerank(job, RerankForm::voyage, out);
  auto inputs = inputs_of(job);
  if (!inputs) return inputs.error();
  if (auto done = refuse_tokens(job, *inputs); !done) return done;
  ValueMap body = map_of(job.request);
  for (auto key : {"input", "dimensions", "user"}) switchyard::erase(body, key);
  set(body, "model", text_value(job.call.model));
  legacy::rename(job.request, "dimensions:output_dimension", body);
  if (text_at(job.request, "encoding_format") != "base64") switchyard::erase(body, "encoding_format");
  const auto model = job.call.model;
  if (model.find("-context-") != model.npos) {
    set(body, "inputs", chunks_of(*inputs));
    return send(job, "/contextualizedembeddings", std::move(body), out), Result<void>();
  }
  if (model.find("multimodal") != model.npos) {
    ValueList list;
    for (auto& item : *inputs) list.push_back(multimodal_input(item));
    set(body, "inputs", Value(std::move(list)));
    return send(job, "/multimodalembeddings", std::move(body), out), Result<void>();
  }
  set(body, "input", Value(std::move(*inputs)));
  send(job, "/embeddings", std::move(body), out);
  return {};
}

// -- Jina

Result<void> encode_jina(Job& job, Upstream& out) {
  if (job.call.endpoint == Endpoint::rerank) return send_rerank(job, RerankForm::cohere, out);
  auto inputs = inputs_of(job);
  if (!inputs) return inputs.error();
  if (auto done = refuse_tokens(job, *inputs); !done) return done;
  bool images = false;
  for (auto& item : *inputs) images = images || is_image(item);
  for (auto& item : *inputs) {
    if (!images || !item.as_string()) continue;
    auto media = read_media(*item.as_string());
    item =
        is_image(item) ? Value(ValueMap{{"image", text_value(media.data)}}) : Value(ValueMap{{"text", item}});
  }
  ValueMap body = map_of(job.request);
  for (auto key : {"encoding_format", "user"}) switchyard::erase(body, key);
  legacy::rename(job.request, "encoding_format:embedding_type", body);
  set(body, "model", text_value(job.call.model));
  set(body, "input", Value(std::move(*inputs)));
  send(job, "/embeddings", std::move(body), out);
  return {};
}

// -- Infinity

Result<void> prepare_infinity(FamilyTarget& target, const LitellmParams&, EnvLookup) {
  if (target.base.origin.host.empty())
    return config_error("api_base",
                        "infinity needs api_base: set litellm_params.api_base or INFINITY_API_BASE");
  return {};
}

Result<void> encode_infinity(Job& job, Upstream& out) {
  if (job.call.endpoint == Endpoint::rerank) return send_rerank(job, RerankForm::cohere, out);
  auto inputs = inputs_of(job);
  if (!inputs) return inputs.error();
  ValueMap body = map_of(job.request);
  set(body, "model", text_value(job.call.model));
  set(body, "input", Value(std::move(*inputs)));
  send(job, "/embeddings", std::move(body), out);
  return {};
}

} // namespace

const Family k_voyage{.name = "voyage",
                      .prepare = nullptr,
                      .takes = takes,
                      .encode = encode_voyage,
                      .decode = decode,
                      .stream = nullptr};
const Family k_jina{.name = "jina_ai",
                    .prepare = nullptr,
                    .takes = takes,
                    .encode = encode_jina,
                    .decode = decode,
                    .stream = nullptr};
const Family k_infinity{.name = "infinity",
                        .prepare = prepare_infinity,
                        .takes = takes,
                        .encode = encode_infinity,
                        .decode = decode,
                        .stream = nullptr};

} // namespace switchyard::providers::specialists
