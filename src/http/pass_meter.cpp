// Admission and price of calls that are passed on. Shard code.
#include "http/pass_meter.hpp"

#include "http/access/llm_access.hpp"
#include "http/access/request_rules.hpp"
#include "http/access/who_pays.hpp"
#include "http/bill_bound.hpp"
#include "http/bill_event.hpp"
#include "http/header_text.hpp"

#include <switchyard/ledger.hpp>
#include <switchyard/plane.hpp>

#include <algorithm>

namespace switchyard::http {

namespace {

using std::string_view;

/// Longer answers are not read for their usage.
constexpr std::size_t k_most_read = 32u * 1024 * 1024;

std::string text_member(const LlmRequest& request, string_view key) {
  auto* field = request.json ? request.scan.find(key) : nullptr;
  if (!field || field->kind != JsonKind::string) return {};
  auto text = unescape(request.scan.raw(*field));
  return text ? *text : std::string();
}

bool flag_member(const LlmRequest& request, string_view key) {
  auto* field = request.json ? request.scan.find(key) : nullptr;
  return field && request.scan.raw(*field) == "true";
}

/// "converse/NAME" is NAME too.
bool is_model(string_view rows, string_view name) {
  if (!rows.ends_with(name)) return false;
  return rows.size() == name.size() || rows[rows.size() - name.size() - 1] == '/';
}

/// One group, whatever is asked for; all else as before.
class PricedBy final : public Routing {
 public:
  PricedBy(RoutingPtr below, GroupPtr group) : below_(std::move(below)), group_(std::move(group)) {}
  Resolved resolve(string_view) const override {
    Resolved out;
    out.group = group_;
    return out;
  }
  std::span<const GroupPtr> groups() const override { return below_->groups(); }
  std::vector<std::string> model_names(bool patterns) const override { return below_->model_names(patterns); }
  const Config& config() const override { return below_->config(); }

