// Claude on Vertex: Anthropic's body in rawPredict, by the codec of src/providers/anthropic. Pure, any
// thread.
#include "providers/anthropic/messages.hpp"
#include "providers/google/routes.hpp"
#include "providers/google/urls.hpp"

#include <switchyard/json_scan.hpp>

#include <utility>

namespace switchyard::providers::google {
namespace {

using std::string_view;

/// The codec leaves out what Anthropic's own API reads from the path here.
void add_member(std::string& body, string_view name, const std::string& json) {
  const bool empty = body.find_first_not_of(" \t\r\n", 1) == body.find('}');
  body.insert(1, "\"" + std::string(name) + "\":" + json + (empty ? "" : ","));
}

Result<void> encode(Job& job, const Model& model, Upstream& out) {
  const bool count = job.call.endpoint == Endpoint::messages_count, stream = job.call.stream && !count;
  auto body = anthropic::encode(job, anthropic::k_vertex);
  if (!body) return body.error();
  if (!body->betas.empty()) out.lines.push_back({"anthropic-beta", body->betas});
  if (stream) add_member(body->json, "stream", "true");
  if (count) add_member(body->json, "model", json_string(model.id));
  Model counter = model;
  counter.id = "count-tokens";
  out.body = std::move(body->json);
  return set_path(job, count ? counter : model, stream ? "streamRawPredict" : "rawPredict",
                  {.publisher = "anthropic"}, out);
}

} // namespace

const Handler k_claude{anthropic::takes, encode, anthropic::decode, anthropic::stream};

} // namespace switchyard::providers::google
