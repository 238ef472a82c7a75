// POST routes that reach a provider: read the body once, then the attempt loop.
#include "http/answers.hpp"
#include "http/attempt.hpp"
#include "http/llm_request.hpp"
#include "http/routes/routes.hpp"

namespace switchyard::http::routes {

namespace {

std::size_t body_cap(const Config& config) {
  double mb = config.general.max_request_size_mb;
  auto cap = config.server.max_body_bytes;
  return mb > 0 ? std::min(cap, static_cast<std::size_t>(mb * 1048576.0)) : cap;
}

} // namespace

aw<> llm(RequestContext& context) {
  auto body = co_await context.exchange.read_body(body_cap(context.config));
  if (!body) {
    co_await answer_error(context.exchange, body.error());
    co_return;
  }
  LlmRequest request;
  if (auto read = read_llm_request(context, *body, request); !read) {
    co_await answer_error(context.exchange, read.error());
    co_return;
  }
  co_await serve_llm(context, request);
}

} // namespace switchyard::http::routes
