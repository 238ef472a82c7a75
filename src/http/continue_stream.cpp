// The fallbacks of a broken stream, left to right, each with its own behind it. Read from the end.
#include "http/continue_stream.hpp"

#include "http/continuation.hpp"

#include <switchyard/log.hpp>

#include <algorithm>
#include <utility>

namespace switchyard::http {

namespace {

using Targets = std::vector<FallbackTarget>;

/// Errors that another model would answer in the same way, or that are not the upstream's.
bool is_final(const Error& error) {
  return error.code == Errc::none || error.code == Errc::cancelled ||
         error.code == Errc::content_policy_violation || error.code == Errc::context_window_exceeded;
}

/// One choice, and messages that can be continued.
bool can_be_continued(const LlmRequest& request) {
  if (!request.stream || !request.json || request.endpoint != Endpoint::chat) return false;
  auto* messages = request.scan.find("messages");
  if (!messages || messages->kind != JsonKind::array) return false;
  auto* n = request.scan.find("n");
  return !n || n->kind == JsonKind::null || request.scan.raw(*n) == "1";
}

const Targets* targets_of(const CallState& call, std::string_view group, const Error& error) {
  if (static_cast<int>(call.path.size()) >= call.context.config.router.max_fallbacks) return nullptr;
  return fallbacks_for(call, group, error);
}

/// The stream that goes on is one of a single choice, whatever a fallback says.
bool belongs_to_stream(std::string_view field) { return field == "n" || field == "stream"; }

/// The fallback's own fields, and its messages (else the client's) with the text so far.
std::vector<JsonParam> continuation_fields(const CallState& call, const FallbackTarget& target) {
  auto& scan = call.request.scan;
  std::vector<JsonParam> fields;
  std::string_view messages = scan.raw(*scan.find("messages"));
  for (auto& field : target.overrides) {
    if (field.name != "messages" && !belongs_to_stream(field.name))
      fields.push_back(field);
    else if (field.name == "messages" && field.json.starts_with('['))
      messages = field.json;
  }
  fields.push_back({"messages", continuation_messages(messages, call.progress.said.text)});
  return fields;
}

/// Asks one fallback to go on; none = the stream is over. Its group, whose name an alias or the id of a
/// deployment is not, is the one to follow then.
aw<Error> ask_next(CallState& call, const FallbackTarget& target, RunGroup run_group) {
  ++call.fallbacks;
  log::info("fallback", {{"call_id", call.context.exchange.call_id},
                         {"from", call.path.back()},
                         {"to", target.model},
                         {"continues", true}});
  auto fields = continuation_fields(call, target);
  Hop hop;
  hop.model = target.model, hop.client_model = call.progress.client_model;
  hop.overrides = &fields, hop.depth = static_cast<int>(call.path.size());
  call.answer = AttemptResult();
  auto failed = co_await run_group(call, hop);
  call.progress.group = hop.resolved && hop.resolved->group ? hop.resolved->group->name : target.model;
  if (failed.code == Errc::none && call.progress.open) failed = std::move(call.answer.error);
  co_return failed;
}

/// Tries the fallbacks of progress.group, which was asked for as `model` and whose part ended with `error`;
/// none = the stream is over.
aw<Error> follow(CallState& call, std::string model, Error error, RunGroup run_group) {
  auto* targets = targets_of(call, call.progress.group, error);
  auto& said = call.progress.said;
  if (!targets || is_final(error) || !said.plain || said.text.empty()) co_return error;
  call.path.push_back(model);
  std::string last;
  for (auto& target : *targets) {
    if (on_path(call, target.model) || !said.plain || !in_time(call)) continue;
    auto failed = co_await ask_next(call, target, run_group);
    if (!is_final(failed)) failed = co_await follow(call, target.model, std::move(failed), run_group);
    if (failed.code == Errc::none || failed.code == Errc::cancelled) co_return failed;
    last = std::move(failed.message);
  }
  call.path.pop_back();
  if (last.empty()) co_return error;
  error.message += ". Received Model Group=" + model +
                   "\nAvailable Model Group Fallbacks=" + target_names(targets) +
                   "\nError doing the fallback: " + last;
  co_return error;
}

} // namespace

bool in_time(const CallState& call, Millis later) {
  return !call.progress.open || call.context.shard.now() + later < call.progress.deadline;
}

StreamProgress* prepare_progress(CallState& call, std::string_view group) {
  auto& progress = call.progress;
  if (!progress.open) progress.wanted = can_be_continued(call.request) && targets_of(call, group, Error());
  return &progress;
}

aw<> continue_stream(CallState& call, RunGroup run_group) {
  auto& progress = call.progress;
  AttemptResult first = std::move(call.answer);
  auto error = co_await follow(call, progress.group, std::move(first.error), run_group);
  if (progress.open) co_await end_stream(call.context.exchange, error);
  auto last = std::exchange(call.answer, AttemptResult());
  call.answer.answered = true;
  call.answer.status = first.status, call.answer.first_token = first.first_token;
  // A part that broke off is counted already.
  call.answer.usage = total_usage(progress, progress.open ? providers::Usage() : last.usage);
  call.answer.error = error.code == Errc::none ? std::move(last.error) : std::move(error);
  progress.open = false;
}

} // namespace switchyard::http
