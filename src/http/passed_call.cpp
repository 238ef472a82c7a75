// Paths of the providers' own APIs whose answers tell a usage. Pure.
#include "http/passed_call.hpp"

#include "http/query.hpp"

#include <algorithm>
#include <array>

namespace switchyard::http {

namespace {

using std::string_view;

struct Row {
  string_view providers;
  string_view before; ///< the model's name stands between this and `end`; "" = in the body
  string_view end;    ///< of the path
  Endpoint endpoint;
  string_view route = {};
  bool stream = false;
};

constexpr string_view k_openai = " openai azure azure_ai mistral hosted_vllm ",
                      k_google = " gemini vertex_ai ", k_bedrock = " bedrock ", k_cohere = " cohere ";

/// The first that fits counts.
constexpr auto k_rows = std::to_array<Row>({
    {k_openai, "", "/chat/completions", Endpoint::chat},
    {k_openai, "", "/completions", Endpoint::completions},
    {k_openai, "", "/embeddings", Endpoint::embeddings},
    {k_openai, "", "/responses", Endpoint::responses},
    {k_openai, "", "/images/generations", Endpoint::images_generations},
    {" anthropic azure_ai ", "", "/v1/messages", Endpoint::messages},
    {k_google, "/models/", ":generateContent", Endpoint::generate_content},
    {k_google, "/models/", ":streamGenerateContent", Endpoint::generate_content, {}, true},
    {" vertex_ai ", "/publishers/anthropic/models/", ":rawPredict", Endpoint::messages},
    {" vertex_ai ", "/publishers/anthropic/models/", ":streamRawPredict", Endpoint::messages, {}, true},
    {k_bedrock, "/model/", "/converse", Endpoint::chat, "converse/"},
    {k_bedrock, "/model/", "/converse-stream", Endpoint::chat, "converse/", true},
    {k_bedrock, "/model/", "/invoke", Endpoint::chat, "invoke/"},
    {k_bedrock, "/model/", "/invoke-with-response-stream", Endpoint::chat, "invoke/", true},
    {k_cohere, "", "/v2/chat", Endpoint::chat},
    {k_cohere, "", "/v2/embed", Endpoint::embeddings},
    {k_cohere, "", "/v2/rerank", Endpoint::rerank},
});

bool is_named(string_view words, string_view name) {
  const auto at = words.find(name);
  return at != string_view::npos && at > 0 && words[at - 1] == ' ' && words[at + name.size()] == ' ';
}

/// What stands behind `before`; nothing = it is not there, or nothing follows.
string_view behind(string_view text, string_view before) {
  const auto at = text.find(before);
  return at == string_view::npos ? string_view() : text.substr(at + before.size());
}

} // namespace

std::optional<PassedCall> read_passed_call(string_view provider, string_view path) {
  for (auto& row : k_rows) {
    if (!is_named(row.providers, provider) || !path.ends_with(row.end)) continue;
    const auto rest = path.substr(0, path.size() - row.end.size());
    // Azure's deployments are models by another name.
    const auto name = behind(rest, row.before.empty() ? "/deployments/" : row.before);
    if (!row.before.empty() && name.empty()) continue;
    PassedCall out{row.endpoint, percent_decode(name), std::string(row.route), row.stream};
    if (row.route == "invoke/" && out.model.find("anthropic.") != std::string::npos)
      out.endpoint = Endpoint::messages; // the model's own format
    return out;
  }
  return std::nullopt;
}

} // namespace switchyard::http
