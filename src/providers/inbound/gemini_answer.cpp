// Chat answers as Gemini's, whole and streamed: calls of functions are written once they are whole (spec
// providers.md 7.4). Pure; a writer belongs to one stream on one shard.
#include "providers/inbound/blocks.hpp"

#include <algorithm>
#include <utility>

namespace switchyard::providers::inbound {
namespace {

using std::string_view;

string_view finish_reason(string_view finish) {
  if (finish == "length") return "MAX_TOKENS";
  return finish == "content_filter" ? "SAFETY" : "STOP";
}

std::string usage_json(const Usage& usage) {
  const auto thoughts = std::min(usage.reasoning_tokens, usage.completion_tokens);
  const auto total = usage.total_tokens ? std::uint64_t{usage.total_tokens}
                                        : std::uint64_t{usage.prompt_tokens} + usage.completion_tokens;
  auto out = "{\"promptTokenCount\":" + std::to_string(usage.prompt_tokens) +
             ",\"candidatesTokenCount\":" + std::to_string(usage.completion_tokens - thoughts) +
             ",\"totalTokenCount\":" + std::to_string(total);
  if (usage.cache_read_tokens)
    out += ",\"cachedContentTokenCount\":" + std::to_string(usage.cache_read_tokens);
  if (thoughts) out += ",\"thoughtsTokenCount\":" + std::to_string(thoughts);
  return out + "}";
}

bool shows_thoughts(const Value& client) {
  const Value* at = &client;
  for (auto keys :
       {std::pair{"generationConfig", "generation_config"}, std::pair{"thinkingConfig", "thinking_config"},
        std::pair{"includeThoughts", "include_thoughts"}}) {
    auto* next = at->find(keys.first);
    if (!next) next = at->find(keys.second);
    if (!next) return false;
    at = next;
  }
  return at->as_bool() && *at->as_bool();
}

std::string text_json(string_view text, bool thought) {
  return "{\"text\":" + json_string(text) + (thought ? ",\"thought\":true}" : "}");
}

std::string call_json(string_view id, string_view name, const std::string& arguments) {
  auto parsed = parse_json(arguments.empty() ? "{}" : arguments);
  auto args =
      parsed && parsed->as_map() ? to_json(*parsed) : to_json(Value(ValueMap{{"_raw", Value(arguments)}}));
  return R"({"functionCall":{"id":)" + json_string(id) + ",\"name\":" + json_string(name) +
         ",\"args\":" + args + "}}";
}

/// `finish` and `usage` as JSON, or empty.
std::string response_json(const std::string& parts, const std::string& finish, const std::string& usage,
                          string_view model, string_view id) {
  auto out = R"({"candidates":[{"content":{"parts":[)" + parts + R"(],"role":"model"})";
  if (!finish.empty()) out += ",\"finishReason\":" + finish;
  out += R"(,"index":0,"safetyRatings":[]}])";
  if (!usage.empty()) out += ",\"usageMetadata\":" + usage;
  return out + ",\"modelVersion\":" + json_string(model) + ",\"responseId\":" + json_string(id) + "}";
}

std::string answer(const Side& side, const Value& chat, const Usage& usage) {
  const bool thoughts = shows_thoughts(side.client);
  auto blocks = read_blocks(chat, side.call.call_id);
  std::string parts;
  for (auto& piece : blocks.pieces) {
    const bool thought = piece.block == Block::thinking;
    if (piece.block == Block::redacted || (thought && !thoughts)) continue;
    parts += parts.empty() ? "" : ",";
    parts += piece.block == Block::tool ? call_json(piece.id, piece.name, piece.text)
                                        : text_json(piece.text, thought);
  }
  auto model = side.client_model.empty() ? text_at(chat, "model") : side.client_model;
  return response_json(parts, json_string(finish_reason(blocks.reason)), usage_json(usage), model,
                       text_at(chat, "id", side.call.call_id));
}

class GeminiWriter final : public BlockWriter {
 public:
  explicit GeminiWriter(const Side& side)
      : BlockWriter(side.call.call_id), model_(side.client_model), id_(side.call.call_id),
        thoughts_(shows_thoughts(side.client)) {}

 private:
  void write(const std::string& parts, const std::string& finish = {}, const std::string& usage = {}) {
    out().append("data: ").append(response_json(parts, finish, usage, model_, id_)).append("\n\n");
  }
  void begin(const Value& first) override {
    if (model_.empty()) model_ = text_at(first, "model");
    if (auto id = text_at(first, "id"); !id.empty()) id_ = id;
  }
  void open(Block, const Tool*) override {}
  void piece(Block block, string_view text) override {
    if (block == Block::text) write(text_json(text, false));
    if (block == Block::thinking && thoughts_) write(text_json(text, true));
  }
  void shut(Block block, const Tool* tool) override {
    if (block == Block::tool && tool) write(call_json(tool->id, tool->name, tool->arguments));
  }
  void finish(string_view reason, const Usage& usage) override {
    write("", json_string(finish_reason(reason)), usage_json(usage));
  }

  std::string model_, id_;
  bool thoughts_;
};

std::unique_ptr<Writer> writer(const Side& side) { return std::make_unique<GeminiWriter>(side); }

} // namespace

const Bridge k_generate_content{Endpoint::generate_content, generate_request, answer, writer};

} // namespace switchyard::providers::inbound
