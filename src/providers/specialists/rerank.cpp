// Reranking requests and answers of every provider's shape. Pure, any thread.
#include "providers/specialists/rerank.hpp"

#include "providers/family/chat.hpp"
#include "providers/legacy/common.hpp"
#include "providers/url.hpp"

#include <switchyard/json.hpp>

#include <algorithm>
#include <array>

namespace switchyard::providers {
namespace {

using legacy::text_value;
using std::string_view;

constexpr string_view k_nvidia_chat = "integrate.api.nvidia.com", k_nvidia_rerank = "ai.api.nvidia.com",
                      k_ranking = "ranking/"; // model prefix: NIM's own path instead of the model's

constexpr std::array k_dialects{
    RerankDialect{"together_ai", RerankForm::cohere}, RerankDialect{"fireworks_ai", RerankForm::cohere},
    RerankDialect{"novita", RerankForm::cohere},      RerankDialect{"hosted_vllm", RerankForm::cohere},
    RerankDialect{"vllm", RerankForm::cohere},        RerankDialect{"deepinfra", RerankForm::pairs},
    RerankDialect{"nvidia_nim", RerankForm::passages}};

Error wrong(string_view field, string_view why) {
  Error error(Errc::invalid_request, std::string(field) + ": " + std::string(why));
  error.extra().param = field;
  return error;
}

/// A text, or the text of an object.
std::optional<std::string> text_of(const Value& document) {
  if (auto* text = document.as_string()) return *text;
  auto* text = document.find("text");
  if (text && text->as_string()) return *text->as_string();
  return {};
}

Result<ValueList> texts(const Value& request) {
  ValueList out;
  for (auto& document : list_at(request, "documents")) {
    auto text = text_of(document);
    if (!text) return wrong("documents", "each must be a text, or an object with `text`");
    out.push_back(Value(std::move(*text)));
  }
  return out;
}

/// Everything else that the client sent.
void copy_rest(const Value& request, std::initializer_list<string_view> known, ValueMap& body) {
  for (auto& [key, value] : map_of(request))
    if (std::find(known.begin(), known.end(), key) == known.end() && !value.is_null())
      body.emplace_back(key, value);
}

Result<ValueMap> voyage_body(const Value& request, string_view model) {
  auto documents = texts(request);
  if (!documents) return documents.error();
  ValueMap body{{"model", text_value(model)}, {"documents", Value(std::move(*documents))}};
  legacy::rename(request, "query top_n:top_k", body);
  copy_rest(request, {"model", "documents", "query", "top_n", "rank_fields", "max_chunks_per_doc"}, body);
  return body;
}

// Its arrays must be of one length: the query goes with every document.
Result<ValueMap> pairs_body(const Value& request) {
  auto documents = texts(request);
  if (!documents) return documents.error();
  ValueMap body{{"queries", Value(ValueList(documents->size(), text_value(text_at(request, "query"))))},
                {"documents", Value(std::move(*documents))}};
  copy_rest(request, {"model", "documents", "query", "top_n", "return_documents", "rank_fields"}, body);
  return body;
}

Result<ValueMap> passages_body(const Value& request, string_view model) {
  if (model.starts_with(k_ranking)) model.remove_prefix(k_ranking.size());
  auto documents = texts(request);
  if (!documents) return documents.error();
  ValueList passages;
  for (auto& text : *documents) passages.push_back(Value(ValueMap{{"text", text}}));
  ValueMap body{{"model", text_value(model)},
                {"query", Value(ValueMap{{"text", text_value(text_at(request, "query"))}})},
                {"passages", Value(std::move(passages))}};
  copy_rest(request, {"model", "documents", "query", "top_n", "return_documents", "rank_fields"}, body);
  return body;
}

// -- answers

/// What the client asked for, as far as the answer depends on it.
struct Asked {
  std::size_t top_n = SIZE_MAX;
  bool documents = false;
  ValueList sent;
};

Asked read_asked(const Call& call) {
  Asked out;
  auto request = call.json ? parse_json(call.json->text) : Result<Value>(Value());
  if (!request) return out;
  auto* top = request->find("top_n");
  if (auto* number = top ? top->as_int() : nullptr; number && *number >= 0)
    out.top_n = static_cast<std::size_t>(*number);
  auto* wanted = request->find("return_documents");
  out.documents = wanted && wanted->as_bool() && *wanted->as_bool();
  if (out.documents) out.sent = list_at(*request, "documents");
  return out;
}

std::string document_json(const Value* document) {
  if (!document || document->is_null()) return {};
  if (document->as_string()) return to_json(Value(ValueMap{{"text", *document}}));
  return to_json(*document);
}

RankedDocument read_entry(const Value& entry, std::size_t place) {
  RankedDocument out;
  out.index = static_cast<std::int64_t>(place);
  if (entry.number(out.score)) return out; // bare scores stand in the order of the documents
  out.index = legacy::count_at(entry, "index");
  for (auto key : {"relevance_score", "score", "logit"})
    if (auto* score = entry.find(key); score && score->number(out.score)) break;
  out.document = document_json(entry.find("document"));
  return out;
}

Usage read_rerank_usage(const Value& root) {
  auto usage = legacy::usage_of(root);
  if (!usage.prompt_tokens) usage.prompt_tokens = usage.total_tokens;
  if (!usage.prompt_tokens) usage.prompt_tokens = legacy::count_at(root, "input_tokens");
  if (usage.prompt_tokens) complete(usage);
  if (auto* units = legacy::at(root, {"meta", "billed_units"}); units && units->as_map())
    usage.search_units = legacy::count_at(*units, "search_units"), usage.present = true;
  return usage;
}

} // namespace

const RerankDialect* rerank_dialect(string_view provider) noexcept {
  auto at = std::find_if(k_dialects.begin(), k_dialects.end(),
                         [provider](auto& dialect) { return dialect.provider == provider; });
  return at == k_dialects.end() ? nullptr : &*at;
}

string_view rerank_base(const RerankDialect& dialect, string_view host) noexcept {
  const bool hosted = dialect.form == RerankForm::passages && host == k_nvidia_chat;
  return hosted ? "https://ai.api.nvidia.com/v1" : "";
}

std::string rerank_path(const RerankDialect& dialect, string_view base_path, string_view host,
                        string_view model) {
  auto without = [base_path](string_view end) {
    return std::string(base_path.ends_with(end) ? base_path.substr(0, base_path.size() - end.size())
                                                : base_path);
  };
  if (dialect.form == RerankForm::pairs) return without("/openai") + "/inference/{}";
  if (dialect.form == RerankForm::passages) {
    const bool by_model = host == k_nvidia_rerank && !model.starts_with(k_ranking);
    return without("/v1") + (by_model ? "/v1/retrieval/{}/reranking" : "/v1/ranking");
  }
  if (base_path.ends_with("/rerank")) return std::string(base_path);
  if (dialect.provider == "novita" && base_path.ends_with("/v3/openai"))
    return without("/v3/openai") + "/openai/v1/rerank";
  return std::string(base_path) + "/rerank";
}

std::string rerank_model(const RerankDialect& dialect, string_view model) {
  std::string out;
  for (std::size_t begin = 0; begin <= model.size();) {
    const auto end = std::min(model.find('/', begin), model.size());
    auto segment = path_segment(model.substr(begin, end - begin));
    if (segment == "." || segment == "..") segment.assign(segment.size(), '_');
    if (begin) out += '/';
    out += segment;
    begin = end + 1;
  }
  // NVIDIA's paths spell llama-3.2 as llama-3_2.
  if (dialect.form == RerankForm::passages) std::replace(out.begin(), out.end(), '.', '_');
  return out;
}

Result<std::string> rerank_body(RerankForm form, const Value& request, string_view model) {
  if (!request.find("query")) return wrong("query", "is missing");
  if (list_at(request, "documents").empty())
    return wrong("documents", "must be a list with at least one document");
  Result<ValueMap> body = map_of(request);
  if (form == RerankForm::cohere) set(*body, "model", text_value(model));
  if (form == RerankForm::voyage) body = voyage_body(request, model);
  if (form == RerankForm::pairs) body = pairs_body(request);
  if (form == RerankForm::passages) body = passages_body(request, model);
  if (!body) return body.error();
  return to_json(Value(std::move(*body)));
}

std::optional<Reranked> read_rerank(string_view body, const Call& call) {
  auto root = parse_json(body);
  if (!root || !root->as_map()) return {};
  const Value* list = nullptr;
  for (auto key : {"results", "data", "rankings", "scores"})
    if (auto* found = root->find(key); !list && found && found->as_list()) list = found;
  if (!list) return {};
  std::vector<RankedDocument> ranked;
  for (auto& entry : *list->as_list()) ranked.push_back(read_entry(entry, ranked.size()));
  std::stable_sort(ranked.begin(), ranked.end(), [](auto& a, auto& b) { return a.score > b.score; });
  const auto asked = read_asked(call);
  if (ranked.size() > asked.top_n) ranked.resize(asked.top_n);
  for (auto& document : ranked)
    if (asked.documents && document.document.empty() &&
        static_cast<std::size_t>(document.index) < asked.sent.size())
      document.document = document_json(&asked.sent[static_cast<std::size_t>(document.index)]);
  Reranked out;
  out.usage = read_rerank_usage(*root);
  auto id = text_at(*root, "id");
  out.body = write_rerank(id.empty() ? call.call_id : id, ranked, out.usage);
  return out;
}

} // namespace switchyard::providers
