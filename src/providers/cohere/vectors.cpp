// Cohere's embed and rerank. Pure, any thread.
#include "providers/common/vectors.hpp"

#include "providers/cohere/cohere.hpp"
#include "providers/family/chat.hpp"

#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::providers::cohere {
namespace {

using std::string_view;

bool is_image(const std::string& text) { return text.starts_with("data:image/"); }

/// Texts and images together are inputs of several contents, which v2 takes.
Value mixed_inputs(const std::vector<std::string>& inputs) {
  ValueList out;
  for (auto& input : inputs) {
    ValueMap part{{"type", text_value(is_image(input) ? "image_url" : "text")}};
    if (is_image(input))
      part.emplace_back("image_url", Value(ValueMap{{"url", Value(input)}}));
    else
      part.emplace_back("text", Value(input));
    out.push_back(Value(ValueMap{{"content", Value(ValueList{Value(std::move(part))})}}));
  }
  return Value(std::move(out));
}

void put_inputs(const std::vector<std::string>& inputs, const Value& request, ValueMap& body) {
  const auto images = std::count_if(inputs.begin(), inputs.end(), is_image);
  const bool all = static_cast<std::size_t>(images) == inputs.size();
  if (images > 0 && !all)
    body.emplace_back("inputs", mixed_inputs(inputs));
  else
    body.emplace_back(all ? "images" : "texts", list_of(inputs));
  auto* type = request.find("input_type");
  body.emplace_back("input_type",
                    type && type->as_string() ? *type : text_value(all ? "image" : "search_document"));
}

Value embedding_types(const Value& request) {
  auto* format = request.find("encoding_format");
  if (format && format->as_list()) return *format;
  return Value(ValueList{text_value(text_at(request, "encoding_format", "float"))});
}

} // namespace

Result<void> encode_embed(Job& job, Upstream& out) {
  auto inputs = embedding_texts(job);
  if (!inputs) return inputs.error();
  ValueMap body{{"model", text_value(job.call.model)}};
  put_inputs(*inputs, job.request, body);
  body.emplace_back("embedding_types", embedding_types(job.request));
  copy_renamed(job.request, body, "dimensions:output_dimension");
  for (auto& [key, value] : map_of(job.request)) {
    if (!has_word("model input input_type encoding_format dimensions user", key))
      body.emplace_back(key, value);
  }
  out.path = path_under(job.target.base, std::string(api_version(job.target)) + "/embed");
  out.body = to_json(Value(std::move(body)));
  return {};
}

namespace {

/// "embeddings" as a plain list, or by types: all lists, one after the other.
std::vector<std::string> read_vectors(string_view embeddings) {
  std::vector<std::string> out;
  auto take = [&out](string_view list) {
    for (auto vector : elements_of(list)) out.emplace_back(vector);
  };
  ObjectScan types;
  if (!embeddings.starts_with('{')) return take(embeddings), out;
  if (!scan_object(embeddings, types)) return out;
  for (auto& type : types.fields) take(types.raw(type));
  return out;
}

} // namespace

Result<void> decode_embed(const FamilyTarget& target, const Call&, const UpstreamAnswer& answer,
                          string_view model, Answer& out) {
  ObjectScan scan;
  if (!scan_object(answer.body, scan) || !scan.find("embeddings")) return invalid_answer(target, answer.body);
  auto vectors = read_vectors(scan.raw(*scan.find("embeddings")));
  if (vectors.empty()) return invalid_answer(target, answer.body);
  auto* meta_field = scan.find("meta");
  auto meta = meta_field ? parse_json(scan.raw(*meta_field)) : Result<Value>(Value());
  if (auto* units = meta ? map_at(*meta, "billed_units") : nullptr) {
    out.usage.image_in_tokens = count_at(*units, "image_tokens");
    out.usage.prompt_tokens = count_at(*units, "input_tokens") + out.usage.image_in_tokens;
    complete(out.usage);
  }
  out.body = write_embeddings(vectors, out.usage, model.empty() ? string_view(target.model) : model);
  return {};
}

// -- rerank: every provider's rerank in LiteLLM has Cohere's shape, so this one is passed on

Result<void> encode_rerank(Job& job, Upstream& out) {
  if (text_at(job.request, "query").empty()) return bad_request(job.target, "query must be a string");
  auto* documents = job.request.find("documents");
  if (!documents || !documents->as_list()) return bad_request(job.target, "documents must be a list");
  ValueMap body{{"model", text_value(job.call.model)}};
  for (auto& [key, value] : map_of(job.request))
    if (key != "model" && key != "user" && !value.is_null()) body.emplace_back(key, value);
  out.path = path_under(job.target.base, std::string(api_version(job.target)) + "/rerank");
  out.body = to_json(Value(std::move(body)));
  return {};
}

namespace {

/// v2 gives no documents back: those asked for are the client's own.
void fill_documents(const Call& call, Value& answer) {
  ValueList results = list_at(answer, "results");
  for (auto& result : results) {
    auto* index = result.find("index");
    if (!result.as_map() || result.find("document") || !index || !index->as_int()) continue;
    if (auto document = parse_json(rerank_document(call, *index->as_int())))
      set(result, "document", std::move(*document));
  }
  set(answer, "results", Value(std::move(results)));
}

} // namespace

Result<void> decode_rerank(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                           string_view, Answer& out) {
  auto parsed = parse_json(answer.body);
  auto* results = parsed ? parsed->find("results") : nullptr;
  if (!results || !results->as_list()) return invalid_answer(target, answer.body);
  if (auto* meta = map_at(*parsed, "meta")) {
    auto* units = map_at(*meta, "billed_units");
    out.usage.search_units = units ? count_at(*units, "search_units") : 0;
    read_usage(map_at(*meta, "tokens") ? meta : nullptr, out.usage);
    out.usage.present = true;
  }
  if (wants_documents(call)) fill_documents(call, *parsed);
  out.body = to_json(*parsed);
  return {};
}

} // namespace switchyard::providers::cohere
