// The tables of Bedrock: which API serves which endpoint. Pure, any thread.
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/converse.hpp"
#include "providers/bedrock/invoke.hpp"
#include "providers/bedrock/tree.hpp"

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

bool takes(const FamilyTarget& target, const Call& call, string_view param) {
  const auto route = route_of(target, call);
  return route.converse ? converse_takes(target, call, param) : invoke_takes(target, call, route, param);
}

Result<void> encode_chat(Job& job, const ModelRoute& route, Upstream& out) {
  if (job.call.endpoint == Endpoint::messages)
    if (auto done = mend_messages(job); !done) return done;
  auto body = route.converse ? encode_converse(job, route, false) : encode_invoke(job, route);
  if (!body) return body.error();
  const bool streams = job.call.stream && (route.converse || invoke_streams(route));
  const string_view action = route.converse ? (streams ? "converse-stream" : "converse")
                                            : (streams ? "invoke-with-response-stream" : "invoke");
  out.path = model_path(job.target, route, action);
  out.body = std::move(*body);
  return {};
}

Result<void> encode(Job& job, Upstream& out) {
  const auto route = route_of(job.target, job.call);
  if (route.id.empty()) return bad_request(job.target, "model is missing");
  for (auto key : {"model_id", "region_name"}) take(job.request, key); // the row's, not the model's
  switch (job.call.endpoint) {
  case Endpoint::embeddings:
    return encode_embeddings(job, route, out);
  case Endpoint::rerank:
    return encode_rerank(job, route, out);
  case Endpoint::images_generations:
    return encode_images(job, route, out);
  default:
    return encode_chat(job, route, out);
  }
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  switch (call.endpoint) {
  case Endpoint::embeddings:
    return decode_embeddings(target, call, answer, client_model, out);
  case Endpoint::rerank:
    return decode_rerank(target, call, answer, client_model, out);
  case Endpoint::images_generations:
    return decode_images(target, call, answer, client_model, out);
  default:
    break;
  }
  const auto route = route_of(target, call);
  return route.converse ? decode_converse(target, call, answer, client_model, out)
                        : decode_invoke(target, call, route, answer, client_model, out);
}

std::unique_ptr<StreamDecoder> stream(const FamilyTarget& target, const Call& call,
                                      string_view client_model) {
  const auto route = route_of(target, call);
  return route.converse ? converse_stream(target, call, client_model)
                        : invoke_stream(target, call, route, client_model);
}

Framing event_stream(const FamilyTarget&, const Call&) { return Framing::event_stream; }

/// Nothing here fetches from the web.
bool needs_bytes(const FamilyTarget&, const Call&, string_view) { return true; }

Result<void> encode_mantle(Job& job, Upstream& out) {
  out.path = job.target.base.path + "/chat/completions";
  out.body = relay_body(job, true);
  return {};
}

} // namespace

const Family k_bedrock = {.name = "bedrock",
                          .prepare = prepare,
                          .takes = takes,
                          .encode = encode,
                          .decode = decode,
                          .stream = stream,
                          .framing = event_stream,
                          .classify = classify,
                          .error_text = error_text,
                          .follow_up = next_embedding,
                          .needs_bytes = needs_bytes};
const Family k_mantle = {.name = "bedrock_mantle",
                         .prepare = prepare_mantle,
                         .takes = nullptr,
                         .encode = encode_mantle,
                         .decode = relay_answer,
                         .stream = relay_stream,
                         .classify = classify};

} // namespace switchyard::providers::bedrock
