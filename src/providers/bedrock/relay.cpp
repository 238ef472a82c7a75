// Models and endpoints that take and give OpenAI's chat format. Pure; the decoder is one per stream.
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/invoke.hpp"
#include "providers/bedrock/sse_lines.hpp"
#include "providers/bedrock/tree.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/chunks.hpp"

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

Usage usage_of(const Value& usage) {
  Usage out;
  out.prompt_tokens = count_at(usage, "prompt_tokens");
  out.completion_tokens = count_at(usage, "completion_tokens");
  out.total_tokens = count_at(usage, "total_tokens");
  if (auto* details = usage.find("prompt_tokens_details"))
    out.cache_read_tokens = count_at(*details, "cached_tokens");
  if (auto* details = usage.find("completion_tokens_details"))
    out.reasoning_tokens = count_at(*details, "reasoning_tokens");
  complete(out);
  return out;
}

class RelayStream final : public ChunkStream {
 public:
  RelayStream(const FamilyTarget& target, const Call& call, string_view client_model, bool parts)
      : ChunkStream(target, call, client_model), parts_(parts) {}

 private:
  void on_data(string_view event, string_view data) override {
    if (!parts_) return chunk(data);
    if (is_exception(event)) return fail(stream_error(target_, event, data));
    lines_.feed(data, [this](string_view line) { chunk(line); });
  }
  void on_last() override {
    lines_.finish([this](string_view line) { chunk(line); });
  }

  void chunk(string_view data) {
    if (data == "[DONE]") return end();
    auto parsed = parse_json(data);
    if (!parsed || !parsed->as_map()) return fail(invalid_answer(target_, data));
    if (parsed->find("error") && !parsed->find("choices")) return fail(upstream_error(target_, 500, data));
    id(text_at(*parsed, "id"));
    if (auto* usage = parsed->find("usage"); usage && usage->as_map()) usage_ = usage_of(*usage);
    auto& choices = list_at(*parsed, "choices");
    if (choices.empty()) return;
    if (auto* changed = choices.front().find("delta")) delta(*changed);
    if (auto reason = text_at(choices.front(), "finish_reason"); !reason.empty())
      finish_with(finish_reason(reason));
  }

  void delta(const Value& delta) {
    for (auto& [key, value] : map_of(delta)) {
      if (key == "role" || key == "tool_calls" || value.is_null()) continue;
      auto* said = value.as_string();
      if (key == "content" && said)
        text(*said);
      else if ((key == "reasoning_content" || key == "reasoning") && said)
        reasoning(*said);
      else if (!said || !said->empty())
        member(key, to_json(value));
    }
    for (auto& call : list_at(delta, "tool_calls")) tool_delta(call);
  }

  void tool_delta(const Value& call) {
    const auto index = static_cast<int>(std::min<std::uint32_t>(count_at(call, "index"), 1000));
    auto* function = call.find("function");
    if (!function) return;
    const auto name = text_at(*function, "name"), arguments = text_at(*function, "arguments");
    name.empty() ? tool_arguments(index, arguments) : tool(index, text_at(call, "id"), name, arguments);
  }

  const bool parts_;
  SseLines lines_;
};

} // namespace

namespace {

/// Members of messages that Converse has a place for and OpenAI's format has none.
void without_our_words(ValueMap& request) {
  for (auto& [key, value] : request) {
    auto* messages = key == "messages" ? std::get_if<ValueList>(&value.data()) : nullptr;
    for (std::size_t i = 0; messages && i < messages->size(); ++i)
      if (auto* message = std::get_if<ValueMap>(&(*messages)[i].data()))
        for (auto word : {"is_error", "thinking_blocks"}) switchyard::erase(*message, word);
  }
}

} // namespace

std::string relay_body(Job& job, bool names_model) {
  auto& request = std::get<ValueMap>(job.request.data());
  switchyard::erase(request, "model");
  without_our_words(request);
  if (!names_model) {
    for (auto key : {"stream", "stream_options"}) switchyard::erase(request, key);
  } else if (job.call.stream && job.call.count_usage) {
    set(request, "stream_options", tagged("include_usage", Value(true)));
  }
  if (names_model) request.insert(request.begin(), {"model", str(job.call.model)});
  return to_json(job.request);
}

Result<void> relay_answer(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                          string_view client_model, Answer& out) {
  auto parsed = parse_json(answer.body);
  if (!parsed || list_at(*parsed, "choices").empty()) return invalid_answer(target, answer.body);
  set(*parsed, "model", str(client_model.empty() ? call.model : client_model));
  if (auto* usage = parsed->find("usage"); usage && usage->as_map()) out.usage = usage_of(*usage);
  out.body = to_json(*parsed);
  return {};
}

std::unique_ptr<StreamDecoder> relay_stream(const FamilyTarget& target, const Call& call,
                                            string_view client_model) {
  return std::make_unique<RelayStream>(target, call, client_model, false);
}

std::unique_ptr<StreamDecoder> relay_parts(const FamilyTarget& target, const Call& call,
                                           string_view client_model) {
  return std::make_unique<RelayStream>(target, call, client_model, true);
}

} // namespace switchyard::providers::bedrock
