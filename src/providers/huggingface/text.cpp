// Text generation as TGI and the older inference API do it: one prompt, parameters, tokens. Pure, any thread;
// a decoder belongs to one stream on one shard.
#include "providers/family/chunks.hpp"
#include "providers/huggingface/huggingface.hpp"
#include "providers/prompts/prompts.hpp"

#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::providers::huggingface {
namespace {

using std::string_view;

// What TGI takes beside OpenAI's parameters; anything else is a member of the body.
constexpr string_view k_parameters =
    "top_k top_n_tokens repetition_penalty best_of do_sample details return_full_text "
    "truncate typical_p watermark decoder_input_details max_new_tokens grammar adapter_id";

Value parameters_of(const Job& job) {
  auto& request = job.request;
  ValueMap out;
  if (auto most = max_tokens(request))
    out.emplace_back("max_new_tokens", Value(std::max<std::int64_t>(*most, 1)));
  double temperature = -1;
  auto* heat = request.find("temperature");
  if (heat && heat->number(temperature)) // TGI refuses 0
    out.emplace_back("temperature", temperature > 0 ? *heat : Value(0.01));
  copy_renamed(request, out, "top_p seed frequency_penalty");
  if (auto stop = stop_list(request); !stop.empty()) out.emplace_back("stop", list_of(stop));
  if (auto* count = request.find("n"); count && count->as_int() && *count->as_int() > 1) {
    out.emplace_back("best_of", *count);
    out.emplace_back("do_sample", Value(true));
  }
  any_word(k_parameters, [&](string_view word) {
    if (auto* value = request.find(word); value && !value->is_null()) set(out, word, *value);
    return false;
  });
  if (auto* echo = request.find("echo"); echo && echo->as_bool() && *echo->as_bool())
    set(out, "decoder_input_details", Value(true));
  if (auto* given = map_at(request, "parameters"))
    for (auto& [key, value] : map_of(*given)) set(out, key, value);
  Value made(std::move(out));
  if (!made.find("details")) set(made, "details", Value(true));
  if (!made.find("return_full_text")) set(made, "return_full_text", Value(false));
  return made;
}

/// TGI streams by a path of its own, unless the endpoint's root is asked.
Result<std::string> generation_path(const FamilyTarget& target, string_view model, bool stream) {
  if (by_router(target)) {
    auto name = model_path(target, model);
    if (!name) return name.error();
    return path_under(target.base, "/hf-inference/models/" + *name);
  }
  auto base = target.base;
  auto ending = cut_ending(base, "/generate_stream /generate");
  return path_under(base, ending.empty() ? "" : stream ? "/generate_stream" : "/generate");
}

/// The last user's text, and the turns before it in two lists.
Value conversation_of(const ValueList& messages) {
  ValueList asked, said;
  for (auto& message : messages) {
    auto* content = message.find("content");
    auto text = Value(content ? content_text(*content) : std::string());
    (text_at(message, "role") == "assistant" ? said : asked).push_back(std::move(text));
  }
  Value last = asked.empty() ? text_value("") : asked.back();
  if (!asked.empty()) asked.pop_back();
  return Value(ValueMap{{"text", std::move(last)},
                        {"past_user_inputs", Value(std::move(asked))},
                        {"generated_responses", Value(std::move(said))}});
}

Result<void> refuse_images(const Job& job, const Prompt& prompt) {
  if (prompt.images.empty()) return {};
  return bad_request(job.target, "messages: this endpoint generates from text, it takes no image_url");
}

} // namespace

