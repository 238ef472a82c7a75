// The tables of SageMaker: hosts, paths, endpoints. Pure, any thread.
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/invoke.hpp"
#include "providers/sagemaker/sagemaker.hpp"

namespace switchyard::providers::sagemaker {
namespace {

using std::string_view;

Result<void> prepare(FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  target.key = Secret(); // requests are signed, whatever api_key says
  if (auto done = bedrock::prepare_aws(target, params, env, "sagemaker", {}); !done) return done;
  auto url = setting(target, "sagemaker_base_url"); // names the whole URL
  target.route = url.empty() ? "" : "whole";
  if (url.empty() && !target.base.origin.host.empty()) return {};
  if (url.empty()) url = "https://runtime.sagemaker." + target.region + ".amazonaws.com";
  if (url.ends_with(".amazonaws.com") && target.region.starts_with("cn-")) url += ".cn";
  auto base = parse_base_url(url);
  if (!base) return base.error();
  target.base = std::move(*base);
  return {};
}

void address(Job& job, bool streams, Upstream& out) {
  auto& target = job.target;
  out.path = target.base.path;
  if (target.route != "whole")
    out.path.append("/endpoints/").append(path_segment(job.call.model)).append("/invocations");
  if (streams && target.route != "whole") out.path += "-response-stream";
  if (out.path.empty()) out.path = "/";
  if (auto component = setting(target, "model_id"); !component.empty())
    out.lines.push_back({"X-Amzn-SageMaker-Inference-Component", component, false});
}

Result<void> encode(Job& job, Upstream& out) {
  const bool embeds = job.call.endpoint == Endpoint::embeddings;
  address(job, job.call.stream && !embeds, out);
  if (!embeds) return out.body = encode_text(job), Result<void>();
  auto body = encode_embeddings(job);
  if (!body) return body.error();
  out.body = std::move(*body);
  return {};
}

Result<void> encode_chat(Job& job, Upstream& out) {
  if (job.call.endpoint == Endpoint::embeddings) return encode(job, out);
  address(job, job.call.stream, out);
  switchyard::erase(std::get<ValueMap>(job.request.data()), "model_id");
  out.body = bedrock::relay_body(job, true);
  return {};
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto* read = call.endpoint == Endpoint::embeddings ? decode_embeddings : decode_text;
  return read(target, call, answer, client_model, out);
}

Result<void> decode_chat(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                         string_view client_model, Answer& out) {
  auto* read = call.endpoint == Endpoint::embeddings ? decode_embeddings : bedrock::relay_answer;
  return read(target, call, answer, client_model, out);
}

Framing event_stream(const FamilyTarget&, const Call&) { return Framing::event_stream; }

} // namespace

const Family k_text = {.name = "sagemaker",
                       .prepare = prepare,
                       .takes = takes,
                       .encode = encode,
                       .decode = decode,
                       .stream = text_stream,
                       .framing = event_stream,
                       .classify = bedrock::classify_sagemaker,
                       .error_text = bedrock::error_text};
const Family k_chat = {.name = "sagemaker_chat",
                       .prepare = prepare,
                       .takes = nullptr,
                       .encode = encode_chat,
                       .decode = decode_chat,
                       .stream = bedrock::relay_parts,
                       .framing = event_stream,
                       .classify = bedrock::classify_sagemaker,
                       .error_text = bedrock::error_text};

} // namespace switchyard::providers::sagemaker
