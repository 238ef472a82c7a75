// Sorts the parts of a candidate. Pure, any thread.
#include "providers/google/answer.hpp"
#include "providers/google/messages.hpp"

#include <switchyard/json.hpp>

#include <array>
#include <utility>

namespace switchyard::providers::google {
namespace {

using std::string_view;

Value text_value(string_view text) { return Value(std::string(text)); }

const Value* either(const Value& object, string_view one, string_view other) noexcept {
  auto found = object.find(one);
  return found ? found : object.find(other);
}

std::uint64_t mixed(std::uint64_t hash) noexcept {
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
  return hash ^ (hash >> 31);
}

/// call_<28 hex digits>, different for each call of each answer.
std::string new_call_id(string_view call_id, std::size_t index) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (auto c : call_id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  std::string out = "call_";
  for (std::uint64_t round = 0; out.size() < 33; ++round) {
    auto bits = mixed(hash + mixed(index * 2 + round + 1));
    for (int i = 0; i < 16 && out.size() < 33; ++i, bits >>= 4) out += "0123456789abcdef"[bits & 15];
  }
  return out;
}

class Sorter {
 public:
  Sorter(Parts& out, const Call& call, std::size_t calls_before)
      : out_(out), call_(call), before_(calls_before) {}

  void add(const Value& part) {
    auto signature = text_at(part, "thoughtSignature");
    if (auto text = part.find("text"); text && text->as_string())
      return add_text(part, *text->as_string(), signature);
    if (auto called = either(part, "functionCall", "function_call"); called && called->as_map())
      return add_call(*called, signature);
    if (auto data = either(part, "inlineData", "inline_data"); data && data->as_map()) return add_data(*data);
    if (part.find("executableCode") || part.find("codeExecutionResult")) out_.code.push_back(part);
  }

 private:
  void add_text(const Value& part, const std::string& text, string_view signature) {
    auto thought = part.find("thought");
    if (thought && thought->as_bool() && *thought->as_bool()) {
      out_.reasoning += text;
      ValueMap block{{"type", text_value("thinking")}, {"thinking", text_value(text)}};
      if (!signature.empty()) block.emplace_back("signature", text_value(signature));
      out_.thinking_blocks.push_back(Value(std::move(block)));
      return;
    }
    out_.text += text;
    out_.has_text = true;
    if (!signature.empty()) out_.signatures.push_back(text_value(signature));
  }

  // The signature goes into the id, since every client brings ids back.
  void add_call(const Value& called, string_view signature) {
    ToolCall made;
    made.id = text_at(called, "id");
    if (made.id.empty()) made.id = new_call_id(call_.call_id, before_ + out_.calls.size());
    if (!signature.empty()) made.id.append(k_thought_mark).append(signature);
    made.name = text_at(called, "name");
    auto arguments = called.find("args");
    made.arguments = arguments && arguments->as_map() ? to_json(*arguments) : "{}";
    out_.calls.push_back(std::move(made));
  }

  void add_data(const Value& data) {
    auto mime = either(data, "mimeType", "mime_type");
    const std::string type = mime && mime->as_string() ? *mime->as_string() : "";
    auto bytes = text_at(data, "data");
    if (type.starts_with("audio/")) return add_audio(bytes);
    auto url = "data:" + type + ";base64," + std::string(bytes);
    if (!type.starts_with("image/")) {
      out_.text += url;
      out_.has_text = true;
      return;
    }
    out_.images.push_back(Value(ValueMap{{"image_url", Value(ValueMap{{"url", Value(std::move(url))}})},
                                         {"index", Value(static_cast<std::int64_t>(out_.images.size()))},
                                         {"type", text_value("image_url")}}));
  }

  void add_audio(string_view bytes) {
    if (auto data = out_.audio.empty() ? nullptr : std::get_if<std::string>(&out_.audio[1].second.data())) {
      data->append(bytes);
      return;
    }
    auto now = std::chrono::duration_cast<std::chrono::seconds>(call_.now.time_since_epoch()).count();
    out_.audio = {{"id", text_value("audio_" + std::string(call_.call_id))},
                  {"data", text_value(bytes)},
                  {"expires_at", Value(std::int64_t{now + 24 * 3600})},
                  {"transcript", text_value("")}};
  }

  Parts& out_;
  const Call& call_;
  std::size_t before_;
};

} // namespace

Parts read_parts(const Value& candidate, const Call& call, std::size_t calls_before) {
  Parts out;
  Sorter sorter(out, call, calls_before);
  auto content = candidate.find("content");
  if (!content) return out;
  for (auto& part : list_at(*content, "parts")) sorter.add(part);
  return out;
}

string_view finish_of(const Value& candidate) noexcept {
  auto word = text_at(candidate, "finishReason");
  if (word.empty()) return {};
  return word == "MODEL_ARMOR" ? string_view("content_filter") : finish_reason(word);
}

ValueList annotations_of(const Value& candidate) {
  ValueList out;
  auto grounding = candidate.find("groundingMetadata");
  if (!grounding) return out;
  auto& chunks = list_at(*grounding, "groundingChunks");
  for (auto& support : list_at(*grounding, "groundingSupports")) {
    auto segment = support.find("segment");
    for (auto& index : list_at(support, "groundingChunkIndices")) {
      auto at = index.as_int();
      if (!segment || !at || *at < 0 || static_cast<std::size_t>(*at) >= chunks.size()) continue;
      auto& chunk = chunks[static_cast<std::size_t>(*at)];
      auto page = either(chunk, "web", "retrievedContext");
      if (!page) page = chunk.find("maps");
      if (!page || !page->as_map()) continue;
      ValueMap citation{{"start_index", Value(static_cast<std::int64_t>(count_at(*segment, "startIndex")))},
                        {"end_index", Value(static_cast<std::int64_t>(count_at(*segment, "endIndex")))},
                        {"url", text_value(text_at(*page, "uri"))},
                        {"title", text_value(text_at(*page, "title"))}};
      out.push_back(Value(
          ValueMap{{"type", text_value("url_citation")}, {"url_citation", Value(std::move(citation))}}));
    }
  }
  return out;
}

ValueMap extras_of(const Parts& parts, const Value& candidate) {
  ValueMap out, own;
  if (auto annotations = annotations_of(candidate); !annotations.empty())
    out.emplace_back("annotations", Value(std::move(annotations)));
  if (!parts.images.empty()) out.emplace_back("images", Value(parts.images));
  if (!parts.audio.empty()) out.emplace_back("audio", Value(parts.audio));
  if (!parts.signatures.empty()) own.emplace_back("thought_signatures", Value(parts.signatures));
  if (!parts.code.empty()) own.emplace_back("code_execution", Value(parts.code));
  if (!own.empty()) out.emplace_back("provider_specific_fields", Value(std::move(own)));
  return out;
}

} // namespace switchyard::providers::google
