// GET / and /openapi.json: API documentation made from the route table; the page is inside the binary.
#include "http/answers.hpp"
#include "http/route_table.hpp"
#include "http/routes/docs_page.hpp"
#include "http/routes/routes.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/json_scan.hpp>
#include <switchyard/version.hpp>

#include <map>

namespace switchyard::http::routes {

namespace {

aw<> not_found(Exchange& exchange) {
  Error error;
  error.code = Errc::unknown_route, error.message = "Not Found";
  co_await answer_error(exchange, error);
}

/// Example bodies, shown by the page's "try it" form.
std::string_view example(Endpoint endpoint) {
  switch (endpoint) {
  case Endpoint::chat:
    return R"({"model":"MODEL","messages":[{"role":"user","content":"Hello!"}]})";
  case Endpoint::completions:
    return R"({"model":"MODEL","prompt":"Hello"})";
  case Endpoint::embeddings:
  case Endpoint::moderations:
  case Endpoint::responses:
    return R"({"model":"MODEL","input":"Hello"})";
  case Endpoint::images_generations:
    return R"({"model":"MODEL","prompt":"a switchyard at night"})";
  case Endpoint::speech:
    return R"({"model":"MODEL","input":"Hello","voice":"alloy"})";
  case Endpoint::rerank:
    return R"({"model":"MODEL","query":"trains","documents":["rails","boats"]})";
  default:
    return {};
  }
}

bool takes_form(Endpoint endpoint) {
  return endpoint == Endpoint::transcriptions || endpoint == Endpoint::translations ||
         endpoint == Endpoint::images_edits || endpoint == Endpoint::images_variations;
}

std::string openapi_path(std::string_view path) {
  std::string out(path);
  if (auto at = out.find("{m}"); at != std::string::npos) out.replace(at, 3, "{model}");
  return out;
}

std::string_view tag_of(const Route& route) {
  return route.kind == RouteKind::llm ? "LLM" : route.kind == RouteKind::management ? "management" : "server";
}

std::string operation(const Route& route, std::string_view method) {
  const bool sends = method != "GET" && method != "HEAD";
  std::string out = json_string(lower_case(method)) + ":{";
  out += "\"summary\":" + json_string(route.summary);
  out += ",\"tags\":[\"" + std::string(tag_of(route)) + "\"]";
  if (route.path.find("{m}") != std::string_view::npos)
    out += R"(,"parameters":[{"name":"model","in":"path","required":true,"schema":{"type":"string"}}])";
  const auto body = example(route.endpoint);
  if (sends && takes_form(route.endpoint))
    out +=
        R"(,"requestBody":{"required":true,"content":{"multipart/form-data":{"schema":{"type":"object"}}}})";
  else if (sends)
    out +=
        R"(,"requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object"},"example":)" +
        std::string(body.empty() ? "{}" : body) + "}}}";
  if (route.access != Access::open) out += R"(,"security":[{"key":[]}])";
  out += R"(,"responses":{"200":{"description":"Success"},"default":{"description":"Error"}}})";
  return out;
}

/// Path -> its operations: several rows may share a path.
std::string paths(const ServerSettings& server) {
  std::map<std::string, std::string> all;
  for (auto& route : all_routes()) {
    if (server.docs_filtered && route.kind != RouteKind::llm) continue;
    auto& operations = all[openapi_path(route.path)];
    for (auto method : method_names(route.methods))
      if (method != "HEAD") operations += (operations.empty() ? "" : ",") + operation(route, method);
  }
  std::string out = "{";
  for (auto& [path, operations] : all)
    out += (out.size() > 1 ? "," : "") + json_string(path) + ":{" + operations + "}";
  return out + "}";
}

std::string document(const ServerSettings& server) {
  std::string out = "{\"openapi\":\"3.1.0\",\"info\":{\"title\":" + json_string(server.docs_title) +
                    ",\"description\":" + json_string(server.docs_description) +
                    ",\"version\":" + json_string(k_version) + "},";
  if (!server.root_path.empty()) out += "\"servers\":[{\"url\":" + json_string(server.root_path) + "}],";
  return out + R"("components":{"securitySchemes":{"key":{"type":"http","scheme":"bearer"}}},"paths":)" +
         paths(server) + "}";
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string page(const ServerSettings& server) {
  std::string out(k_docs_page);
  auto replace = [&](std::string_view mark, const std::string& text) {
    for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark, at + text.size()))
      out.replace(at, mark.size(), text);
  };
  replace("@TITLE@", html_escaped(server.docs_title));
  replace("@ROOT@", html_escaped(server.root_path));
  return out;
}

} // namespace

aw<> openapi(RequestContext& context) {
  auto& server = context.config.server;
  if (server.no_openapi) co_return co_await not_found(context.exchange);
  auto body = document(server);
  co_await answer_json(context.exchange, 200, body);
}

aw<> docs_page(RequestContext& context) {
  auto& server = context.config.server;
  bool moved = context.path == "/" && server.docs_url != "/";
  if (server.no_docs || server.no_openapi || moved) {
    co_await answer_json(context.exchange, 200, "\"LiteLLM: RUNNING\"");
    co_return;
  }
  auto body = page(server);
  co_await answer_text(context.exchange, 200, "text/html; charset=utf-8", body);
}

} // namespace switchyard::http::routes
