// AI21's Jurassic-2 completion models. Pure, any thread.
#include "providers/legacy/common.hpp"
#include "providers/legacy/families.hpp"

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word(
      "max_tokens max_completion_tokens temperature top_p n stop frequency_penalty presence_penalty", param);
}

Result<void> encode(Job& job, Upstream& out) {
  if (auto checked = check_messages(job); !checked) return checked;
  auto model = model_path(job.target, job.call.model);
  if (!model) return model.error();
  ValueMap body;
  set(body, "prompt", Value(joined_contents(job.request, " ")));
  rename(job.request, "n:numResults temperature top_p:topP", body);
  put_limit(job.request, "maxTokens", body);
  put_stops(job.request, "stopSequences", body);
  for (auto [from, to] : {std::pair<string_view, string_view>{"frequency_penalty", "frequencyPenalty"},
                          std::pair<string_view, string_view>{"presence_penalty", "presencePenalty"}})
    if (auto* value = job.request.find(from); value && !value->is_null())
      set(body, to, Value(ValueMap{{"scale", *value}}));
  copy_extras(job.request, body);
  // Its own default cuts answers off after 16 tokens.
  if (!has(Value(body), "maxTokens")) set(body, "maxTokens", Value(std::int64_t{256}));
  out.path = path_of(job.target, "/" + *model + "/complete");
  out.body = to_json(Value(std::move(body)));
  return {};
}

string_view finish_of(string_view reason) { return reason == "length" ? "length" : finish_reason(reason); }

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  ChatAnswer chat;
  for (auto& completion : list_at(*root, "completions")) {
    auto* data = completion.find("data");
    if (!data) return invalid_answer(target, answer.body);
    auto& choice = chat.choices.emplace_back();
    choice.content = std::string(text_at(*data, "text"));
    auto* reason = completion.find("finishReason");
    choice.finish = reason ? finish_of(text_at(*reason, "reason")) : "stop";
    chat.usage.completion_tokens += static_cast<std::uint32_t>(list_at(*data, "tokens").size());
  }
  if (chat.choices.empty()) return invalid_answer(target, answer.body);
  // It has no usage, but lists the tokens of both sides.
  auto* prompt = root->find("prompt");
  chat.usage.prompt_tokens = prompt ? static_cast<std::uint32_t>(list_at(*prompt, "tokens").size()) : 0;
  if (chat.usage.prompt_tokens || chat.usage.completion_tokens) complete(chat.usage);
  out.usage = chat.usage;
  out.body = write_chat(chat, call, client_model);
  return {};
}

Errc classify(const FamilyTarget&, int status, string_view body) {
  if (body.find("Prompt has too many tokens") != body.npos) return Errc::context_window_exceeded;
  if (body.find("Bad or missing API token.") != body.npos) return Errc::bad_request;
  return status == 422 ? Errc::bad_request : Errc::none;
}

} // namespace

const Family k_ai21_j2{.name = "ai21",
                       .prepare = nullptr,
                       .takes = takes,
                       .encode = encode,
                       .decode = decode,
                       .stream = nullptr,
                       .classify = classify};

} // namespace switchyard::providers::legacy
