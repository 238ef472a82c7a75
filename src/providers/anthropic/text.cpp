// /v1/complete: a prompt in, a completion out. Pure, any thread; decoders are one per stream, one shard.
#include "providers/anthropic/text.hpp"

#include "providers/anthropic/parts.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/chunks.hpp"

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

constexpr string_view k_human = "\n\nHuman: ", k_assistant = "\n\nAssistant: ";
constexpr std::int64_t k_default_tokens = 256;

/// Each event is a whole {"type":"completion","completion":..,"stop_reason":..}.
class TextStream final : public ChunkStream {
 public:
  using ChunkStream::ChunkStream;

 private:
  void on_data(string_view, string_view data) override {
    auto parsed = parse_json(data);
    if (!parsed) return fail(invalid_answer(target_, data));
    const auto type = text_at(*parsed, "type");
    if (type == "error" || parsed->find("error")) return fail(stream_error(target_, data));
    text(text_at(*parsed, "completion"));
    const auto reason = text_at(*parsed, "stop_reason");
    if (reason.empty()) return;
    finish_with(finish_reason(reason));
    end();
  }
};

} // namespace

std::string claude_prompt(const ValueList& messages, string_view model) {
  const bool bare_system = model.find("claude-2.1") != string_view::npos;
  std::string out;
  string_view before;
  for (auto& message : messages) {
    const auto role = text_at(message, "role");
    auto* found = message.find("content");
    const auto content = found ? content_text(*found) : std::string();
    if (role == "system" || role == "developer") {
      if (bare_system)
        out += content;
      else
        out.append(k_human).append("<admin>").append(content).append("</admin>");
    } else if (role == "assistant") {
      if (before.empty() || (bare_system && before == "system")) out += k_human;
      out.append(k_assistant).append(content);
    } else {
      out.append(k_human).append(content);
    }
    before = role == "developer" ? "system" : role;
  }
  if (before != "assistant") out += k_assistant;
  return out;
}

bool text_takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word(
      "stream stream_options max_tokens max_completion_tokens temperature top_p stop user extra_headers",
      param);
}

Result<std::string> text_body(const Job& job) {
  auto* messages = job.request.find("messages");
  if (!messages || !messages->as_list()) return bad_request(job.target, "messages: a list is needed");
  ValueMap body{{"model", text_value(job.call.model)},
                {"prompt", Value(claude_prompt(*messages->as_list(), job.call.model))}};
  if (auto limit = max_tokens(job.request)) body.emplace_back("max_tokens_to_sample", Value(*limit));
  copy_member(job.request, "max_tokens_to_sample", body);
  if (!find_in(body, "max_tokens_to_sample"))
    body.emplace_back("max_tokens_to_sample", Value(k_default_tokens));
  for (auto key : {"temperature", "top_p", "top_k"}) copy_member(job.request, key, body);
  if (auto stops = stop_list(job.request); !stops.empty())
    body.emplace_back("stop_sequences", list_of(stops));
  add_user(job.request, body);
  copy_extras(job.request, body);
  if (job.call.stream) body.emplace_back("stream", Value(true));
  return to_json(Value(std::move(body)));
}

Result<void> text_decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                         string_view client_model, Answer& out) {
  auto parsed = parse_json(answer.body);
  if (!parsed) return invalid_answer(target, answer.body);
  if (parsed->find("error")) return stream_error(target, answer.body);
  auto* completion = parsed->find("completion");
  if (!completion || !completion->as_string()) return invalid_answer(target, answer.body);
  ChatAnswer chat;
  chat.id = text_at(*parsed, "id"), chat.model = text_at(*parsed, "model");
  ChatChoice choice;
  choice.content = *completion->as_string();
  choice.finish = finish_reason(text_at(*parsed, "stop_reason"));
  chat.choices.push_back(std::move(choice));
  out.body = write_chat(chat, call, client_model);
  return {};
}

std::unique_ptr<StreamDecoder> text_stream(const FamilyTarget& target, const Call& call,
                                           string_view client_model) {
  return std::make_unique<TextStream>(target, call, client_model);
}

} // namespace switchyard::providers::anthropic
