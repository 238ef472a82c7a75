// Images, documents, videos and audio as Converse's content blocks. Pure, any thread; nothing is fetched.
#include "providers/bedrock/converse.hpp"
#include "providers/bedrock/tree.hpp"

#include <array>

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

struct Format {
  string_view mime, block, format;
};
constexpr auto k_formats = std::to_array<Format>(
    {{"image/png", "image", "png"},
     {"image/jpeg", "image", "jpeg"},
     {"image/jpg", "image", "jpeg"},
     {"image/gif", "image", "gif"},
     {"image/webp", "image", "webp"},
     {"application/pdf", "document", "pdf"},
     {"text/csv", "document", "csv"},
     {"application/msword", "document", "doc"},
     {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document", "docx"},
     {"application/vnd.ms-excel", "document", "xls"},
     {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "document", "xlsx"},
     {"text/html", "document", "html"},
     {"text/plain", "document", "txt"},
     {"text/markdown", "document", "md"},
     {"video/mp4", "video", "mp4"},
     {"video/quicktime", "video", "mov"},
     {"video/mov", "video", "mov"},
     {"video/x-matroska", "video", "mkv"},
     {"video/webm", "video", "webm"},
     {"video/x-flv", "video", "flv"},
     {"video/mpeg", "video", "mpeg"},
     {"video/mpg", "video", "mpg"},
     {"video/x-ms-wmv", "video", "wmv"},
     {"video/3gpp", "video", "three_gp"},
     {"audio/mpeg", "audio", "mp3"},
     {"audio/mp3", "audio", "mp3"},
     {"audio/wav", "audio", "wav"},
     {"audio/ogg", "audio", "ogg"},
     {"audio/opus", "audio", "opus"},
     {"audio/flac", "audio", "flac"},
     {"audio/aac", "audio", "aac"}});

/// By MIME type, else by the bare format ("pdf", "jpeg").
const Format* find_format(string_view said) noexcept {
  said = said.substr(0, said.find(';'));
  for (auto& row : k_formats)
    if (row.mime == said) return &row;
  for (auto& row : k_formats)
    if (row.format == said || (said == "jpg" && row.format == "jpeg")) return &row;
  return nullptr;
}

/// Documents have names of letters, digits, single spaces, hyphens, brackets and parentheses.
std::string document_name(string_view filename, std::size_t number) {
  std::string out;
  for (char c : filename.substr(0, filename.rfind('.'))) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                 c == '(' || c == ')' || c == '[' || c == ']';
    if (plain || (c == ' ' && !out.empty() && out.back() != ' ')) out += c;
    if (!plain && c != ' ') out += '-';
  }
  if (out.size() > 200) out.resize(200);
  return out.empty() ? "Document " + std::to_string(number) : out;
}

Result<Value> source_of(const FamilyTarget& target, const Media& media, const std::string& where) {
  if (media.inline_data()) return tagged("bytes", str(media.data));
  if (media.url.starts_with("s3://")) return tagged("s3Location", tagged("uri", str(media.url)));
  return bad_request(target,
                     where + ": Bedrock does not fetch URLs: send a data: URL (base64) or an s3:// URL");
}

Result<Value> anthropic_document(const FamilyTarget& target, const Value& part, std::size_t number,
                                 const std::string& where) {
  auto* source = part.find("source");
  if (!source) return bad_request(target, where + ".source is missing");
  auto title = text_at(part, "title");
  if (text_at(*source, "type") == "text") {
    ValueMap document{{"format", str("txt")}, {"name", str(document_name(title, number))}};
    put(document, "source", tagged("text", str(text_at(*source, "data"))));
    return tagged("document", Value(std::move(document)));
  }
  auto url = std::string(text_at(*source, "url"));
  if (url.empty())
    url.append("data:")
        .append(text_at(*source, "media_type"))
        .append(";base64,")
        .append(text_at(*source, "data"));
  return media_block(target, {url, {}, title}, number, where);
}

} // namespace

Result<Value> media_block(const FamilyTarget& target, const MediaPart& part, std::size_t number,
                          const std::string& where) {
  const auto media = read_media(part.url);
  auto said = !part.format.empty() ? part.format : media.inline_data() ? media.mime : mime_of_url(media.url);
  auto* format = find_format(said);
  if (!format)
    return bad_request(
        target, where + ": '" + std::string(said.substr(0, 80)) +
                    "' is no format that Bedrock takes: png, jpeg, gif, webp, pdf, csv, doc, docx, xls, "
                    "xlsx, html, txt, md, mp4, mov, mkv, webm, mp3, wav, ...");
  auto source = source_of(target, media, where);
  if (!source) return source.error();
  ValueMap block{{"format", str(format->format)}};
  if (format->block == "document") put(block, "name", str(document_name(part.filename, number)));
  put(block, "source", std::move(*source));
  return tagged(format->block, Value(std::move(block)));
}

Result<Value> part_block(const FamilyTarget& target, const Value& part, std::size_t number,
                         const std::string& where) {
  const auto type = text_at(part, "type");
  if (type == "image_url") {
    auto* image = part.find("image_url");
    auto format = image ? text_at(*image, "format") : string_view();
    return media_block(target, {image_url(part), format, {}}, number, where + ".image_url");
  }
  if (type == "file" && part.find("file")) {
    auto& file = *part.find("file");
    auto url = text_at(file, "file_data");
    if (url.empty()) url = text_at(file, "file_id");
    auto format = text_at(file, "format");
    return media_block(target, {url, format, text_at(file, "filename")}, number, where + ".file");
  }
  if (type == "video_url" && part.find("video_url")) {
    auto& video = *part.find("video_url");
    auto url = video.as_string() ? string_view(*video.as_string()) : text_at(video, "url");
    return media_block(target, {url, text_at(video, "format"), {}}, number, where + ".video_url");
  }
  if (type == "input_audio" && part.find("input_audio")) {
    auto& audio = *part.find("input_audio");
    auto url = "data:audio/" + std::string(text_at(audio, "format", "wav")) + ";base64,";
    url += text_at(audio, "data");
    return media_block(target, {url, {}, {}}, number, where + ".input_audio");
  }
  if (type == "document") return anthropic_document(target, part, number, where);
  if (type == "guarded_text")
    return tagged("guardContent", tagged("text", tagged("text", str(text_at(part, "text")))));
  return Value();
}

} // namespace switchyard::providers::bedrock
