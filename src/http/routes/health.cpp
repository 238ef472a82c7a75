// GET /health: one small real call to every deployment (or to those of ?model=), all at once on this shard.
#include "http/answers.hpp"
#include "http/llm_request.hpp"
#include "http/query.hpp"
#include "http/relay.hpp"
#include "http/routes/routes.hpp"

#include <switchyard/json_scan.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <array>

namespace switchyard::http::routes {

namespace {

constexpr Millis k_timeout{60'000};
constexpr std::size_t k_max_probed = 1000;

/// What a probe sends, by model_info.mode. Modes that need files or cost much are not probed.
struct Probe {
  std::string_view mode;
  Endpoint endpoint;
  std::string_view body;
};
constexpr std::array k_probes = {
    Probe{"chat", Endpoint::chat,
          R"({"model":"","messages":[{"role":"user","content":"test from litellm"}],"max_tokens":5})"},
    Probe{"completion", Endpoint::completions, R"({"model":"","prompt":"test from litellm","max_tokens":5})"},
    Probe{"embedding", Endpoint::embeddings, R"({"model":"","input":["test from litellm"]})"},
    Probe{"responses", Endpoint::responses,
          R"({"model":"","input":"test from litellm","max_output_tokens":16})"},
    Probe{"rerank", Endpoint::rerank, R"({"model":"","query":"test from litellm","documents":["test"]})"},
    Probe{"image_generation", Endpoint::images_generations, R"({"model":"","prompt":"test from litellm"})"},
    Probe{"audio_speech", Endpoint::speech, R"({"model":"","input":"test from litellm","voice":"alloy"})"},
    Probe{"moderation", Endpoint::moderations, R"({"model":"","input":"test from litellm"})"},
};

const Probe* probe_of(const ModelRow& row) {
  std::string_view mode = row.mode.empty() ? std::string_view("chat") : std::string_view(row.mode);
  for (auto& probe : k_probes)
    if (probe.mode == mode) return &probe;
  return nullptr;
}

/// Shared by the probes of one request; the request's frame waits for `open` to reach zero.
struct Round {
  RequestContext& context;
  steady_timer all_done;
  std::size_t open = 0;
  struct Row {
    DeploymentPtr deployment;
    std::string error; ///< empty = healthy
  };
  std::vector<Row> rows;
  explicit Round(RequestContext& c) : context(c), all_done(c.shard.context) {
    all_done.expires_at(Instant::max());
  }
};

std::string upstream_name(const Deployment& deployment) {
  auto it = std::find_if(deployment.row.model_info.begin(), deployment.row.model_info.end(),
                         [](auto& entry) { return entry.first == "health_check_model"; });
  if (it != deployment.row.model_info.end() && it->second.as_string()) {
    auto& name = *it->second.as_string();
    auto slash = name.find('/');
    return slash == std::string::npos ? name : name.substr(slash + 1);
  }
  return deployment.target->model;
}

aw<Error> send_probe(Round& round, const Deployment& deployment, const Probe& probe) {
  auto& shard = round.context.shard;
  auto& target = *deployment.target;
  auto& provider = providers::provider_of(target);
  Error none;
  none.code = Errc::none;
  if (target.answers_locally) co_return none;
  ObjectScan scan;
  if (auto scanned = scan_object(probe.body, scan); !scanned) co_return scanned.error();
  const auto model = upstream_name(deployment);
  providers::Call call;
  call.endpoint = probe.endpoint, call.json = &scan, call.body = probe.body, call.model = model;
  call.drop_params = true;
  providers::Wire wire;
  if (auto encoded = provider.encode(target, call, wire); !encoded) co_return encoded.error();
  upstream::Request request;
  request.origin = wire.origin, request.head = wire.head, request.body = wire.body;
  request.first_byte_timeout = request.idle_timeout = k_timeout;
  request.deadline = shard.now() + k_timeout;
  CancelScope never; // probes run to their own time-out; the client's leaving does not matter
  auto reply = co_await shard.client->send(request, never);
  if (!reply) co_return reply.error();
  auto body = co_await settled(reply->read_all(1024 * 1024, never));
  if (!body) co_return body.error();
  if (reply->status() < 300) co_return none;
  providers::UpstreamAnswer answer;
  answer.status = reply->status(), answer.headers = reply->raw_headers(), answer.body = *body;
  answer.content_type = reply->header("content-type");
  co_return provider.map_error(target, answer);
}

aw<> run_probe(Round& round, std::size_t at) {
  auto deployment = round.rows[at].deployment;
  auto* probe = probe_of(deployment->row);
  if (!probe)
    round.rows[at].error = "mode '" + deployment->row.mode + "' is not probed";
  else if (!deployment->target)
    round.rows[at].error =
        "a row with model \"*\" is probed only when model_info.health_check_model names a provider";
  else {
    auto error = co_await send_probe(round, *deployment, *probe);
    if (error.code != Errc::none) round.rows[at].error = error.message.empty() ? "failed" : error.message;
  }
  if (--round.open == 0) round.all_done.cancel();
}

std::string endpoint_json(const Round::Row& row) {
  auto& deployment = *row.deployment;
  std::string out = "{\"model\":" + json_string(deployment.row.params.model);
  out += ",\"model_id\":" + json_string(deployment.row.id);
  if (deployment.target) out += ",\"api_base\":" + json_string(deployment.target->api_base_public);
  if (!row.error.empty()) out += ",\"error\":" + json_string(row.error);
  return out + "}";
}

std::string round_json(const Round& round) {
  std::string healthy, unhealthy;
  std::size_t good = 0;
  for (auto& row : round.rows) {
    auto& out = row.error.empty() ? healthy : unhealthy;
    good += row.error.empty();
    if (!out.empty()) out += ',';
    out += endpoint_json(row);
  }
  return "{\"healthy_endpoints\":[" + healthy + "],\"unhealthy_endpoints\":[" + unhealthy +
         "],\"healthy_count\":" + std::to_string(good) +
         ",\"unhealthy_count\":" + std::to_string(round.rows.size() - good) + "}";
}

} // namespace

aw<> health(RequestContext& context) {
  auto wanted = query_value(context.exchange.head.query, "model");
  Round round(context);
  for (auto& group : context.routing->groups())
    for (auto& row : group->deployments)
      if ((wanted.empty() || group->name == wanted || row->row.id == wanted) &&
          round.rows.size() < k_max_probed)
        round.rows.push_back({row, {}});
  round.open = round.rows.size();
  for (std::size_t i = 0; i < round.rows.size(); ++i)
    asio::co_spawn(context.shard.executor(), run_probe(round, i), asio::detached);
  while (round.open > 0) {
    auto [ec] = co_await round.all_done.async_wait(tuple_aw);
    (void)ec; // cancelled by the last probe
  }
  auto body = round_json(round);
  co_await answer_json(context.exchange, 200, body);
}

} // namespace switchyard::http::routes
