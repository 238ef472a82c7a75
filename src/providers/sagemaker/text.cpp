// Text generation containers: a prompt in, text or token events out. Pure; the decoder is one per stream.
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/converse.hpp"
#include "providers/bedrock/sse_lines.hpp"
#include "providers/bedrock/tree.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/chunks.hpp"
#include "providers/prompts/prompts.hpp"
#include "providers/sagemaker/sagemaker.hpp"

namespace switchyard::providers::sagemaker {
namespace {

using namespace bedrock;
using std::string_view;

std::string prompt_of(const FamilyTarget& target, string_view model, const ValueList& messages) {
  auto name = setting(target, "hf_model_name");
  if (name.empty() && model.find("llama-2") != string_view::npos) name = "meta-llama/Llama-2-7b-chat-hf";
  return render_prompt("huggingface", name.empty() ? model : string_view(name), messages, target.settings);
}

bool allows_zero(const Job& job) {
  auto* allowed = job.request.find("aws_sagemaker_allow_zero_temp");
  return setting(job.target, "aws_sagemaker_allow_zero_temp") == "true" ||
         (allowed && allowed->as_bool() && *allowed->as_bool());
}

/// The text of an answer or of an element of it; null = neither member is there.
const std::string* generated(const Value& object) noexcept {
  for (auto key : {"generation", "generated_text"})
    if (auto* text = object.find(key); text && text->as_string()) return text->as_string();
  return nullptr;
}

class TextStream final : public ChunkStream {
 public:
  using ChunkStream::ChunkStream;

 private:
  void on_data(string_view event, string_view data) override {
    if (is_exception(event)) return fail(stream_error(target_, event, data));
    lines_.feed(data, [this](string_view text) { line(text); });
  }
  void on_last() override {
    lines_.finish([this](string_view text) { line(text); });
  }

  void line(string_view data) {
    if (data == "[DONE]") return end();
    auto parsed = parse_json(data);
    if (!parsed) return fail(invalid_answer(target_, data));
    if (parsed->find("error")) return fail(upstream_error(target_, 424, data));
    auto* token = parsed->find("token");
    auto* special = token ? token->find("special") : nullptr;
    if (token && !(special && special->as_bool() && *special->as_bool())) text(text_at(*token, "text"));
    for (auto& piece : list_at(*parsed, "outputs"))
      if (piece.as_string()) text(*piece.as_string());
    if (auto* details = parsed->find("details"); details && details->as_map()) {
      finish_with(finish_reason(text_at(*details, "finish_reason")));
      usage_.completion_tokens = count_at(*details, "generated_tokens");
    } else if (auto* whole = generated(*parsed); whole && !token) {
      text(*whole);
    }
  }

  SseLines lines_;
};

} // namespace

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word("stream stream_options max_tokens max_completion_tokens temperature top_p stop n", param);
}

std::string encode_text(Job& job) {
  ValueMap parameters, body;
  double number = 0;
  if (auto limit = max_tokens(job.request)) put(parameters, "max_new_tokens", num(*limit == 0 ? 1 : *limit));
  if (auto* temperature = job.request.find("temperature"); temperature && temperature->number(number))
    put(parameters, "temperature", number == 0 && !allows_zero(job) ? Value(0.01) : *temperature);
  if (auto* top_p = job.request.find("top_p")) put(parameters, "top_p", *top_p);
  if (auto* n = job.request.find("n"); n && n->as_int() && *n->as_int() > 1)
    put(parameters, "best_of", *n), put(parameters, "do_sample", Value(true));
  if (auto stops = stop_list(job.request); !stops.empty()) put(parameters, "stop", list_of(stops));
  take(job.request, "model_id"), take(job.request, "sagemaker_base_url");
  copy_extras(job.request, parameters);
  put(body, "inputs", str(prompt_of(job.target, job.call.model, list_at(job.request, "messages"))));
  put(body, "parameters", Value(std::move(parameters)));
  if (job.call.stream) put(body, "stream", Value(true));
  return to_json(Value(std::move(body)));
}

Result<void> decode_text(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                         string_view client_model, Answer& out) {
  auto parsed = parse_json(answer.body);
  const Value* first = parsed ? &*parsed : nullptr;
  if (first && first->as_list() && !first->as_list()->empty()) first = &first->as_list()->front();
  auto* said = first ? generated(*first) : nullptr;
  if (!said) return invalid_answer(target, answer.body);
  string_view text = *said;
  // Some containers echo the prompt.
  const auto messages = sent_member(target, call, "messages");
  const auto prompt = prompt_of(target, call.model, messages.as_list() ? *messages.as_list() : ValueList());
  if (prompt.find("<s>") != std::string::npos && text.starts_with(prompt)) text.remove_prefix(prompt.size());
  ChatAnswer chat;
  chat.model = call.model;
  auto& choice = chat.choices.emplace_back();
  choice.content.emplace(text);
  if (auto* details = first->find("details"))
    choice.finish = finish_reason(text_at(*details, "finish_reason"));
  out.body = write_chat(chat, call, client_model);
  return {};
}

std::unique_ptr<StreamDecoder> text_stream(const FamilyTarget& target, const Call& call,
                                           string_view client_model) {
  return std::make_unique<TextStream>(target, call, client_model);
}

} // namespace switchyard::providers::sagemaker
