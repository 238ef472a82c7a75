// Every HTTP route in one table: path, methods, who may call it, handler. Immutable.
#pragma once

#include "http/request.hpp"

#include <switchyard/management.hpp>

#include <span>
#include <string>
#include <string_view>

namespace switchyard::http {

using management::k_delete, management::k_get, management::k_patch, management::k_post, management::k_put;

/// Who may call: everybody, or holders of a key. `metrics` follows require_auth_for_metrics_endpoint.
enum class Access : std::uint8_t { open, key, metrics };

/// LLM routes are "openai_routes" in LiteLLM's words; DOCS_FILTERED shows only those.
enum class RouteKind : std::uint8_t { llm, info, docs, management };

struct Route {
  std::string_view path; ///< may hold one {m}, which matches any non-empty text, slashes included
  unsigned methods;
  Access access;
  RouteKind kind;
  Endpoint endpoint; ///< LLM routes only
  aw<> (*handle)(RequestContext&);
  std::string_view summary;
  const management::Route* managed = nullptr; ///< runs on the store's threads
};

struct RouteMatch {
  const Route* route = nullptr;
  std::string_view argument; ///< what {m} matched, percent-encoded as received
  bool wrong_method = false; ///< the path exists, the method does not
};

/// Adds the management routes; a path of our own table wins. Before the first request, from main's thread.
void install_routes(std::span<const management::Route> routes);
std::span<const Route> all_routes();
/// "GET", "POST", ... of a set of methods; GET brings HEAD.
std::vector<std::string_view> method_names(unsigned methods);
RouteMatch find_route(std::string_view method, std::string_view path);

} // namespace switchyard::http
