// Whole answers: `model` restamped by splice, usage read, the rest byte for byte. Pure, any thread.
#include "providers/openai/decode.hpp"

#include "providers/openai/answer.hpp"
#include "providers/openai/errors.hpp"
#include "providers/specialists/rerank.hpp"

namespace switchyard::providers {
namespace {

using std::string_view;

/// Endpoints whose answer may be text or sound instead of JSON.
bool may_be_other(Endpoint endpoint) {
  return endpoint == Endpoint::speech || endpoint == Endpoint::transcriptions ||
         endpoint == Endpoint::translations;
}

bool is_json(const UpstreamAnswer& answer) {
  auto first = answer.body.find_first_not_of(" \t\r\n");
  return answer.content_type.find("json") != string_view::npos && first != string_view::npos &&
         answer.body[first] == '{';
}

/// A 200 that says it failed. The responses API reports failed runs in the object itself.
bool is_failure(const Call& call, const Members& members) {
  return members.failed() && call.endpoint != Endpoint::responses && !members.choices.data() &&
         !members.data.data();
}

/// The body with its model's name replaced, in slices.
void restamp(string_view body, string_view model, string_view client_model, Decoded& out) {
  const auto begin = static_cast<std::size_t>(model.data() - body.data());
  out.model.reserve(client_model.size() + 2);
  append_json_string(out.model, client_model);
  out.body.assign({body.substr(0, begin), out.model, body.substr(begin + model.size())});
}

/// Reranking is told in one shape, Cohere's.
Result<void> fold_rerank(const OpenAiTarget& target, const Call& call, string_view body, Decoded& out) {
  auto ranked = read_rerank(body, call);
  if (!ranked) return make_invalid_answer(target, body);
  out.owned = std::move(ranked->body), out.usage = ranked->usage;
  out.body.push_back(out.owned);
  return {};
}

} // namespace

Result<void> decode_answer(const OpenAiTarget& target, const Call& call, const UpstreamAnswer& answer,
                           string_view client_model, Decoded& out) {
  out.body.clear();
  if (may_be_other(call.endpoint) && (call.endpoint == Endpoint::speech || !is_json(answer))) {
    out.body.push_back(answer.body);
    return {};
  }
  Members members;
  auto body = answer.body;
  if (!read_members(body, members, out.usage)) return make_invalid_answer(target, body);
  if (is_failure(call, members)) return make_upstream_error(target, embedded_status(members.error), body);
  if (call.endpoint == Endpoint::rerank && rerank_dialect(target.row->name))
    return fold_rerank(target, call, body, out);
  read_units(call.endpoint, members, out.usage);
  const bool stamp = members.model.starts_with('"') && !client_model.empty();
  if (target.row->has(k_reasoning_field) && members.choices.data() &&
      !rename_reasoning(body, members, out.owned))
    return make_invalid_answer(target, answer.body);
  if (stamp)
    restamp(body, members.model, client_model, out);
  else
    out.body.push_back(body);
  return {};
}

} // namespace switchyard::providers
