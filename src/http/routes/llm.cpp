// Routes that reach a provider: read the body once (or make it of the query), then the attempt loop.
#include "http/access/llm_access.hpp"
#include "http/answers.hpp"
#include "http/attempt.hpp"
#include "http/llm_request.hpp"
#include "http/realtime_request.hpp"
#include "http/routes/routes.hpp"
#include "http/shard.hpp"

#include <atomic>

namespace switchyard::http::routes {

namespace {

std::size_t body_cap(const Config& config) {
  double mb = config.general.max_request_size_mb;
  auto cap = config.server.max_body_bytes;
  return mb > 0 ? std::min(cap, static_cast<std::size_t>(mb * 1048576.0)) : cap;
}

/// general_settings.global_max_parallel_requests: LLM requests of the whole process at one time.
class ParallelSlot {
 public:
  ParallelSlot(const RequestContext& context)
      : used_(context.config.general.global_max_parallel_requests > 0 ? &context.process.limits->llm_requests
                                                                      : nullptr) {
    if (!used_) return;
    granted_ =
        used_->fetch_add(1, std::memory_order_acq_rel) < context.config.general.global_max_parallel_requests;
  }
  ~ParallelSlot() {
    if (used_) used_->fetch_sub(1, std::memory_order_acq_rel);
  }
  ParallelSlot(const ParallelSlot&) = delete;
  ParallelSlot& operator=(const ParallelSlot&) = delete;
  bool granted() const noexcept { return granted_; }

 private:
  std::atomic<std::int64_t>* used_;
  bool granted_ = true;
};

Error too_many(const RequestContext& context) {
  Error error;
  error.code = Errc::rate_limit;
  error.message = "Max parallel request limit reached. global_max_parallel_requests=" +
                  std::to_string(context.config.general.global_max_parallel_requests);
  error.retry_after = Millis(1000);
  return error;
}

/// `body` outlives the call.
aw<> serve(RequestContext& context, std::string_view body) {
  LlmRequest request;
  if (auto read = read_llm_request(context, body, request); !read) {
    co_await answer_error(context.exchange, read.error());
    co_return;
  }
  if (access::customer_unknown(context, request)) co_await access::find_customer(context, request);
  if (auto allowed = access::check_llm_access(context, request); !allowed) {
    co_await answer_error(context.exchange, allowed.error());
    co_return;
  }
  co_await serve_llm(context, request);
}

} // namespace

aw<> llm(RequestContext& context) {
  ParallelSlot slot(context);
  if (!slot.granted()) {
    co_await answer_error(context.exchange, too_many(context));
    co_return;
  }
  auto body = context.exchange.read_body(body_cap(context.config));
  if (!body.now) body.now = co_await std::move(body.later);
  if (!*body.now) {
    co_await answer_error(context.exchange, body.now->error());
    co_return;
  }
  co_await serve(context, **body.now);
}

aw<> realtime(RequestContext& context) {
  ParallelSlot slot(context);
  if (!slot.granted()) {
    co_await answer_error(context.exchange, too_many(context));
    co_return;
  }
  auto asked = read_realtime_request(context.exchange.head);
  if (!asked) {
    co_await answer_error(context.exchange, asked.error(), upgrade_hint(asked.error()));
    co_return;
  }
  co_await serve(context, *asked);
}

} // namespace switchyard::http::routes