Result<void> encode_text(Job& job, Upstream& out) {
  const auto place = chat_place(job.target, job.call);
  auto& messages = list_at(job.request, "messages");
  if (messages.empty()) return bad_request(job.target, "messages must be a list with at least one message");
  auto prompt = make_prompt(job.target.provider, place.model, messages, job.target.settings);
  if (auto done = refuse_images(job, prompt); !done) return done.error();
  ValueMap body;
  if (place.task == Task::conversational)
    body.emplace_back("inputs", conversation_of(messages));
  else
    body.emplace_back("inputs", Value(std::move(prompt.text)));
  if (place.task != Task::classification) body.emplace_back("parameters", parameters_of(job));
  if (place.task == Task::generation) body.emplace_back("stream", Value(job.call.stream));
  ValueMap rest, options;
  copy_rest(job, rest);
  for (auto& [key, value] : rest) {
    if (key == "use_cache" || key == "wait_for_model")
      options.emplace_back(key, std::move(value));
    else if (key != "parameters" && key != "echo" && !has_word(k_parameters, key))
      set(body, key, std::move(value));
  }
  if (!options.empty()) set(body, "options", Value(std::move(options)));
  auto path = generation_path(job.target, place.model, job.call.stream);
  if (!path) return path.error();
  out.path = std::move(*path);
  out.body = to_json(Value(std::move(body)));
  return {};
}

namespace {

void read_details(const Value* details, ChatChoice& choice) {
  if (details) choice.finish = finish_reason(text_at(*details, "finish_reason"));
}

/// Tokens are known only when the answer counts both sides.
void read_usage(const Value* details, Usage& out) {
  if (!details) return;
  const auto prompt =
      std::max<std::size_t>(count_at(*details, "input_length"), list_at(*details, "prefill").size());
  if (prompt == 0 || !details->find("generated_tokens")) return;
  out.prompt_tokens = static_cast<std::uint32_t>(prompt);
  out.completion_tokens = count_at(*details, "generated_tokens");
  complete(out);
}

} // namespace

Result<void> decode_text(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                         string_view model, Answer& out) {
  const auto place = chat_place(target, call);
  auto parsed = parse_json(answer.body);
  if (!parsed) return invalid_answer(target, answer.body);
  ChatAnswer chat;
  chat.model = place.model;
  auto add = [&chat](string_view text, const Value* details) {
    ChatChoice choice;
    choice.content = text;
    read_details(details, choice);
    chat.choices.push_back(std::move(choice));
  };
  auto* list = parsed->as_list();
  auto& first = list && !list->empty() ? list->front() : *parsed;
  if (place.task == Task::classification) {
    add(answer.body, nullptr);
  } else if (auto* text = first.find("generated_text"); text && text->as_string()) {
    auto* details = map_at(first, "details");
    add(*text->as_string(), details);
    read_usage(details, chat.usage);
    for (auto& other : details ? list_at(*details, "best_of_sequences") : ValueList{})
      if (!text_at(other, "generated_text").empty()) add(text_at(other, "generated_text"), &other);
  } else if (first.find("error")) {
    return upstream_error(target, 500, answer.body);
  } else {
    return invalid_answer(target, answer.body);
  }
  out.usage = chat.usage;
  out.body = write_chat(chat, call, model);
  return {};
}

namespace {

class TextStream final : public ChunkStream {
 public:
  using ChunkStream::ChunkStream;

 private:
  void on_data(string_view, string_view data) override {
    if (data == "[DONE]") return end();
    auto parsed = parse_json(data);
    if (!parsed || !parsed->as_map()) return fail(invalid_answer(target_, data));
    if (parsed->find("error")) return fail(upstream_error(target_, 500, data));
    if (auto* token = map_at(*parsed, "token")) {
      auto* special = token->find("special");
      if (!special || !special->as_bool() || !*special->as_bool()) text(text_at(*token, "text"));
    }
    auto* whole = parsed->find("generated_text");
    auto* details = map_at(*parsed, "details");
    if (!details && (!whole || whole->is_null())) return;
    read_usage(details, usage_);
    finish_with(finish_reason(details ? text_at(*details, "finish_reason") : string_view{}));
    end();
  }
};

} // namespace

std::unique_ptr<StreamDecoder> stream_text(const FamilyTarget& target, const Call& call, string_view model) {
  return std::make_unique<TextStream>(target, call, model);
}

} // namespace switchyard::providers::huggingface
