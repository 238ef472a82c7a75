// Ollama's /api/generate and /api/embed. Pure, any thread.
#include "providers/common/vectors.hpp"
#include "providers/ollama/ollama.hpp"
#include "providers/prompts/prompts.hpp"

#include <switchyard/json.hpp>

namespace switchyard::providers::ollama {

using std::string_view;

Result<void> encode_generate(Job& job, Upstream& out) {
  if (calls_by_prompt(job.target, job.call)) functions_into_prompt(job.request);
  auto& messages = list_at(job.request, "messages");
  if (messages.empty()) return bad_request(job.target, "messages must be a list with at least one message");
  auto prompt = make_prompt(job.target.provider, job.call.model, messages, job.target.settings);
  ValueMap body{{"model", text_value(job.call.model)}, {"prompt", Value(std::move(prompt.text))}};
  ValueList images;
  for (auto& image : prompt.images) {
    auto data = inline_image(job, image, "messages");
    if (!data) return data.error();
    images.push_back(Value(std::move(*data)));
  }
  if (!images.empty()) body.emplace_back("images", Value(std::move(images)));
  put_params(job, body);
  out.path = path_under(job.target.base, "/api/generate");
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode_generate(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                             string_view model, Answer& out) {
  auto parsed = parse_json(answer.body);
  auto* response = parsed ? parsed->find("response") : nullptr;
  if (!response && parsed && parsed->find("error")) return upstream_error(target, 500, answer.body);
  if (!response || !response->as_string()) return invalid_answer(target, answer.body);
  ChatChoice choice;
  ThinkSplitter splitter;
  auto pieces = splitter.feed(*response->as_string()), rest = splitter.flush();
  choice.reasoning = std::string(text_at(*parsed, "thinking")) + pieces.reasoning + rest.reasoning;
  choice.content = pieces.text + rest.text;
  if (calls_by_prompt(target, call))
    if (auto made = call_of_text(call, *choice.content))
      choice.tool_calls.push_back(std::move(*made)), choice.content.reset();
  choice.finish = finish_reason(text_at(*parsed, "done_reason"));
  ChatAnswer chat;
  chat.model = "ollama/" + std::string(call.model);
  chat.choices.push_back(std::move(choice));
  read_usage(*parsed, chat.usage);
  out.usage = chat.usage;
  out.body = write_chat(chat, call, model);
  return {};
}

// -- embeddings

Result<void> encode_embed(Job& job, Upstream& out) {
  auto inputs = embedding_texts(job);
  if (!inputs) return inputs.error();
  ValueMap body{{"model", text_value(job.call.model)}, {"input", list_of(*inputs)}};
  for (auto& [key, value] : map_of(job.request))
    if (!has_word("model input encoding_format user", key)) body.emplace_back(key, value);
  out.path = path_under(job.target.base, "/api/embed");
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode_embed(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                          string_view model, Answer& out) {
  ObjectScan scan;
  if (!scan_object(answer.body, scan) || !scan.find("embeddings")) return invalid_answer(target, answer.body);
  std::vector<std::string> vectors;
  for (auto vector : elements_of(scan.raw(*scan.find("embeddings"))))
    vectors.push_back(wants_base64(call) ? vector_as_base64(vector) : std::string(vector));
  if (vectors.empty()) return invalid_answer(target, answer.body);
  auto* count = scan.find("prompt_eval_count");
  if (auto tokens = count ? as_int(scan.raw(*count)) : std::nullopt; tokens && *tokens > 0) {
    out.usage.prompt_tokens = static_cast<std::uint32_t>(std::min<std::int64_t>(*tokens, UINT32_MAX));
    complete(out.usage);
  }
  out.body = write_embeddings(vectors, out.usage,
                              model.empty() ? "ollama/" + std::string(call.model) : std::string(model));
  return {};
}

} // namespace switchyard::providers::ollama
