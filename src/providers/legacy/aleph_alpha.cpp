// Aleph Alpha's completion endpoint. Pure, any thread.
#include "providers/legacy/common.hpp"
#include "providers/legacy/families.hpp"

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word(
      "stream max_tokens max_completion_tokens temperature top_p presence_penalty frequency_penalty n "
      "stop logit_bias",
      param);
}

/// "control" models were trained on headed sections; the first user text is the instruction.
std::string sections_of(const Job& job) {
  if (job.call.model.find("control") == job.call.model.npos) return joined_contents(job.request, " ");
  std::string out;
  bool instructed = false;
  for (auto& message : list_at(job.request, "messages")) {
    auto* content = message.find("content");
    if (!content || content->is_null()) continue;
    auto answer = text_at(message, "role") == "assistant";
    out += answer ? "###Response:" : (instructed ? "###Input:" : "###Instruction:");
    instructed = instructed || !answer;
    out += content_text(*content) + "\n\n";
  }
  return out + "###Response:";
}

Result<void> encode(Job& job, Upstream& out) {
  if (auto checked = check_messages(job); !checked) return checked;
  ValueMap body;
  set(body, "model", text_value(job.call.model));
  set(body, "prompt", Value(sections_of(job)));
  rename(job.request, "temperature top_p presence_penalty frequency_penalty n logit_bias", body);
  put_limit(job.request, "maximum_tokens", body);
  put_stops(job.request, "stop_sequences", body);
  if (job.call.stream) set(body, "stream", Value(true));
  copy_extras(job.request, body);
  // Its own default cuts answers off after a few words, so that LiteLLM's is sent.
  if (!has(Value(body), "maximum_tokens")) set(body, "maximum_tokens", Value(std::int64_t{16}));
  out.path = path_of(job.target, job.target.base.path.ends_with("/complete") ? "" : "/complete");
  out.body = to_json(Value(std::move(body)));
  return {};
}

string_view finish_of(string_view reason) {
  return reason == "maximum_tokens" ? "length" : finish_reason(reason);
}

Usage usage_from(const Value& root) {
  Usage usage;
  if (!root.find("num_tokens_prompt_total") && !root.find("num_tokens_generated")) return usage;
  usage.prompt_tokens = count_at(root, "num_tokens_prompt_total");
  usage.completion_tokens = count_at(root, "num_tokens_generated");
  complete(usage);
  return usage;
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  if (has(*root, "error")) return failed_answer(target, answer.body);
  ChatAnswer chat;
  for (auto& completion : list_at(*root, "completions")) {
    auto& choice = chat.choices.emplace_back();
    choice.content = std::string(text_at(completion, "completion"));
    choice.finish = finish_of(text_at(completion, "finish_reason"));
  }
  if (chat.choices.empty()) return invalid_answer(target, answer.body);
  chat.usage = out.usage = usage_from(*root);
  out.body = write_chat(chat, call, client_model);
  return {};
}

class Stream final : public LikeOpenAiStream {
 public:
  using LikeOpenAiStream::LikeOpenAiStream;

 private:
  void on_object(const Value& chunk) override {
    auto* first = first_of(chunk, "completions");
    auto& source = first ? *first : chunk;
    if (auto piece = text_at(source, "completion"); !piece.empty()) text(piece);
    if (auto reason = text_at(source, "finish_reason"); !reason.empty()) finish_with(finish_of(reason));
    if (auto usage = usage_from(chunk); usage.present) usage_ = usage;
  }
};

Errc classify(const FamilyTarget&, int status, string_view body) {
  if (body.find("This is longer than the model's maximum context length") != body.npos)
    return Errc::context_window_exceeded;
  if (body.find("InvalidToken") != body.npos || body.find("No token provided") != body.npos)
    return Errc::bad_request;
  return status == 500 ? Errc::service_unavailable : Errc::none;
}

} // namespace

const Family k_aleph_alpha{.name = "aleph_alpha",
                           .prepare = nullptr,
                           .takes = takes,
                           .encode = encode,
                           .decode = decode,
                           .stream = make_stream<Stream>,
                           .classify = classify};

} // namespace switchyard::providers::legacy
