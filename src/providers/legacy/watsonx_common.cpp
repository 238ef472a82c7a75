// IBM watsonx: URLs, projects, embeddings and reranking. Pure, any thread.
#include "providers/credentials/watsonx.hpp"
#include "providers/legacy/watsonx.hpp"

#include <algorithm>

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

constexpr string_view k_deployment = "deployment/", k_default_version = "2024-03-13";

bool is_deployment(const Call& call) { return call.model.starts_with(k_deployment); }

/// Of the request itself, else of the row.
std::string asked_for(const Job& job, string_view key, const std::string& fallback) {
  return std::string(text_at(job.request, key, fallback));
}

} // namespace

Result<void> prepare_watsonx(FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  if (target.base.origin.host.empty())
    return config_error("api_base", "watsonx needs api_base: set litellm_params.api_base, WATSONX_API_BASE, "
                                    "WATSONX_URL, WX_URL or WML_URL to https://<region>.ml.cloud.ibm.com");
  target.project = first_setting(target, "project_id watsonx_project project",
                                 "WATSONX_PROJECT_ID WX_PROJECT_ID PROJECT_ID", env);
  target.region = first_setting(target, "space_id deployment_space_id",
                                "WATSONX_DEPLOYMENT_SPACE_ID WATSONX_SPACE_ID WX_SPACE_ID SPACE_ID", env);
  return watsonx_credentials(target, params, env);
}

Result<std::string> watsonx_path(const Job& job, string_view task) {
  auto version = setting(job.target, "api_version");
  auto query = "?version=" + path_segment(version.empty() ? k_default_version : string_view(version));
  if (!is_deployment(job.call)) return path_of(job.target, "/ml/v1/text/" + std::string(task) + query);
  auto id = model_path(job.target, job.call.model.substr(k_deployment.size()));
  if (!id) return id.error();
  return path_of(job.target, "/ml/v1/deployments/" + *id + "/text/" + std::string(task) + query);
}

Result<void> put_watsonx_model(const Job& job, ValueMap& body) {
  // litellm_params of the row arrive as default parameters.
  for (auto key : {"project_id", "space_id", "watsonx_project", "project", "deployment_space_id", "token",
                   "zen_api_key", "iam_url"})
    switchyard::erase(body, key);
  if (is_deployment(job.call)) return {};
  set(body, "model_id", text_value(job.call.model));
  auto project = asked_for(job, "project_id", job.target.project);
  auto space = asked_for(job, "space_id", job.target.region);
  if (project.empty() && space.empty())
    return Error(
        Errc::authentication,
        "litellm.AuthenticationError: WatsonxException - watsonx project_id or space_id is not set: set "
        "litellm_params.project_id (WATSONX_PROJECT_ID) or litellm_params.space_id "
        "(WATSONX_DEPLOYMENT_SPACE_ID)");
  if (project.empty())
    set(body, "space_id", text_value(space));
  else
    set(body, "project_id", text_value(project));
  return {};
}

Result<void> encode_watsonx_embeddings(Job& job, Upstream& out) {
  if (auto checked = check_embedding_params(job, ""); !checked) return checked;
  ValueMap body;
  auto* input = job.request.find("input");
  if (input && input->as_string())
    set(body, "inputs", Value(ValueList{*input}));
  else
    set(body, "inputs", Value(list_at(job.request, "input")));
  for (auto& item : *body.front().second.as_list())
    if (!item.as_string()) return bad_request(job.target, "input: must be a text or a list of texts");
  if (auto* parameters = job.request.find("parameters")) set(body, "parameters", *parameters);
  if (auto done = put_watsonx_model(job, body); !done) return done;
  auto path = watsonx_path(job, "embeddings");
  if (!path) return path.error();
  out.path = std::move(*path);
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode_watsonx_embeddings(const FamilyTarget& target, const UpstreamAnswer& answer,
                                       string_view client_model, Answer& out) {
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  ValueList vectors;
  for (auto& result : list_at(*root, "results"))
    if (auto* vector = result.find("embedding"); vector && vector->as_list()) vectors.push_back(*vector);
  if (vectors.empty()) return invalid_answer(target, answer.body);
  Usage usage;
  usage.prompt_tokens = count_at(*root, "input_token_count");
  complete(usage);
  answer_vectors(vectors, usage, client_model, out);
  return {};
}

Result<void> encode_watsonx_rerank(Job& job, Upstream& out) {
  ValueList inputs;
  for (auto& document : list_at(job.request, "documents")) {
    auto text = document.as_string() ? string_view(*document.as_string()) : text_at(document, "text");
    if (text.empty() && !document.as_string())
      return bad_request(job.target, "documents: each must be a text or an object with `text`");
    inputs.push_back(Value(ValueMap{{"text", text_value(text)}}));
  }
  ValueMap options{{"inputs", Value(true)}}, body;
  rename(job.request, "top_n", options);
  auto* wanted = job.request.find("return_documents");
  if (wanted && wanted->as_bool()) set(options, "inputs", *wanted);
  rename(job.request, "query", body);
  set(body, "inputs", Value(std::move(inputs)));
  ValueMap parameters{{"return_options", Value(std::move(options))}};
  rename(job.request, "max_tokens_per_doc:truncate_input_tokens", parameters);
  set(body, "parameters", Value(std::move(parameters)));
  if (auto done = put_watsonx_model(job, body); !done) return done;
  auto path = watsonx_path(job, "rerank");
  if (!path) return path.error();
  out.path = std::move(*path);
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode_watsonx_rerank(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                                   Answer& out) {
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  if (!root->find("results")) return invalid_answer(target, answer.body);
  std::vector<RankedDocument> ranked;
  for (auto& result : list_at(*root, "results")) {
    RankedDocument document;
    document.index = count_at(result, "index");
    if (auto* score = result.find("score")) score->number(document.score);
    if (auto* input = result.find("input"); input && input->as_map()) document.document = to_json(*input);
    ranked.push_back(std::move(document));
  }
  out.usage.prompt_tokens = count_at(*root, "input_token_count");
  complete(out.usage);
  out.body = write_rerank(call.call_id, ranked, out.usage);
  return {};
}

Errc classify_predibase_like(const FamilyTarget&, int status, string_view body) {
  struct Rule {
    string_view text;
    Errc code;
  };
  static constexpr Rule k_rules[] = {
      {"authorization denied for", Errc::authentication},
      {"token_quota_reached", Errc::rate_limit},
      {"The server received an invalid response from an upstream server.", Errc::internal_server},
      {"model_no_support_for_function", Errc::bad_request},
  };
  for (auto& rule : k_rules)
    if (body.find(rule.text) != body.npos) return rule.code;
  return status == 424 ? Errc::bad_request : Errc::none;
}

} // namespace switchyard::providers::legacy
