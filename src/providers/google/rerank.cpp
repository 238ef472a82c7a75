// Reranking by Vertex AI's ranking API (Discovery Engine). Pure, any thread.
#include "providers/google/answer.hpp"
#include "providers/google/params.hpp"
#include "providers/google/routes.hpp"
#include "providers/google/urls.hpp"

#include <switchyard/json.hpp>

#include <charconv>
#include <utility>

namespace switchyard::providers::google {
namespace {

using std::string_view;

/// A document is a text, or an object with one.
string_view text_of(const Value& document) noexcept {
  auto text = document.as_string();
  return text ? string_view(*text) : text_at(document, "text");
}

Result<Value> records_of(const Job& job) {
  ValueList records;
  for (auto& document : list_at(job.request, "documents")) {
    auto id = std::to_string(records.size());
    auto text = text_of(document);
    if (text.empty())
      return bad_request(job.target, "documents[" + id + "] must be a text, or an object with `text`");
    ValueMap record{{"id", Value(std::move(id))}, {"content", Value(std::string(text))}};
    if (auto title = text_at(document, "title"); !title.empty())
      record.emplace_back("title", Value(std::string(title)));
    records.push_back(Value(std::move(record)));
  }
  if (records.empty()) return bad_request(job.target, "documents must be a list of texts");
  return Value(std::move(records));
}

Result<void> encode(Job& job, const Model& model, Upstream& out) {
  auto records = records_of(job);
  if (!records) return records.error();
  ValueMap body{{"model", Value(std::string(model.id))},
                {"query", Value(std::string(text_at(job.request, "query")))}};
  body.emplace_back("records", std::move(*records));
  if (auto top = take(job.request, "top_n")) body.emplace_back("topN", std::move(*top));
  auto wanted = take(job.request, "return_documents");
  if (wanted && wanted->as_bool())
    body.emplace_back("ignoreRecordDetailsInResponse", Value(!*wanted->as_bool()));
  for (auto name : {"query", "documents", "model", "max_chunks_per_doc", "rank_fields"})
    take(job.request, name);
  for (auto& [name, value] : map_of(job.request)) set(body, name, value);
  string_view project = job.target.project;
  if (project.empty() && job.call.token) project = job.call.token->project;
  if (!project.empty()) out.lines.push_back({"X-Goog-User-Project", std::string(project)});
  if (auto done = set_location_path(job, "v1", "rankingConfigs/default_ranking_config:rank", out); !done)
    return done;
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer, string_view,
                    Answer& out) {
  auto parsed = read_answer(target, answer.body);
  if (!parsed) return parsed.error();
  std::vector<RankedDocument> results;
  for (auto& record : list_at(*parsed, "records")) {
    RankedDocument result;
    auto id = text_at(record, "id");
    if (std::from_chars(id.data(), id.data() + id.size(), result.index).ec != std::errc{})
      return invalid_answer(target, answer.body);
    if (auto score = record.find("score")) score->number(result.score);
    if (auto content = record.find("content"); content && content->as_string())
      result.document = to_json(Value(ValueMap{{"text", *content}}));
    results.push_back(std::move(result));
  }
  if (results.empty()) return invalid_answer(target, answer.body);
  out.usage.search_units = 1;
  out.usage.present = true;
  out.body = write_rerank("rerank-" + std::string(call.call_id), results, out.usage);
  return {};
}

} // namespace

const Handler k_rerank{[](const FamilyTarget&, const Call&, string_view) { return true; }, encode, decode,
                       nullptr};

} // namespace switchyard::providers::google
