// Routes that are passed on: /openai/..., /anthropic/..., general_settings.pass_through_endpoints, and
// OpenAI's routes without a model (files, batches, fine-tuning, vector stores, responses by id).
// Authenticated; nothing is translated.
#include "http/answers.hpp"
#include "http/forward.hpp"
#include "http/pass_meter.hpp"
#include "http/query.hpp"
#include "http/response_ids.hpp"
#include "http/route_table.hpp"
#include "http/routes/routes.hpp"

#include <switchyard/environment.hpp>
#include <switchyard/version.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include <algorithm>
#include <array>

namespace switchyard::http::routes {

namespace {

using std::string_view;
using TargetPtr = std::shared_ptr<const providers::Target>;

/// Path prefix -> provider.
struct Prefix {
  string_view path, provider;
};
constexpr auto k_prefixes = std::to_array<Prefix>({{"/openai_passthrough/", "openai"},
                                                   {"/openai/", "openai"},
                                                   {"/anthropic/", "anthropic"},
                                                   {"/azure_ai/", "azure_ai"},
                                                   {"/azure/", "azure"},
                                                   {"/bedrock/", "bedrock"},
                                                   {"/vertex_ai/", "vertex_ai"},
                                                   {"/vertex-ai/", "vertex_ai"},
                                                   {"/gemini/", "gemini"},
                                                   {"/cohere/", "cohere"},
                                                   {"/mistral/", "mistral"},
                                                   {"/vllm/", "hosted_vllm"}});

Error not_found(std::string message) {
  Error error(Errc::not_found);
  error.message = std::move(message);
  return error;
}

/// The first row of the provider, else the provider as its environment variables describe it.
Result<TargetPtr> target_of(const RequestContext& context, string_view provider) {
  for (auto& group : context.routing->groups())
    for (auto& row : group->deployments)
      if (row->target && row->target->provider == provider && !row->target->answers_locally)
        return row->target;
  LitellmParams params;
  params.model = std::string(provider) + "/pass-through";
  auto prepared = providers::prepare(params, params.model, environment_or_empty);
  if (!prepared)
    return not_found(
        "no deployment of provider '" + std::string(provider) +
        "' is configured, and its environment variables do not describe one: " + prepared.error().message);
  return prepared->target;
}

Result<TargetPtr> target_of(const ProviderSettings& settings) {
  LitellmParams params;
  params.model = settings.provider + "/pass-through";
  params.api_base = settings.api_base, params.api_version = settings.api_version,
  params.api_key = settings.api_key;
  auto prepared = providers::prepare(params, params.model, environment_or_empty);
  if (!prepared) return prepared.error();
  return prepared->target;
}

/// The query without the client's key, "?a=b" or "".
std::string query_without_key(string_view query) {
  std::string out;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    if (!pair.empty() && !pair.starts_with("key=")) out.append(out.empty() ? "?" : "&").append(pair);
    query = end == string_view::npos ? string_view{} : query.substr(end + 1);
  }
  return out;
}

/// The path as received, from `mark` on (escapes stay what they are).
std::string raw_path_from(const RequestContext& context, string_view mark) {
  const auto raw = context.exchange.head.path;
  const auto at = raw.find(mark);
  return std::string(at == string_view::npos ? context.path : raw.substr(at));
}

// -- OpenAI's routes without a model

/// custom_llm_provider of the query or a header; OpenAI's otherwise.
std::string wanted_provider(const RequestContext& context) {
  auto& head = context.exchange.head;
  auto name = query_value(head.query, "custom_llm_provider");
  if (name.empty()) name = head.find("custom-llm-provider");
  return name.empty() ? "openai" : name;
}

/// ?model= names a group; then files_settings or finetune_settings; then any row of the provider.
Result<TargetPtr> files_target(const RequestContext& context) {
  if (auto model = query_value(context.exchange.head.query, "model"); !model.empty()) {
    const auto found = context.resolve(model).group;
    for (auto& row : found ? found->deployments : std::vector<DeploymentPtr>())
      if (row->target) return row->target;
    return not_found("model: no group is named '" + model + "'");
  }
  const auto provider = wanted_provider(context);
  auto& general = context.config.general;
  const bool tuning = context.path.find("/fine_tuning/") != string_view::npos;
  for (auto& row : tuning ? general.finetune_settings : general.files_settings)
    if (row.provider == provider) return target_of(row);
  return target_of(context, provider);
}

/// Gateway's own words in the query go no further.
std::string upstream_query(string_view query) {
  std::string out;
  for (auto rest = query_without_key(query); !rest.empty();) {
    const auto end = rest.find('&', 1);
    const auto pair = rest.substr(1, end == std::string::npos ? end : end - 1);
    if (!pair.starts_with("custom_llm_provider=") && !pair.starts_with("model="))
      out.append(out.empty() ? "?" : "&").append(pair);
    rest = end == std::string::npos ? std::string() : rest.substr(end);
  }
  return out;
}

} // namespace

namespace {

aw<> forward_metered(RequestContext& context, Result<TargetPtr> target, std::optional<PassedCall> call,
                     std::string path) {
  if (!target) {
    co_await answer_error(context.exchange, target.error());
    co_return;
  }
  PassMeter meter(context, *target, std::move(call));
  co_await forward(context, *target, std::move(path), false, &meter);
}

} // namespace

aw<> pass_through(RequestContext& context) {
  for (auto& prefix : k_prefixes) {
    if (!context.path.starts_with(prefix.path)) continue;
    auto path = raw_path_from(context, prefix.path).substr(prefix.path.size() - 1);
    auto call = read_passed_call(prefix.provider, path);
    path += query_without_key(context.exchange.head.query);
    co_await forward_metered(context, target_of(context, prefix.provider), std::move(call), std::move(path));
    co_return;
  }
  co_await answer_error(context.exchange, Error(Errc::unknown_route, "Not Found"));
}