 private:
  const RoutingPtr below_;
  const GroupPtr group_;
};

} // namespace

Error may_pass_unpriced(const RequestContext& context) {
  if (!context.identity) return Error(Errc::none);
  auto& identity = *context.identity;
  for (auto& entity : access::who_pays({&identity, {}, {}, nullptr, nullptr, nullptr, nullptr}))
    if (entity->limits.max_budget || !entity->limits.windows.empty())
      return access::forbidden("This call is passed on and has no price that is known here, so a " +
                               std::string(name_of(entity->kind)) +
                               " with a budget cannot make it. Use a key without a budget for " +
                               std::string(context.path));
  if (!identity.key->models.empty() || (identity.team && !identity.team->models.empty()))
    return access::forbidden("This call is passed on and may use any model, so a key or team with a list of "
                             "models cannot make it. Use another key for " +
                             std::string(context.path));
  return Error(Errc::none);
}

PassMeter::PassMeter(RequestContext& context, std::shared_ptr<const providers::Target> target,
                     std::optional<PassedCall> call)
    : context_(context), target_(std::move(target)), call_(std::move(call)),
      charge_(*context.process.limits) {}

// -- the request

/// Whatever is not as its format wants it is not priced.
void PassMeter::read_request(string_view body) {
  request_.body = body;
  request_.content_type = context_.exchange.head.find("content-type");
  request_.json = scan_object(body, request_.scan).has_value();
  request_.endpoint = k_session_endpoint;
  if (!call_) return;
  model_ = call_->model.empty() ? text_member(request_, "model") : call_->model;
  const bool known = request_.json && !model_.empty() && context_.exchange.head.method == "POST" &&
                     providers::provider_of(*target_).supports(*target_, call_->endpoint);
  if (!known) return call_.reset();
  request_.endpoint = call_->endpoint;
  request_.model = model_;
  request_.stream = call_->stream || flag_member(request_, "stream");
}

/// The bill asks the call's routing what its model may cost.
void PassMeter::price_by(GroupPtr group) {
  context_.routing = std::make_shared<PricedBy>(context_.routing, std::move(group));
}

/// The row that prices it: one of this model, else a row made of the price book.
void PassMeter::choose_row() {
  auto made = std::make_shared<Deployment>();
  for (auto& group : context_.routing->groups())
    for (auto& row : group->deployments) {
      if (!row->target || row->target->provider != target_->provider) continue;
      if (is_model(row->target->model, model_) && row->price && !row_) row_ = row;
      made->adjust = row->adjust; // of the provider
    }
  if (!row_) {
    auto& own = context_.config.plane->prices; // null in configurations that main has not seen
    auto& prices = own ? own : context_.shard.plane->prices;
    made->row.model_name = model_, made->target = target_;
    if (prices) made->price = prices->find(model_, target_->provider);
    row_ = std::move(made);
  }
  auto group = std::make_shared<Group>();
  group->name = model_, group->deployments = {row_};
  price_by(std::move(group));
}

/// The rules of any call; aliases change nothing, since the body goes as it is.
Error PassMeter::check() {
  if (!call_) return target_ ? may_pass_unpriced(context_) : Error(Errc::none);
  auto allowed = access::check_llm_access(context_, request_);
  request_.model = model_;
  return allowed ? Error(Errc::none) : allowed.error();
}

aw<Error> PassMeter::open(string_view body) {
  read_request(body);
  const bool plane = context_.shard.plane && context_.shard.journal;
  if (!plane) co_return check();
  auto user = access::end_user_of(context_.exchange.head.headers, request_.json ? &request_.scan : nullptr,
                                  access::plane_of(context_.config));
  if (!user) co_return user.error();
  request_.end_user = std::move(*user);
  if (call_ && access::customer_unknown(context_, request_))
    co_await access::find_customer(context_, request_);
  auto refused = check();
  if (refused.code != Errc::none) co_return refused;
  call_ ? choose_row() : price_by(nullptr);
  bill_ = std::make_unique<Bill>(context_, request_);
  co_return co_await bill_->open();
}

// -- the answer

providers::Call PassMeter::make_call() const {
  providers::Call call;
  call.endpoint = request_.endpoint;
  call.json = &request_.scan, call.body = request_.body;
  call.stream = request_.stream, call.count_usage = true;
  call.now = context_.shard.clock.wall();
  call.call_id = context_.exchange.call_id;
  call.tokenizers = context_.process.tokenizers.get();
  return call;
}

void PassMeter::begin(const upstream::Reply& reply) {
  if (!on()) return;
  started_ = context_.shard.now();
  status_ = reply.status();
  const auto encoding = reply.header("content-encoding");
  readable_ = call_ && status_ < 300 && (encoding.empty() || encoding == "identity");
  if (!readable_) return;
  headers_ = reply.raw_headers();
  decoded_model_ = call_->route + model_;
  decoded_as_ = std::make_unique<providers::Call>(make_call());
  decoded_as_->model = decoded_model_;
  auto& provider = providers::provider_of(*target_);
  const auto type = reply.header("content-type");
  const bool sse = starts_with_text(type, "text/event-stream");
  if (!sse && !starts_with_text(type, "application/vnd.amazon.eventstream")) return;
  decoder_ = provider.stream(*target_, *decoded_as_, {});
  readable_ = decoder_ != nullptr;
  frames_.emplace(sse ? providers::Framing::sse : providers::Framing::event_stream);
}

void PassMeter::take_frame(string_view raw, string_view event, string_view data) {
  if (data.empty() && event.empty()) return;
  decoder_->on_event(raw, event, data, event_);
  if (event_.content && events_++ == 0) bill_->set_response_id(response_id(data));
  if (event_.choices.empty()) return;
  reader_.read(event_.choices, said_);
  spelled_ += said_.text.size(), said_.text.clear();
}

void PassMeter::take(string_view bytes) {
  if (!on() || !readable_) return;
  if (!decoder_) {
    readable_ = whole_.size() + bytes.size() <= k_most_read &&
                charge_.set(std::max(whole_.capacity(), whole_.size() + bytes.size()));
    if (readable_) whole_ += bytes;
    return;
  }
  if (!frames_->feed(bytes)) return void(readable_ = false);
  for (SseFrame frame; frames_->next(frame);) take_frame(frame.raw, frame.event, frame.data);
}

/// Gemini's stream without alt=sse: a list of what the events would be.
void PassMeter::take_list(const std::string& list) {
  decoder_ = providers::provider_of(*target_).stream(*target_, *decoded_as_, {});
  const auto holder = "{\"list\":" + list + "}"; // elements are found in what was scanned
  ObjectScan scan;
  auto* field = scan_object(holder, scan) ? scan.find("list") : nullptr;
  string_view element;
  for (std::size_t at = 0; field && decoder_ && next_element(scan.raw(*field), at, element);)
    take_frame({}, {}, element);
}

Usage PassMeter::usage_of_whole() {
  const auto first = whole_.find_first_not_of(" \t\r\n");
  if (request_.stream && first != std::string::npos && whole_[first] == '[') {
    take_list(whole_);
    return decoder_ ? decoder_->usage() : Usage();
  }
  bill_->set_response_id(response_id(whole_));
  const providers::UpstreamAnswer answer{status_, "application/json", headers_, whole_};
  providers::Decoded decoded;
  auto done = providers::provider_of(*target_).decode(*target_, *decoded_as_, answer, {}, decoded);
  if (!done) return {};
  bill_->keep_answer({string_view(whole_)});
  return decoded.usage;
}

void PassMeter::end(bool broken) {
  if (!on()) return;
  Usage usage;
  const bool paid = status_ < 300;
  if (SseFrame last; readable_ && frames_ && frames_->finish(last))
    take_frame(last.raw, last.event, last.data);
  if (paid && call_) {
    if (readable_) usage = decoder_ ? decoder_->usage() : usage_of_whole();
    const auto bytes = decoder_ ? spelled_ : whole_.size();
    complete_usage(request_, std::max(events_, static_cast<std::uint32_t>(bytes / 4)), usage);
    const auto time = std::chrono::duration_cast<Micros>(context_.shard.now() - started_);
    bill_->add(*row_, model_, usage, time);
  }
  if (paid && !broken) return bill_->close();
  const Error error = broken ? Error(Errc::api_connection, "the answer was cut off")
                             : Error(Errc::api_error, "the upstream answered " + std::to_string(status_));
  bill_->close_failed(error, status_);
}

void PassMeter::fail(const Error& error) {
  if (on()) bill_->close_failed(error, error.http_status());
}

void PassMeter::append_headers(std::string& out) const {
  if (on()) bill_->append_headers(out);
}

} // namespace switchyard::http
