// Rerank by Bedrock's agent runtime, in Cohere's form for clients. Pure, any thread.
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/converse.hpp"
#include "providers/bedrock/tree.hpp"
#include "providers/family/chat.hpp"

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

std::string model_arn(const FamilyTarget& target, const ModelRoute& route) {
  if (route.id.starts_with("arn:")) return route.id;
  const string_view partition = target.region.starts_with("cn-")       ? "aws-cn"
                                : target.region.starts_with("us-gov-") ? "aws-us-gov"
                                                                       : "aws";
  return "arn:" + std::string(partition) + ":bedrock:" + target.region + "::foundation-model/" + route.id;
}

Value source_of(const Value& document) {
  ValueMap inner;
  auto* text = document.as_string() ? &document : document.find("text");
  if (text && text->as_string())
    inner = {{"type", str("TEXT")}, {"textDocument", tagged("text", *text)}};
  else
    inner = {{"type", str("JSON")}, {"jsonDocument", document}};
  ValueMap source{{"type", str("INLINE")}};
  put(source, "inlineDocumentSource", Value(std::move(inner)));
  return Value(std::move(source));
}

} // namespace

Result<void> encode_rerank(Job& job, const ModelRoute& route, Upstream& out) {
  auto query = text_at(job.request, "query");
  if (query.empty()) return bad_request(job.target, "query is missing");
  ValueList sources;
  for (auto& document : list_at(job.request, "documents")) sources.push_back(source_of(document));
  if (sources.empty()) return bad_request(job.target, "documents must be a list of texts or objects");
  auto most = static_cast<std::int64_t>(sources.size());
  if (auto* top = job.request.find("top_n"); top && top->as_int() && *top->as_int() > 0)
    most = std::min(most, *top->as_int());
  ValueMap model{{"modelArn", str(model_arn(job.target, route))}}, reranker, configuration, body;
  ValueMap fields;
  for (auto& [key, value] : map_of(job.request))
    if (!has_word("model query documents top_n return_documents model_id region_name rank_fields user", key))
      put(fields, key, value);
  if (!fields.empty()) put(model, "additionalModelRequestFields", Value(std::move(fields)));
  put(reranker, "modelConfiguration", Value(std::move(model)));
  put(reranker, "numberOfResults", num(most));
  put(configuration, "type", str("BEDROCK_RERANKING_MODEL"));
  put(configuration, "bedrockRerankingConfiguration", Value(std::move(reranker)));
  ValueMap one{{"type", str("TEXT")}, {"textQuery", tagged("text", str(query))}};
  put(body, "queries", Value(ValueList{Value(std::move(one))}));
  put(body, "sources", Value(std::move(sources)));
  put(body, "rerankingConfiguration", Value(std::move(configuration)));
  out.path = job.target.base.path + "/rerank";
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode_rerank(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                           string_view, Answer& out) {
  auto parsed = parse_json(answer.body);
  if (!parsed || !parsed->find("results")) return invalid_answer(target, answer.body);
  const auto wanted = sent_member(target, call, "return_documents");
  const auto documents =
      wanted.as_bool() && *wanted.as_bool() ? sent_member(target, call, "documents") : Value(ValueList{});
  std::vector<RankedDocument> ranked;
  for (auto& result : list_at(*parsed, "results")) {
    RankedDocument document;
    document.index = count_at(result, "index");
    if (auto* score = result.find("relevanceScore")) score->number(document.score);
    const auto index = static_cast<std::size_t>(document.index);
    if (documents.as_list() && index < documents.as_list()->size()) {
      auto& sent = (*documents.as_list())[index];
      document.document = to_json(sent.as_string() ? tagged("text", sent) : sent);
    }
    ranked.push_back(std::move(document));
  }
  out.usage.search_units = 1, out.usage.present = true;
  out.body = write_rerank("rerank-" + std::string(call.call_id), ranked, out.usage);
  return {};
}

} // namespace switchyard::providers::bedrock
