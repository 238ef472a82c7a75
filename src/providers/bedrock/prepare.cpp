// Makes Bedrock deployments ready: region, endpoint, credentials. Start-up only (and rows whose model is
// "*").
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/tree.hpp"
#include "providers/credentials/aws.hpp"

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

bool is_host_part(string_view text) noexcept {
  for (char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
  return !text.empty() && text.size() <= 40;
}

/// https://<service>.<region>.amazonaws.com
Result<void> set_base(FamilyTarget& target, std::string url) {
  auto base = parse_base_url(url);
  if (!base) return base.error();
  target.base = std::move(*base);
  return {};
}

string_view domain_of(string_view region) noexcept {
  return region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
}

/// Rerank models are served by another host, and by no other API.
bool is_rerank(const ModelRoute& route) { return route.base.find("rerank") != std::string::npos; }

} // namespace

Result<void> prepare_aws(FamilyTarget& target, const LitellmParams& params, EnvLookup env,
                         string_view service, string_view model_region) {
  std::string region(model_region);
  if (region.empty()) region = setting(target, "aws_region_name");
  if (region.empty()) region = params.region_name;
  if (region.empty()) region = first_env("AWS_REGION AWS_REGION_NAME AWS_DEFAULT_REGION", env);
  if (region.empty()) region = "us-west-2";
  if (!is_host_part(region))
    return config_error("aws_region_name", "aws_region_name '" + region.substr(0, 60) + "' is no AWS region");
  target.region = region;
  if (!target.key.empty()) return {}; // an API key: no signature
  target.aws_service = service;
  if (auto done = aws_credentials(target, params, env); !done) return done;
  target.region = region;
  return {};
}

Result<void> prepare(FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  if (auto word = unserved_route(target.model); !word.empty())
    return config_error("model",
                        "bedrock/" + std::string(word) +
                            "/ models are not built yet; mantle models are written bedrock_mantle/<model>");
  const auto route = read_route(target.model, setting(target, "model_id"));
  if (serves_messages(target, route)) target.row = &k_claude_row;
  if (auto done = prepare_aws(target, params, env, "bedrock", route.region); !done) return done;
  if (auto endpoint = setting(target, "aws_bedrock_runtime_endpoint"); !endpoint.empty())
    return set_base(target, endpoint);
  if (!target.base.origin.host.empty()) return {};
  const string_view host = is_rerank(route) ? "bedrock-agent-runtime." : "bedrock-runtime.";
  return set_base(target,
                  "https://" + std::string(host) + target.region + std::string(domain_of(target.region)));
}

Result<void> prepare_mantle(FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  if (auto done = prepare_aws(target, params, env, "bedrock-mantle", read_route(target.model).region); !done)
    return done;
  if (!target.base.origin.host.empty()) return {};
  return set_base(target, "https://bedrock-mantle." + target.region + ".api.aws/openai/v1");
}

ModelRoute route_of(const FamilyTarget& target, const Call& call) {
  auto route = read_route(call.model, setting(target, "model_id"));
  if (call.endpoint == Endpoint::messages) route.converse = false;
  return route;
}

std::string model_path(const FamilyTarget& target, const ModelRoute& route, string_view action) {
  return (target.base.path + "/model/" + path_segment(route.id) + "/").append(action);
}

} // namespace switchyard::providers::bedrock
