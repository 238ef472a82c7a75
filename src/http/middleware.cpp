// The middleware list. Order matters and is explained row by row.
#include "http/middleware.hpp"

#include "http/access/authenticate.hpp"
#include "http/query.hpp"
#include "http/route_lists.hpp"
#include "http/route_table.hpp"
#include "http/routes/routes.hpp"

#include <switchyard/call_id.hpp>

#include <algorithm>
#include <charconv>

namespace switchyard::http {

namespace {

Error edge_error(Errc code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

// -- call id: the client's when it is safe to log, else a fresh uuid4

Result<void> assign_call_id(RequestContext& context) {
  auto given = context.exchange.head.find("x-litellm-call-id");
  auto& id = context.exchange.call_id;
  if (!given.empty() && valid_call_id(given))
    id.assign(given);
  else
    id = context.call_ids.next();
  auto& headers = context.exchange.extra_headers;
  headers += "x-litellm-call-id: ", headers += id, headers += "\r\n";
  return {};
}

// -- CORS: headers on every answer; a preflight needs no key and no route

bool origin_allowed(const ServerSettings& server, std::string_view origin) {
  return std::any_of(server.cors_origins.begin(), server.cors_origins.end(),
                     [&](auto& allowed) { return allowed == "*" || allowed == origin; });
}

aw<> answer_preflight(RequestContext& context) {
  co_await settled(context.exchange.respond(200, "Content-Type: text/plain\r\n", {}));
}

constexpr Route k_preflight{"", 0, Access::open, RouteKind::info, Endpoint::k_count, answer_preflight, ""};

Result<void> cors(RequestContext& context) {
  auto& exchange = context.exchange;
  auto origin = exchange.head.find("origin");
  if (origin.empty()) return {};
  auto& server = context.config.server;
  if (!origin_allowed(server, origin)) return {};
  auto& out = exchange.extra_headers;
  bool any =
      !server.cors_allow_credentials &&
      std::find(server.cors_origins.begin(), server.cors_origins.end(), "*") != server.cors_origins.end();
  out += "Access-Control-Allow-Origin: ", out += any ? std::string_view("*") : origin, out += "\r\n";
  if (!any) out += "Vary: Origin\r\n";
  if (server.cors_allow_credentials) out += "Access-Control-Allow-Credentials: true\r\n";
  bool preflight = exchange.head.method == "OPTIONS" && exchange.head.has("access-control-request-method");
  if (!preflight) return {};
  out += "Access-Control-Allow-Methods: DELETE, GET, HEAD, OPTIONS, PATCH, POST, "
         "PUT\r\nAccess-Control-Max-Age: 600\r\n";
  if (auto wanted = exchange.head.find("access-control-request-headers"); !wanted.empty())
    out += "Access-Control-Allow-Headers: ", out += wanted, out += "\r\n";
  context.route = &k_preflight;
  return {};
}

// -- SERVER_ROOT_PATH: all paths also work below it

Result<void> strip_root_path(RequestContext& context) {
  auto path = context.exchange.head.path;
  if (path.find('%') != std::string_view::npos) path = context.decoded_path = percent_decode(path);
  std::string_view root = context.config.server.root_path;
  while (root.ends_with('/')) root.remove_suffix(1);
  if (!root.empty() && path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/'))
    path.remove_prefix(root.size());
  context.path = path.empty() ? std::string_view("/") : path;
  return {};
}

// -- route

Result<void> match_route(RequestContext& context) {
  if (context.route) return {}; // preflight
  auto path = context.path;
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  bool docs = path == context.config.server.docs_url; // DOCS_URL moves the page away from "/"
  auto match = find_route(context.exchange.head.method, docs ? std::string_view("/") : path);
  if (auto* configured = match.route ? nullptr : routes::configured_route(context))
    return context.route = configured, Result<void>();
  if (match.wrong_method) return edge_error(Errc::wrong_method, "Method Not Allowed");
  if (!match.route) return edge_error(Errc::unknown_route, "Not Found");
  context.route = match.route;
  context.exchange.endpoint = match.route->endpoint;
  if (!match.argument.empty()) context.path_argument = match.argument;
  return {};
}

// -- general_settings.allowed_ips, allowed_routes, max_request_size_mb: before the key, as LiteLLM does

Result<void> allowed_ip(RequestContext& context) {
  auto& general = context.config.general;
  if (general.allowed_ips.empty()) return {};
  auto ip = general.use_x_forwarded_for && context.exchange.head.has("x-forwarded-for")
                ? std::string(context.exchange.head.find("x-forwarded-for"))
                : context.exchange.client_ip;
  if (std::find(general.allowed_ips.begin(), general.allowed_ips.end(), ip) != general.allowed_ips.end())
    return {};
  auto error = edge_error(Errc::forbidden, "Access forbidden: IP address " + ip + " not allowed.");
  error.extra().type = "auth_error";
  return error;
}

Result<void> allowed_route(RequestContext& context) {
  auto& allowed = context.config.general.allowed_routes;
  bool internal = context.route->access == Access::open; // health and docs stay reachable
  if (allowed.empty() || internal || route_listed(allowed, *context.route, context.path)) return {};
  auto error = edge_error(Errc::forbidden, "Route " + std::string(context.path) + " not allowed");
  error.extra().type = "auth_error";
  return error;
}

Result<void> request_size(RequestContext& context) {
  double cap = context.config.general.max_request_size_mb;
  auto length = context.exchange.head.content_length;
  if (cap <= 0 || !length) return {};
  double size = static_cast<double>(*length) / 1048576.0;
  if (size <= cap) return {};
  char text[64];
  auto print = [&](double v) { return std::string(text, std::to_chars(text, text + sizeof text, v).ptr); };
  auto error = edge_error(Errc::invalid_request, "Request size is too large. Request size is " + print(size) +
                                                     " MB. Max size is " + print(cap) + " MB");
  error.extra().type = "bad_request_error";
  error.extra().param = "content-length";
  return error;
}

using Step = Result<void> (*)(RequestContext&);

constexpr Step k_steps[] = {
    assign_call_id,       // first: every later answer and log line carries it
    cors,                 // browsers must see the headers on errors too
    strip_root_path,      //
    match_route,          // 404 and 405 need no key, as in LiteLLM
    allowed_ip,           // cheaper than the key
    allowed_route,        //
    request_size,         //
    access::authenticate, // last: everything behind it is trusted to be a key holder
};

} // namespace

Result<void> run_middleware(RequestContext& context) {
  for (auto step : k_steps)
    if (auto done = step(context); !done) return done.error();
  return {};
}

} // namespace switchyard::http