aw<> files(RequestContext& context) {
  auto path = std::string(context.path.starts_with("/v1/") ? context.path.substr(3) : context.path);
  path += upstream_query(context.exchange.head.query);
  auto target = files_target(context);
  auto refused = target ? may_pass_unpriced(context) : target.error();
  if (refused.code == Errc::none)
    co_await forward(context, *target, std::move(path), true);
  else
    co_await answer_error(context.exchange, refused);
}

aw<> response_by_id(RequestContext& context) {
  const auto argument = context.path_argument; // "<id>", "<id>/cancel", "<id>/input_items"
  const auto slash = argument.find('/');
  auto id = argument.substr(0, slash);
  const auto rest = slash == std::string::npos ? std::string() : argument.substr(slash);
  TargetPtr target;
  const auto named = decode_response_id(id);
  for (auto& group : context.routing->groups())
    for (auto& row : group->deployments) {
      const bool wanted =
          named ? row->row.id == named->row
                : row->target &&
                      providers::provider_of(*row->target).supports(*row->target, Endpoint::responses);
      if (wanted && !target) target = row->target;
    }
  if (named) id = named->id;
  if (!target) {
    co_await answer_error(context.exchange,
                          not_found("response '" + argument + "': no deployment keeps responses"));
    co_return;
  }
  co_await forward(context, target,
                   "/responses/" + id + rest + query_without_key(context.exchange.head.query), true);
}

// -- general_settings.pass_through_endpoints

namespace {

bool serves(const PassThroughEndpoint& endpoint, string_view method, string_view path) {
  auto& methods = endpoint.methods;
  if (!methods.empty() && std::find(methods.begin(), methods.end(), method) == methods.end()) return false;
  if (path == endpoint.path) return true;
  return endpoint.include_subpath && path.starts_with(endpoint.path) && path[endpoint.path.size()] == '/';
}

const PassThroughEndpoint* configured(const RequestContext& context) {
  for (auto& endpoint : context.config.general.pass_through_endpoints)
    if (serves(endpoint, context.exchange.head.method, context.path)) return &endpoint;
  return nullptr;
}

/// Client's > the target URL's > the endpoint's defaults.
std::string merged_query(const PassThroughEndpoint& endpoint, string_view targets, string_view clients) {
  std::string out(clients);
  auto add = [&out](string_view name, string_view pair) {
    const auto there = query_value(out, name);
    if (there.empty()) out.append(out.empty() ? "" : "&").append(pair);
  };
  while (!targets.empty()) {
    const auto end = targets.find('&');
    const auto pair = targets.substr(0, end);
    add(pair.substr(0, pair.find('=')), pair);
    targets = end == string_view::npos ? string_view{} : targets.substr(end + 1);
  }
  for (auto& line : endpoint.default_query) add(line.name, line.name + "=" + line.value);
  return out.empty() ? out : "?" + out;
}

} // namespace

aw<> configured_pass_through(RequestContext& context) {
  auto* endpoint = configured(context);
  auto url = endpoint ? boost::urls::parse_uri(endpoint->target) : boost::urls::parse_uri("");
  if (!endpoint || !url) {
    co_await answer_error(context.exchange, not_found("pass_through_endpoints: the target is not a URL"));
    co_return;
  }
  Origin origin;
  origin.tls = url->scheme() == "https";
  origin.host = url->host_address();
  origin.port = url->has_port() ? url->port_number() : origin.tls ? 443 : 80;
  auto path = std::string(url->encoded_path());
  if (path.empty()) path = "/";
  auto below = raw_path_from(context, endpoint->path).substr(endpoint->path.size());
  if (path.ends_with('/') && !below.empty()) path.pop_back();
  const auto query = url->encoded_query();
  path += below + merged_query(*endpoint, string_view(query.data(), query.size()),
                               query_without_key(context.exchange.head.query).empty()
                                   ? ""
                                   : string_view(context.exchange.head.query));
  auto lines = endpoint->headers;
  for (auto& line : forwarded_headers(context.exchange.head, endpoint->forward_headers)) {
    auto same = [&line](const HeaderLine& own) { return own.name == line.name; };
    if (std::none_of(lines.begin(), lines.end(), same)) lines.push_back(std::move(line));
  }
  std::string head = std::string(context.exchange.head.method) + " " + path +
                     " HTTP/1.1\r\nHost: " + std::string(url->encoded_host_and_port()) +
                     "\r\nUser-Agent: switchyard/" + std::string(k_version) + "\r\n";
  for (auto& line : lines) head += line.name + ": " + line.value + "\r\n";
  PassMeter meter(context, nullptr, std::nullopt);
  co_await forward_to(context, origin, std::move(head), meter);
}

namespace {
constexpr unsigned k_all_methods = k_get | k_post | k_put | k_patch | k_delete;
constexpr Route k_open{
    "", k_all_methods, Access::open, RouteKind::llm, Endpoint::k_count, configured_pass_through, "Passed on"};
constexpr Route k_keyed{
    "", k_all_methods, Access::key, RouteKind::llm, Endpoint::k_count, configured_pass_through, "Passed on"};
} // namespace

const Route* configured_route(const RequestContext& context) {
  auto* endpoint = configured(context);
  return !endpoint ? nullptr : endpoint->auth ? &k_keyed : &k_open;
}

} // namespace switchyard::http::routes
