// The route table and its lookup. Exact paths through a sorted index, the few patterns one by one.
#include "http/route_table.hpp"

#include "http/routes/routes.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace switchyard::http {

namespace {

using enum Endpoint;
using K = RouteKind;

constexpr Route llm(std::string_view path, Endpoint endpoint, std::string_view summary) {
  return {path, k_post, Access::key, K::llm, endpoint, routes::llm, summary};
}
constexpr Route info(std::string_view path, Access access, aw<> (*handle)(RequestContext&),
                     std::string_view summary) {
  return {path, k_get, access, K::info, k_count, handle, summary};
}

constexpr Route session(std::string_view path) {
  return {path,
          k_get,
          Access::key,
          K::llm,
          k_count,
          routes::realtime,
          "A realtime session: a WebSocket, ?model="};
}
constexpr Route passed(std::string_view path, aw<> (*handle)(RequestContext&), std::string_view summary) {
  return {path, k_get | k_post | k_put | k_patch | k_delete, Access::key, K::llm, k_count, handle, summary};
}

constexpr std::array k_routes = {
    llm("/chat/completions", chat, "Chat completion"),
    llm("/v1/chat/completions", chat, "Chat completion"),
    llm("/engines/{m}/chat/completions", chat, "Chat completion, model in the path"),
    llm("/openai/deployments/{m}/chat/completions", chat, "Chat completion, Azure's form"),
    llm("/completions", completions, "Text completion"),
    llm("/v1/completions", completions, "Text completion"),
    llm("/engines/{m}/completions", completions, "Text completion, model in the path"),
    llm("/openai/deployments/{m}/completions", completions, "Text completion, Azure's form"),
    llm("/embeddings", embeddings, "Embeddings"),
    llm("/v1/embeddings", embeddings, "Embeddings"),
    llm("/engines/{m}/embeddings", embeddings, "Embeddings, model in the path"),
    llm("/openai/deployments/{m}/embeddings", embeddings, "Embeddings, Azure's form"),
    llm("/responses", responses, "Responses API"),
    llm("/v1/responses", responses, "Responses API"),
    llm("/openai/v1/responses", responses, "Responses API, Azure's form"),
    llm("/v1/messages", messages, "Anthropic's Messages API"),
    llm("/v1/messages/count_tokens", messages_count, "Anthropic's token count"),
    llm("/v1beta/models/{m}", generate_content,
        "Gemini's generateContent, streamGenerateContent, countTokens"),
    llm("/v1/models/{m}", generate_content,
        "The same path without beta, as Google's SDK has it for other hosts"),
    llm("/models/{m}", generate_content, "Gemini's generateContent, streamGenerateContent, countTokens"),
    llm("/moderations", moderations, "Moderation"),
    llm("/v1/moderations", moderations, "Moderation"),
    llm("/images/generations", images_generations, "Image generation"),
    llm("/v1/images/generations", images_generations, "Image generation"),
    llm("/openai/deployments/{m}/images/generations", images_generations, "Image generation, Azure's form"),
    llm("/images/edits", images_edits, "Image edit"),
    llm("/v1/images/edits", images_edits, "Image edit"),
    llm("/openai/deployments/{m}/images/edits", images_edits, "Image edit, Azure's form"),
    llm("/images/variations", images_variations, "Image variation"),
    llm("/v1/images/variations", images_variations, "Image variation"),
    llm("/audio/transcriptions", transcriptions, "Speech to text"),
    llm("/v1/audio/transcriptions", transcriptions, "Speech to text"),
    llm("/openai/deployments/{m}/audio/transcriptions", transcriptions, "Speech to text, Azure's form"),
    llm("/audio/translations", translations, "Speech to English text"),
    llm("/v1/audio/translations", translations, "Speech to English text"),
    llm("/openai/deployments/{m}/audio/translations", translations, "Speech to English text, Azure's form"),
    llm("/audio/speech", speech, "Text to speech"),
    llm("/v1/audio/speech", speech, "Text to speech"),
    llm("/openai/deployments/{m}/audio/speech", speech, "Text to speech, Azure's form"),
    llm("/rerank", rerank, "Rerank"),
    llm("/v1/rerank", rerank, "Rerank"),
    llm("/v2/rerank", rerank, "Rerank"),

    session("/realtime"),
    session("/v1/realtime"),
    session("/openai/realtime"),
    session("/openai/v1/realtime"),

    Route{"/models", k_get, Access::key, K::llm, k_count, routes::list_models, "List models"},
    Route{"/v1/models", k_get, Access::key, K::llm, k_count, routes::list_models, "List models"},
    Route{"/openai/models", k_get, Access::key, K::llm, k_count, routes::list_models, "List models"},
    Route{"/models/{m}", k_get, Access::key, K::llm, k_count, routes::one_model, "One model"},
    Route{"/v1/models/{m}", k_get, Access::key, K::llm, k_count, routes::one_model, "One model"},

    Route{"/model/info", k_get | k_post, Access::key, K::info, k_count, routes::model_info,
          "Deployments and their settings, secrets removed"}, // POST: the docs' curl sends --data ''
    Route{"/v1/model/info", k_get | k_post, Access::key, K::info, k_count, routes::model_info,
          "Deployments and their settings, secrets removed"}, // POST: the docs' curl sends --data ''
    passed("/responses/{m}", routes::response_by_id, "A stored response: get, delete, cancel, input_items"),
    passed("/v1/responses/{m}", routes::response_by_id,
           "A stored response: get, delete, cancel, input_items"),
    passed("/v1/files", routes::files, "Files"),
    passed("/v1/files/{m}", routes::files, "One file, its content"),
    passed("/files", routes::files, "Files"),
    passed("/files/{m}", routes::files, "One file, its content"),
    passed("/v1/batches", routes::files, "Batches"),
    passed("/v1/batches/{m}", routes::files, "One batch, cancel"),
    passed("/batches", routes::files, "Batches"),
    passed("/batches/{m}", routes::files, "One batch, cancel"),
    passed("/v1/fine_tuning/{m}", routes::files, "Fine-tuning jobs"),
    passed("/fine_tuning/{m}", routes::files, "Fine-tuning jobs"),
    passed("/v1/vector_stores", routes::files, "Vector stores"),
    passed("/v1/vector_stores/{m}", routes::files, "One vector store, its files, search"),

    info("/model_group/info", Access::key, routes::model_group_info, "Model groups and their limits"),
    info("/router/state", Access::key, routes::router_state, "Live numbers of every deployment"),
    Route{"/utils/token_counter", k_post, Access::key, K::info, k_count, routes::token_counter,
          "Counts the tokens of a prompt"},
    info("/utils/supported_openai_params", Access::key, routes::supported_openai_params,
         "Parameters that a model takes"),
    Route{"/utils/transform_request", k_post, Access::key, K::info, k_count, routes::transform_request,
          "The upstream request that a call would make"},
    info("/health", Access::key, routes::health,
         "Calls every deployment once, or shows the background checks"),
    info("/health/readiness", Access::open, routes::readiness, "Ready to serve"),
    info("/health/liveliness", Access::open, routes::liveliness, "Alive"),
    info("/health/liveness", Access::open, routes::liveliness, "Alive"),
    info("/health/backlog", Access::key, routes::backlog, "Requests in flight"),
    info("/health/services", Access::key, routes::health_services, "Sends a test to a service"),
    info("/health/shared-status", Access::key, routes::health_shared_status,
         "Whether instances share their health checks"),
    info("/routes", Access::open, routes::list_routes, "Every route"),
    info("/test", Access::open, routes::test, "Answers with its own route"),
    info("/robots.txt", Access::open, routes::robots, "Deny robots when block_robots is on"),
    info("/metrics", Access::metrics, routes::metrics, "Prometheus metrics"),
    passed("/openai_passthrough/{m}", routes::pass_through, "Passed on to OpenAI"),
    passed("/openai/{m}", routes::pass_through, "Passed on to OpenAI"),
    passed("/anthropic/{m}", routes::pass_through, "Passed on to Anthropic"),
    passed("/azure_ai/{m}", routes::pass_through, "Passed on to Azure AI"),
    passed("/azure/{m}", routes::pass_through, "Passed on to Azure OpenAI"),
    passed("/bedrock/{m}", routes::pass_through, "Passed on to AWS Bedrock"),
    passed("/vertex_ai/{m}", routes::pass_through, "Passed on to Vertex AI"),
    passed("/vertex-ai/{m}", routes::pass_through, "Passed on to Vertex AI"),
    passed("/gemini/{m}", routes::pass_through, "Passed on to Google AI Studio"),
    passed("/cohere/{m}", routes::pass_through, "Passed on to Cohere"),
    passed("/mistral/{m}", routes::pass_through, "Passed on to Mistral"),
    passed("/vllm/{m}", routes::pass_through, "Passed on to a vLLM server"),
    Route{"/openapi.json", k_get, Access::open, K::docs, k_count, routes::openapi, "OpenAPI document"},
    Route{"/", k_get, Access::open, K::docs, k_count, routes::docs_page, "API documentation page"},
};

constexpr bool is_pattern(const Route& route) { return route.path.find("{m}") != std::string_view::npos; }

/// Our own routes and what was installed behind them.
struct Index {
  std::vector<Route> routes{k_routes.begin(), k_routes.end()};
  std::vector<const Route*> exact, patterns;
  Index() { sort(); }
  void sort() {
    exact.clear(), patterns.clear();
    for (auto& route : routes) (is_pattern(route) ? patterns : exact).push_back(&route);
    std::stable_sort(exact.begin(), exact.end(), [](auto* a, auto* b) { return a->path < b->path; });
  }
};

Index& routes_index() {
  static Index index;
  return index;
}

bool match_pattern(const Route& route, std::string_view path, std::string_view& argument) {
  auto brace = route.path.find("{m}");
  auto head = route.path.substr(0, brace), tail = route.path.substr(brace + 3);
  if (path.size() <= head.size() + tail.size() || !path.starts_with(head) || !path.ends_with(tail))
    return false;
  argument = path.substr(head.size(), path.size() - head.size() - tail.size());
  return true;
}

struct MethodName {
  std::string_view name;
  unsigned bit;
};
constexpr MethodName k_methods[] = {{"GET", k_get}, {"HEAD", k_get},    {"POST", k_post},
                                    {"PUT", k_put}, {"PATCH", k_patch}, {"DELETE", k_delete}};

unsigned method_bit(std::string_view method) {
  for (auto& known : k_methods)
    if (known.name == method) return known.bit;
  return 0;
}

} // namespace

void install_routes(std::span<const management::Route> managed) {
  auto& index = routes_index();
  for (auto& route : managed)
    index.routes.push_back({route.path, route.methods, Access::key, RouteKind::management, k_count,
                            routes::management, route.summary, &route});
  index.sort();
}

std::span<const Route> all_routes() { return routes_index().routes; }

std::vector<std::string_view> method_names(unsigned methods) {
  std::vector<std::string_view> names;
  for (auto& known : k_methods)
    if (methods & known.bit) names.push_back(known.name);
  return names;
}

RouteMatch find_route(std::string_view method, std::string_view path) {
  auto& index = routes_index();
  const auto bit = method_bit(method);
  RouteMatch result;
  auto it = std::lower_bound(index.exact.begin(), index.exact.end(), path,
                             [](const Route* route, std::string_view p) { return route->path < p; });
  for (; it != index.exact.end() && (*it)->path == path; ++it) {
    if ((*it)->methods & bit) return {*it, {}, false};
    result.wrong_method = true;
  }
  for (auto* route : index.patterns) {
    std::string_view argument;
    if (!match_pattern(*route, path, argument)) continue;
    if (route->methods & bit) return {route, argument, false};
    result.wrong_method = true;
  }
  return result;
}

} // namespace switchyard::http
