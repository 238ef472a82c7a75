// What requests to /api/chat and /api/generate share, and what their answers do. Pure, any thread.
#include "providers/ollama/ollama.hpp"

#include <switchyard/json.hpp>

namespace switchyard::providers::ollama {
namespace {

using std::string_view;

// Model parameters that may be written beside OpenAI's own, and belong into `options`.
constexpr string_view k_options = "mirostat mirostat_eta mirostat_tau num_ctx num_gqa num_gpu num_thread "
                                  "num_keep num_batch main_gpu low_vram "
                                  "num_predict repeat_last_n repeat_penalty tfs_z top_k min_p typical_p "
                                  "penalize_newline use_mmap use_mlock numa "
                                  "vocab_only draft_num_predict";

Value options_of(const Job& job) {
  ValueMap out;
  if (auto most = max_tokens(job.request)) out.emplace_back("num_predict", Value(*most));
  copy_renamed(job.request, out, "temperature top_p seed presence_penalty");
  copy_renamed(job.request, out,
               by_chat(job.target) ? "frequency_penalty:repeat_penalty" : "frequency_penalty");
  if (auto stop = stop_list(job.request); !stop.empty()) out.emplace_back("stop", list_of(stop));
  any_word(k_options, [&](string_view word) {
    auto* value = job.request.find(word);
    if (value && !value->is_null()) set(out, word, *value);
    return false;
  });
  if (auto* given = map_at(job.request, "options"))
    for (auto& [key, value] : map_of(*given)) set(out, key, value);
  return Value(std::move(out));
}

/// gpt-oss knows how much to think, other models whether to.
std::optional<Value> think_of(const Job& job) {
  const bool levels = job.call.model.find("gpt-oss") != string_view::npos;
  if (auto* thinking = map_at(job.request, "thinking"))
    return Value(text_at(*thinking, "type") != "disabled");
  const auto effort = text_at(job.request, "reasoning_effort");
  if (effort.empty()) return std::nullopt;
  const auto budget = effort_budget(effort).value_or(1);
  if (!levels || budget == 0) return Value(budget > 0);
  const bool low = effort == "minimal" || effort == "low";
  return text_value(low ? "low" : effort == "medium" ? "medium" : "high");
}

std::optional<Value> format_of(const Job& job) {
  if (calls_by_prompt(job.target, job.call)) return text_value("json");
  const auto format = output_format(job.request);
  if (format.kind == OutputFormat::text) return std::nullopt;
  return format.schema ? *format.schema : text_value("json");
}

bool has_list(const Call& call, string_view key) {
  auto* field = call.json ? call.json->find(key) : nullptr;
  if (!field || field->kind != JsonKind::array) return false;
  std::size_t pos = 0;
  string_view first;
  return next_element(call.json->raw(*field), pos, first);
}

} // namespace

void put_params(const Job& job, ValueMap& body) {
  body.emplace_back("stream", Value(job.call.stream));
  if (auto options = options_of(job); !map_of(options).empty())
    body.emplace_back("options", std::move(options));
  if (auto format = format_of(job)) body.emplace_back("format", std::move(*format));
  if (auto think = think_of(job)) body.emplace_back("think", std::move(*think));
  ValueMap rest;
  copy_rest(job, rest);
  for (auto& [key, value] : rest)
    if (key != "options" && key != "add_function_to_prompt" && !has_word(k_options, key))
      set(body, key, std::move(value));
}

Result<std::string> inline_image(const Job& job, string_view url, const std::string& place) {
  const auto media = read_media(url);
  if (media.inline_data()) return std::string(media.data);
  return bad_request(job.target, place + ".image_url: Ollama fetches no images, send it inline "
                                         "(data:image/png;base64,...)");
}

bool calls_by_prompt(const FamilyTarget& target, const Call& call) {
  auto* choice = call.json ? call.json->find("tool_choice") : nullptr;
  if (choice && call.json->raw(*choice) == "\"none\"") return false;
  if (by_chat(target) && setting(target, "add_function_to_prompt") != "true") return false;
  return has_list(call, "tools") || has_list(call, "functions");
}

std::optional<ToolCall> call_of_text(const Call& call, string_view text) {
  auto parsed = parse_json(text);
  if (!parsed || text_at(*parsed, "name").empty()) return std::nullopt;
  auto* arguments = parsed->find("arguments");
  if (!arguments) return std::nullopt;
  auto* as_text = arguments->as_string();
  return ToolCall{made_call_id(call, 0), std::string(text_at(*parsed, "name")),
                  as_text ? *as_text : to_json(*arguments)};
}

void read_usage(const Value& answer, Usage& out) {
  // Older servers leave out the count of a prompt that they had in their cache: then nothing is known.
  if (!answer.find("prompt_eval_count")) return;
  out.prompt_tokens = count_at(answer, "prompt_eval_count");
  out.completion_tokens = count_at(answer, "eval_count");
  complete(out);
}

} // namespace switchyard::providers::ollama
