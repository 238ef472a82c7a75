// Content parts of OpenAI messages as Claude's content blocks. Pure, any thread.
#include "providers/anthropic/parts.hpp"
#include "providers/family/chat.hpp"

#include <switchyard/ascii.hpp>

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

/// Blocks that are Claude's own already.
constexpr string_view k_own_blocks =
    "document image search_result container_upload tool_use tool_result thinking "
    "redacted_thinking server_tool_use mcp_tool_use compaction mcp_tool_result tool_reference";

bool is_own_block(string_view type) { return has_word(k_own_blocks, type) || type.ends_with("_tool_result"); }

Value source(string_view type, std::initializer_list<std::pair<string_view, string_view>> members) {
  ValueMap out{{"type", text_value(type)}};
  for (auto& [key, text] : members) out.emplace_back(key, text_value(text));
  return Value(std::move(out));
}

bool is_document(string_view mime) { return mime == "application/pdf" || mime.starts_with("text/"); }

Result<ValueMap> media_block(const Job& job, const Dialect& dialect, string_view url, string_view mime,
                             const std::string& where) {
  auto media = read_media(url);
  if (media.inline_data()) {
    if (mime.empty()) mime = media.mime;
    if (mime.empty()) return bad_request(job.target, where + ": the data URL does not say its MIME type");
    return ValueMap{{"type", text_value(is_document(mime) ? "document" : "image")},
                    {"source", source("base64", {{"media_type", mime}, {"data", media.data}})}};
  }
  if (url.empty()) return bad_request(job.target, where + ": it has no URL");
  if (!dialect.remote_media)
    return bad_request(job.target, where + ": this provider does not fetch URLs, send a data: URL (base64)");
  if (mime.empty()) mime = mime_of_url(url);
  return ValueMap{{"type", text_value(is_document(mime) ? "document" : "image")},
                  {"source", source("url", {{"url", url}})}};
}

Result<ValueMap> image_block(const Job& job, const Dialect& dialect, const Value& part,
                             const std::string& where) {
  auto* image = part.find("image_url");
  return media_block(job, dialect, image_url(part), image ? text_at(*image, "format") : string_view{}, where);
}

Result<ValueMap> file_block(const Job& job, const Dialect& dialect, const Value& part,
                            const std::string& where) {
  auto* file = part.find("file");
  if (!file || !file->as_map()) return bad_request(job.target, where + ".file: an object is needed");
  const auto format = text_at(*file, "format");
  auto data = text_at(*file, "file_data"), id = text_at(*file, "file_id");
  if (data.empty() && (id.starts_with("http") || id.starts_with("data:"))) data = id;
  if (!data.empty()) {
    if (data.starts_with("data:") || data.starts_with("http"))
      return media_block(job, dialect, data, format, where + ".file");
    auto mime = format.empty() ? mime_of_url(text_at(*file, "filename")) : format; // bare base64
    return media_block(job, dialect, "data:;base64," + std::string(data),
                       mime.empty() ? "application/pdf" : mime, where + ".file");
  }
  if (id.empty()) return bad_request(job.target, where + ".file: file_data or file_id is needed");
  return ValueMap{{"type", text_value(format.starts_with("image/") ? "image" : "document")},
                  {"source", source("file", {{"file_id", id}})}};
}

using Reader = Result<ValueMap> (*)(const Job&, const Dialect&, const Value&, const std::string&);
struct PartRow {
  string_view type;
  Reader read;
};
constexpr PartRow k_parts[] = {{"image_url", image_block}, {"file", file_block}};

Result<void> add_block(const Job& job, const Dialect& dialect, const Value& part, const std::string& where,
                       ValueList& out) {
  if (auto* text = part.as_string()) {
    if (!text->empty()) out.push_back(text_block(*text));
    return {};
  }
  const auto type = text_at(part, "type", part.find("text") ? "text" : "");
  if (type == "text" || type == "input_text" || type == "output_text") {
    const auto text = text_at(part, "text");
    if (text.empty()) return {}; // Claude refuses empty text
    out.push_back(text_block(text));
    copy_member(part, "cache_control", std::get<ValueMap>(out.back().data()));
    return {};
  }
  if (is_own_block(type)) return out.push_back(part), Result<void>{};
  for (auto& row : k_parts) {
    if (row.type != type) continue;
    auto block = row.read(job, dialect, part, where);
    if (!block) return block.error();
    for (auto key : {"cache_control", "title", "context", "citations"}) copy_member(part, key, *block);
    out.emplace_back(std::move(*block));
    return {};
  }
  return bad_request(job.target, where + ".type: '" + std::string(type) + "' is not supported by Claude");
}

} // namespace

Value text_block(string_view text) {
  ValueMap block; // an initializer list would copy the text once more
  block.reserve(3);
  block.emplace_back("type", text_value("text"));
  block.emplace_back("text", text_value(text));
  return Value(std::move(block));
}

void copy_member(const Value& from, string_view key, ValueMap& to) {
  auto* found = from.find(key);
  if (!found || found->is_null()) return;
  if (!find_in(to, key)) to.emplace_back(key, *found);
}

std::string tool_id(string_view id) {
  std::string out(id);
  for (char& c : out)
    if (!((c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' || c == '-')) c = '_';
  return out;
}

Result<void> add_blocks(const Job& job, const Dialect& dialect, const Value& content,
                        const std::string& where, ValueList& out) {
  if (auto* list = content.as_list()) {
    for (std::size_t i = 0; i < list->size(); ++i)
      if (auto done = add_block(job, dialect, (*list)[i], where + "[" + std::to_string(i) + "]", out); !done)
        return done;
    return {};
  }
  if (content.is_null()) return {};
  if (content.as_string() || content.as_map()) return add_block(job, dialect, content, where, out);
  return bad_request(job.target, where + ": a text or a list of parts is needed");
}

} // namespace switchyard::providers::anthropic
