// Chat answers as responses of OpenAI's responses API: items, the object around them, whole answers (spec
// providers.md 7.3). Pure, any thread.
#include "providers/inbound/responses.hpp"

#include <algorithm>
#include <array>

namespace switchyard::providers::inbound {

using std::string_view;

namespace {

struct Echo {
  string_view key, otherwise;
};
/// In the order of OpenAI's own object.
constexpr std::array<Echo, 14> k_echo{{{"instructions", "null"},
                                       {"max_output_tokens", "null"},
                                       {"metadata", "{}"},
                                       {"parallel_tool_calls", "true"},
                                       {"previous_response_id", "null"},
                                       {"reasoning", R"({"effort":null,"summary":null})"},
                                       {"service_tier", "\"default\""},
                                       {"temperature", "1.0"},
                                       {"text", R"({"format":{"type":"text"}})"},
                                       {"tool_choice", "\"auto\""},
                                       {"tools", "[]"},
                                       {"top_p", "1.0"},
                                       {"truncation", "\"disabled\""},
                                       {"user", "null"}}};

std::string member(string_view key, string_view json) {
  return std::string(",\"").append(key).append("\":").append(json);
}

string_view id_prefix(const Piece& piece, bool custom, bool shell) {
  if (piece.block == Block::text) return "msg_";
  if (piece.block != Block::tool) return "rs_";
  return custom ? "ctc_" : shell ? "lsh_" : "fc_";
}

/// {"type":"url_citation","url_citation":{..}} of chat, flat.
std::string annotations_json(const ValueList& annotations) {
  ValueList out;
  for (auto& note : annotations) {
    auto* inner = note.find("url_citation");
    if (!inner || !inner->as_map()) continue;
    ValueMap flat{{"type", str("url_citation")}};
    for (auto key : {"start_index", "end_index", "url", "title"}) copy(*inner, key, flat);
    out.push_back(Value(std::move(flat)));
  }
  return to_json(Value(std::move(out)));
}

/// The thinking block of a piece as the API of Claude has it, sealed for the way back; "" = it needs none.
std::string sealed(const Piece& piece) {
  ValueMap block;
  if (piece.block == Block::redacted)
    block = {{"type", str("redacted_thinking")}, {"data", Value(piece.text)}};
  else if (!piece.signature.empty())
    block = {
        {"type", str("thinking")}, {"thinking", Value(piece.text)}, {"signature", Value(piece.signature)}};
  if (block.empty()) return {};
  return std::string(k_sealed_thinking) + to_json(Value(ValueList{Value(std::move(block))}));
}

std::string reasoning_item(const Piece& piece, const std::string& head) {
  std::string out = head + ",\"summary\":[";
  if (piece.block == Block::thinking && !piece.text.empty())
    out += R"({"type":"summary_text","text":)" + json_string(piece.text) + "}";
  out += "]";
  if (auto seal = sealed(piece); !seal.empty()) out += member("encrypted_content", json_string(seal));
  return out + "}";
}

std::string shell_action(const std::string& arguments) {
  ValueMap action{{"type", str("exec")}};
  auto parsed = parse_json(arguments.empty() ? "{}" : arguments);
  if (parsed)
    for (auto& member : map_of(*parsed)) set(action, member.first, member.second);
  set(action, "type", str("exec"));
  if (auto whole = Value(action); !whole.find("command")) set(action, "command", Value(ValueList{}));
  if (auto whole = Value(action); !whole.find("env")) set(action, "env", Value(ValueMap{}));
  return to_json(Value(std::move(action)));
}

void list_custom(const Value& tools, std::vector<std::string>& custom, bool& shell) {
  for (auto& tool : tools.as_list() ? *tools.as_list() : ValueList{}) {
    auto type = text_at(tool, "type");
    if (type == "custom") custom.emplace_back(text_at(tool, "name"));
    if (type == "local_shell") shell = true;
    if (auto* inner = tool.find("tools")) list_custom(*inner, custom, shell);
  }
}

} // namespace

ResponseForm::ResponseForm(const Side& side)
    : id_(side.call.call_id), model_(side.client_model), created_(seconds(side.call)) {
  for (auto& item : k_echo) {
    auto* found = side.client.find(item.key);
    echo_ += member(item.key, found && !found->is_null() ? to_json(*found) : std::string(item.otherwise));
  }
  if (auto* tools = side.client.find("tools")) list_custom(*tools, custom_, local_shell_);
}

bool ResponseForm::is_custom(string_view tool) const noexcept {
  return std::find(custom_.begin(), custom_.end(), tool) != custom_.end();
}

std::string ResponseForm::custom_input(const std::string& arguments) {
  auto parsed = parse_json(arguments);
  auto* input = parsed ? parsed->find("input") : nullptr;
  return input && input->as_string() ? *input->as_string() : arguments;
}

string_view ResponseForm::status(string_view finish) noexcept {
  return finish == "length" || finish == "content_filter" ? "incomplete" : "completed";
}

std::string ResponseForm::usage(const Usage& usage) {
  const auto total = usage.total_tokens ? std::uint64_t{usage.total_tokens}
                                        : std::uint64_t{usage.prompt_tokens} + usage.completion_tokens;
  return "{\"input_tokens\":" + std::to_string(usage.prompt_tokens) +
         R"(,"input_tokens_details":{"cached_tokens":)" + std::to_string(usage.cache_read_tokens) +
         "},\"output_tokens\":" + std::to_string(usage.completion_tokens) +
         R"(,"output_tokens_details":{"reasoning_tokens":)" + std::to_string(usage.reasoning_tokens) +
         "},\"total_tokens\":" + std::to_string(total) + "}";
}

std::string ResponseForm::response(string_view status, string_view model, const std::string& output,
                                   const std::string& usage, string_view finish) const {
  std::string details = "null";
  if (status == "incomplete")
    details = finish == "length" ? R"({"reason":"max_output_tokens"})" : R"({"reason":"content_filter"})";
  return "{\"id\":" + json_string("resp_" + id_) + R"(,"object":"response","created_at":)" +
         std::to_string(created_) + member("status", json_string(status)) +
         ",\"background\":false,\"error\":null,\"incomplete_details\":" + details +
         member("model", json_string(model_.empty() ? model : string_view(model_))) + ",\"output\":[" +
         output + "]" + echo_ + ",\"store\":false,\"usage\":" + usage + "}";
}

std::string ResponseForm::item_id(const Piece& piece, std::size_t index) const {
  const bool shell = local_shell_ && piece.name == k_local_shell;
  return std::string(id_prefix(piece, is_custom(piece.name), shell)) + id_ + "_" + std::to_string(index);
}

std::string ResponseForm::text_part(const Piece& piece) {
  return R"({"type":"output_text","annotations":)" + annotations_json(piece.annotations) +
         ",\"logprobs\":[],\"text\":" + json_string(piece.text) + "}";
}

std::string ResponseForm::call_item(const Piece& piece, const std::string& head, string_view status) const {
  const bool done = status == "completed";
  auto out = head + member("status", json_string(status)) + member("call_id", json_string(piece.id));
  if (local_shell_ && piece.name == k_local_shell)
    return out + member("action", shell_action(piece.text)) + "}";
  out += member("name", json_string(piece.name));
  if (is_custom(piece.name))
    return out + member("input", json_string(done ? custom_input(piece.text) : std::string())) + "}";
  return out + member("arguments", json_string(done && piece.text.empty() ? "{}" : piece.text)) + "}";
}

std::string ResponseForm::item(const Piece& piece, std::size_t index, string_view status) const {
  const bool tool = piece.block == Block::tool;
  const auto* type = tool && local_shell_ && piece.name == k_local_shell ? "local_shell_call"
                     : tool && is_custom(piece.name)                     ? "custom_tool_call"
                     : tool                                              ? "function_call"
                     : piece.block == Block::text                        ? "message"
                                                                         : "reasoning";
  auto head = "{\"id\":" + json_string(item_id(piece, index)) + member("type", json_string(type));
  if (tool) return call_item(piece, head, status);
  if (piece.block != Block::text) return reasoning_item(piece, head);
  return head + member("status", json_string(status)) + R"(,"role":"assistant","content":[)" +
         (piece.text.empty() ? std::string() : text_part(piece)) + "]}";
}

namespace {

std::string answer(const Side& side, const Value& chat, const Usage& usage) {
  ResponseForm form(side);
  auto blocks = read_blocks(chat, side.call.call_id);
  std::string output;
  for (std::size_t i = 0; i < blocks.pieces.size(); ++i)
    output += (i ? "," : "") + form.item(blocks.pieces[i], i, "completed");
  return form.response(ResponseForm::status(blocks.reason), text_at(chat, "model"), output,
                       ResponseForm::usage(usage), blocks.reason);
}

} // namespace

const Bridge k_responses{Endpoint::responses, responses_request, answer, responses_writer};

} // namespace switchyard::providers::inbound
