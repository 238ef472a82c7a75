// Images, audio and files of a message as inline_data or file_data. Pure, any thread.
#include "providers/family/chat.hpp"
#include "providers/google/messages.hpp"

#include <switchyard/json.hpp>

namespace switchyard::providers::google {
namespace {

using std::string_view;

Value text_value(string_view text) { return Value(std::string(text)); }

Value inline_data(string_view mime, string_view data) {
  return Value(ValueMap{
      {"inline_data", Value(ValueMap{{"mime_type", text_value(mime)}, {"data", text_value(data)}})}});
}

Value file_data(string_view mime, string_view uri) {
  ValueMap file;
  if (!mime.empty()) file.emplace_back("mime_type", text_value(mime));
  file.emplace_back("file_uri", text_value(uri));
  return Value(ValueMap{{"file_data", Value(std::move(file))}});
}

/// `format` overrides the type; an image whose type nothing tells is called a JPEG, which Google corrects by
/// itself.
Result<Value> of_url(const FamilyTarget& target, string_view url, string_view format, string_view otherwise,
                     const std::string& where) {
  if (url.empty()) return bad_request(target, where + ": the URL is missing");
  auto media = read_media(url);
  if (media.inline_data()) {
    auto mime = format.empty() ? media.mime : format;
    if (mime.empty() || media.data.empty())
      return bad_request(target, where + ": a data URL must read data:<mime type>;base64,<data>");
    return inline_data(mime, media.data);
  }
  if (!url.starts_with("gs://") && !url.starts_with("https://") && !url.starts_with("http://"))
    return bad_request(target, where + ": only data:, gs:// and https:// URLs can be sent");
  auto mime = format.empty() ? mime_of_url(url) : format;
  if (mime.empty() && !knows_type(url)) mime = otherwise;
  if (mime.empty() && !knows_type(url))
    return bad_request(target, where + ": the file's type is not known, set `format` to its MIME type");
  return file_data(mime, url);
}

Result<Value> audio(const FamilyTarget& target, const Value& part, const std::string& where) {
  auto input = part.find("input_audio");
  auto data = input ? text_at(*input, "data") : string_view{};
  if (data.empty()) return bad_request(target, where + ".input_audio.data is missing");
  std::string mime(text_at(*input, "format", "wav"));
  if (mime.find('/') == std::string::npos) mime.insert(0, "audio/");
  return inline_data(mime, data);
}

Result<Value> file(const FamilyTarget& target, const Value& part, const std::string& where) {
  auto file = part.find("file");
  if (!file || !file->as_map()) return bad_request(target, where + ".file is missing");
  auto url = text_at(*file, "file_data");
  if (url.empty()) url = text_at(*file, "file_id");
  auto format = text_at(*file, "format");
  if (format.empty()) format = mime_of_url(text_at(*file, "filename"));
  auto out = of_url(target, url, read_media(url).inline_data() ? text_at(*file, "format") : format, {},
                    where + ".file");
  if (out)
    if (auto meta = file->find("video_metadata"); meta && meta->as_map()) set(*out, "video_metadata", *meta);
  return out;
}

string_view nested(const Value& part, string_view key, string_view member) noexcept {
  auto inner = part.find(key);
  if (inner && inner->as_string()) return member == "url" ? string_view(*inner->as_string()) : string_view{};
  return inner ? text_at(*inner, member) : string_view{};
}

} // namespace

bool knows_type(string_view url) noexcept {
  return url.find("generativelanguage.googleapis.com/") != string_view::npos ||
         url.find("youtube.com/") != string_view::npos || url.find("youtu.be/") != string_view::npos;
}

Result<Value> media_part(const FamilyTarget& target, const Value& part, const std::string& where) {
  auto type = text_at(part, "type");
  if (type == "image_url")
    return of_url(target, image_url(part), nested(part, "image_url", "format"), "image/jpeg",
                  where + ".image_url");
  if (type == "video_url")
    return of_url(target, nested(part, "video_url", "url"), nested(part, "video_url", "format"), "video/mp4",
                  where + ".video_url");
  if (type == "input_audio") return audio(target, part, where);
  if (type == "file") return file(target, part, where);
  return bad_request(target,
                     where + ": content of type '" + std::string(type) + "' cannot be sent to Gemini");
}

} // namespace switchyard::providers::google
