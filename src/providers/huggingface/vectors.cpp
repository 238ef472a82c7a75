// Embeddings by feature extraction or sentence similarity, and reranking by TEI. Pure, any thread.
#include "providers/common/vectors.hpp"

#include "providers/huggingface/huggingface.hpp"

#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::providers::huggingface {
namespace {

using std::string_view;

constexpr string_view k_similarity = "sentence-similarity", k_extraction = "feature-extraction";

/// The task is not looked up: its URL names it, and every embedding model extracts features.
string_view task_of(const Value& request) {
  for (auto key : {"input_type", "task"})
    if (text_at(request, key) == k_similarity) return k_similarity;
  return k_extraction;
}

} // namespace

Result<void> encode_embed(Job& job, Upstream& out) {
  auto texts = embedding_texts(job);
  if (!texts) return texts.error();
  const auto task = task_of(job.request);
  ValueMap body;
  if (task == k_similarity) {
    if (texts->size() < 2)
      return bad_request(job.target,
                         "input: sentence-similarity compares the first text with the others, it needs at "
                         "least two");
    const std::vector<std::string> others(texts->begin() + 1, texts->end());
    body.emplace_back("inputs", Value(ValueMap{{"source_sentence", Value(texts->front())},
                                               {"sentences", list_of(others)}}));
  } else {
    body.emplace_back("inputs", list_of(*texts));
  }
  for (auto& [key, value] : map_of(job.request))
    if (!has_word("model input input_type task encoding_format user", key)) body.emplace_back(key, value);
  std::string suffix;
  if (by_router(job.target)) {
    auto name = model_path(job.target, job.call.model);
    if (!name) return name.error();
    suffix = "/hf-inference/models/" + *name + "/pipeline/" + std::string(task);
  }
  out.path = path_under(job.target.base, suffix);
  out.body = to_json(Value(std::move(body)));
  return {};
}

namespace {

bool is_list(string_view json) { return json.starts_with('['); }

/// A vector, or the vectors of a text's tokens: then the first one.
string_view first_row(string_view vector) {
  auto rows = elements_of(vector);
  return !rows.empty() && is_list(rows.front()) ? first_row(rows.front()) : vector;
}

/// The list of vectors wherever the answer has it.
string_view find_vectors(string_view json, ObjectScan& scan) {
  if (!json.starts_with('{')) return json;
  if (!scan_object(json, scan)) return {};
  for (auto key : {"embeddings", "similarities"})
    if (auto* field = scan.find(key)) return scan.raw(*field);
  return {};
}

std::vector<std::string> read_vectors(string_view list, bool similarity) {
  std::vector<std::string> out;
  auto elements = elements_of(list);
  if (!elements.empty() && !is_list(elements.front())) {
    if (!similarity) return {std::string(list)}; // of the only text
    for (auto score : elements) out.push_back("[" + std::string(score) + "]");
    return out;
  }
  for (auto vector : elements) out.emplace_back(first_row(vector));
  return out;
}

} // namespace

Result<void> decode_embed(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                          string_view model, Answer& out) {
  std::string wrapped;
  ObjectScan scan, inner;
  auto json = scan_any(answer.body, wrapped, scan);
  if (!json) return invalid_answer(target, answer.body);
  auto* type = call.json ? call.json->find("input_type") : nullptr;
  const bool similarity =
      (type && call.json->raw(*type) == "\"sentence-similarity\"") || json->starts_with("{\"simil");
  auto vectors = read_vectors(find_vectors(*json, inner), similarity);
  if (vectors.empty()) return invalid_answer(target, answer.body);
  if (wants_base64(call))
    for (auto& vector : vectors) vector = vector_as_base64(vector);
  out.body = write_embeddings(vectors, out.usage, model.empty() ? call.model : model);
  return {};
}

// -- rerank

Result<void> encode_rerank(Job& job, Upstream& out) {
  if (by_router(job.target))
    return bad_request(job.target,
                       "rerank needs the api_base of a text-embeddings-inference server: Hugging Face's "
                       "router has no reranking");
  if (text_at(job.request, "query").empty()) return bad_request(job.target, "query must be a string");
  auto texts = rerank_texts(job);
  if (!texts) return texts.error();
  ValueMap body{{"query", text_value(text_at(job.request, "query"))}, {"texts", list_of(*texts)}};
  auto* wanted = job.request.find("return_documents");
  body.emplace_back("return_text", Value(wanted && wanted->as_bool() && *wanted->as_bool()));
  for (auto& [key, value] : map_of(job.request))
    if (!has_word("model query documents return_documents top_n rank_fields max_chunks_per_doc "
                  "max_tokens_per_doc user",
                  key))
      body.emplace_back(key, value);
  const bool whole = job.target.base.path.ends_with("/rerank");
  out.path = path_under(job.target.base, whole ? "" : "/rerank");
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode_rerank(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                           string_view, Answer& out) {
  auto parsed = parse_json(answer.body);
  if (!parsed || !parsed->as_list()) return invalid_answer(target, answer.body);
  std::vector<RankedDocument> ranked;
  for (auto& item : *parsed->as_list()) {
    RankedDocument one;
    auto *index = item.find("index"), *score = item.find("score");
    if (!index || !index->as_int() || !score || !score->number(one.score))
      return invalid_answer(target, answer.body);
    one.index = *index->as_int();
    if (auto* text = item.find("text"); text && text->as_string())
      one.document = to_json(Value(ValueMap{{"text", *text}}));
    else if (wants_documents(call))
      one.document = rerank_document(call, one.index);
    ranked.push_back(std::move(one));
  }
  auto better = [](const RankedDocument& a, const RankedDocument& b) { return a.score > b.score; };
  std::stable_sort(ranked.begin(), ranked.end(), better);
  auto* field = call.json ? call.json->find("top_n") : nullptr; // TEI ranks all of them
  const auto most = field ? as_int(call.json->raw(*field)) : std::nullopt;
  if (most && *most > 0 && static_cast<std::uint64_t>(*most) < ranked.size())
    ranked.resize(static_cast<std::size_t>(*most));
  out.body = write_rerank(call.call_id, ranked, out.usage);
  return {};
}

} // namespace switchyard::providers::huggingface
