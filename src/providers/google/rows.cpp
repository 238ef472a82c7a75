// Google's rows and its Family: each call goes to the API that its endpoint and its model's name ask for.
// Immutable data and pure functions, any thread.
#include "providers/google/rows.hpp"

#include "providers/credentials/google.hpp"
#include "providers/family/chat.hpp"
#include "providers/google/messages.hpp"
#include "providers/google/routes.hpp"
#include "providers/google/urls.hpp"

#include <algorithm>
#include <array>

namespace switchyard::providers::google {
namespace {

using std::string_view;

const Handler& chat_handler(Route route) noexcept {
  switch (route) {
  case Route::gemini:
    return k_gemini_chat;
  case Route::claude:
    return k_claude;
  case Route::openapi:
  case Route::self_deployed:
  case Route::mistral:
  case Route::ai21:
    return k_openai_format;
  case Route::gemma:
    return k_gemma;
  case Route::text:
  case Route::chat:
    return k_bison;
  case Route::palm:
    return k_palm;
  }
  return k_gemini_chat;
}

const Handler& handler_of(const FamilyTarget& target, const Call& call) noexcept {
  switch (call.endpoint) {
  case Endpoint::embeddings:
    return k_embeddings;
  case Endpoint::images_generations:
    return k_images;
  case Endpoint::rerank:
    return k_rerank;
  case Endpoint::generate_content:
  case Endpoint::generate_count:
    return k_native;
  default:
    return chat_handler(read_model(target, call.model).route);
  }
}

bool takes(const FamilyTarget& target, const Call& call, string_view param) {
  return handler_of(target, call).takes(target, call, param);
}

Result<void> encode(Job& job, Upstream& out) {
  return handler_of(job.target, job.call).encode(job, read_model(job.target, job.call.model), out);
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  return handler_of(target, call).decode(target, call, answer, client_model, out);
}

std::unique_ptr<StreamDecoder> stream(const FamilyTarget& target, const Call& call,
                                      string_view client_model) {
  auto make = handler_of(target, call).stream;
  return make ? make(target, call, client_model) : nullptr;
}

Result<void> prepare_studio(FamilyTarget& target, const LitellmParams&, EnvLookup) {
  if (!target.key.empty()) target.lines.push_back({"x-goog-api-key", std::string(target.key.reveal()), true});
  return {};
}

Result<void> prepare_vertex(FamilyTarget& target, const LitellmParams& params, EnvLookup env);

/// Google fetches https URLs whose type is known. Claude on Vertex fetches nothing.
bool needs_bytes(const FamilyTarget& target, const Call& call, string_view url) {
  const auto route = read_model(target, call.model).route;
  if (route != Route::gemini) return route == Route::claude;
  return url.starts_with("http://") || (mime_of_url(url).empty() && !knows_type(url));
}

constexpr Family k_studio{.name = "google",
                          .prepare = prepare_studio,
                          .takes = takes,
                          .encode = encode,
                          .decode = decode,
                          .stream = stream,
                          .classify = classify_error,
                          .error_text = error_text,
                          .needs_bytes = needs_bytes};
constexpr Family k_vertex{.name = "vertex",
                          .prepare = prepare_vertex,
                          .takes = takes,
                          .encode = encode,
                          .decode = decode,
                          .stream = stream,
                          .classify = classify_error,
                          .error_text = error_text,
                          .needs_bytes = needs_bytes};

constexpr EndpointSet k_gemini_set = C | E | G | set_of(Endpoint::images_generations);

constexpr ProviderRow vertex_row(string_view name, EndpointSet endpoints) {
  return {.name = name,
          .base_url = {},
          .base_env = {},
          .key_env = {},
          .endpoints = endpoints,
          .auth = Auth::own_header,
          .errors = ErrorFamily::generic,
          .family = &k_vertex};
}

constexpr std::array k_rows{ProviderRow{.name = "gemini",
                                        .base_url = "https://generativelanguage.googleapis.com",
                                        .base_env = "GEMINI_API_BASE",
                                        .key_env = "GEMINI_API_KEY GOOGLE_API_KEY",
                                        .endpoints = k_gemini_set,
                                        .auth = Auth::own_header,
                                        .errors = ErrorFamily::generic,
                                        .family = &k_studio},
                            vertex_row("vertex_ai", k_gemini_set), vertex_row("vertex_ai_beta", k_gemini_set),
                            ProviderRow{.name = "palm",
                                        .base_url = "https://generativelanguage.googleapis.com/v1beta3",
                                        .base_env = {},
                                        .key_env = "PALM_API_KEY",
                                        .endpoints = C,
                                        .auth = Auth::own_header,
                                        .errors = ErrorFamily::generic,
                                        .family = &k_studio}};

/// Rows of vertex_ai's other models: they serve other endpoints than Gemini does. Patterns ("vertex_ai/*")
/// may be either, so that everything but chat, embeddings and images is bridged there.
constexpr ProviderRow k_rank_row = vertex_row("vertex_ai", R);
constexpr ProviderRow k_claude_row = vertex_row("vertex_ai", C | N), k_chat_row = vertex_row("vertex_ai", C),
                      k_pattern_row = vertex_row("vertex_ai", C | E | set_of(Endpoint::images_generations));

bool is_ranker(string_view model) noexcept { return model.starts_with("semantic-ranker"); }

const ProviderRow* row_for(const FamilyTarget& target) noexcept {
  const auto route = read_model(target, target.model).route;
  if (route == Route::claude) return &k_claude_row;
  if (is_ranker(target.model)) return &k_rank_row;
  if (target.model.starts_with("*")) return &k_pattern_row;
  return route == Route::gemini ? target.row : &k_chat_row;
}

/// An API key means express mode; else the token of the configured credentials, or of what the machine
/// offers.
Result<void> prepare_vertex(FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  const bool ranker = is_ranker(target.model); // an API of another host, in no region
  target.region = ranker ? "global" : location_of(params, target.model, env);
  const auto wrong = [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'); };
  if (std::any_of(target.region.begin(), target.region.end(), wrong))
    return config_error("vertex_location",
                        "vertex_location '" + target.region + "' is no Google Cloud location");
  if (target.base.origin.host.empty()) {
    auto base =
        parse_base_url(ranker ? "https://discoveryengine.googleapis.com" : vertex_host(target.region));
    if (!base) return base.error();
    target.base = std::move(*base);
  }
  target.row = row_for(target);
  for (auto name : {"vertex_project", "vertex_ai_project"})
    if (target.project.empty()) target.project = setting(target, name);
  if (target.project.empty()) target.project = first_env("VERTEXAI_PROJECT VERTEX_PROJECT", env);
  if (!target.key.empty()) return prepare_studio(target, params, env);
  return google_credentials(target, params, env);
}

} // namespace

std::span<const ProviderRow> rows() noexcept { return k_rows; }

} // namespace switchyard::providers::google
