// One walk over the messages finds the places where URLs may be; both functions use it. Pure, any thread.
#include "providers/family/media.hpp"

#include "providers/common/parts.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/policy.hpp"

#include <algorithm>
#include <array>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr string_view k_untyped = "application/octet-stream";

/// Where a URL is: a text value, or Messages' {"type":"url","url"}.
struct Slot {
  Value* url = nullptr;
  Value* source = nullptr; ///< of Messages: becomes {"type":"base64","media_type","data"}
  std::string format;      ///< what the client says that it is
  bool picture = false;
  std::string where;
};

Value* member(Value& object, string_view key) {
  if (auto* map = std::get_if<ValueMap>(&object.data()))
    for (auto& [name, value] : *map)
      if (name == key) return &value;
  return nullptr;
}

bool is_web_url(const Value* value) {
  auto* text = value ? value->as_string() : nullptr;
  return text && (text->starts_with("http://") || text->starts_with("https://"));
}

/// {"url","format"} or the URL itself.
Slot url_slot(Value& holder) {
  Slot out;
  out.url = holder.as_string() ? &holder : member(holder, "url");
  out.format = text_at(holder, "format");
  return out;
}

Slot file_slot(Value& file) {
  Slot out;
  out.url = member(file, "file_data");
  if (!is_web_url(out.url)) out.url = member(file, "file_id");
  out.format = text_at(file, "format");
  if (out.format.empty()) out.format = mime_of_url(text_at(file, "filename"));
  return out;
}

Slot slot_of(Value& part) {
  const std::string type(text_at(part, "type"));
  Slot out;
  if (type == "image_url" || type == "video_url") {
    if (auto* holder = member(part, type)) out = url_slot(*holder);
    out.picture = type == "image_url";
  } else if (type == "file") {
    if (auto* file = member(part, "file")) out = file_slot(*file);
  } else if (type == "image" || type == "document") {
    auto* source = member(part, "source");
    if (source && text_at(*source, "type") == "url") out.url = member(*source, "url"), out.source = source;
    out.picture = type == "image";
  }
  return out;
}

void add_slots(Value& content, std::size_t message, std::vector<Slot>& out) {
  auto* parts = std::get_if<ValueList>(&content.data());
  for (std::size_t i = 0; parts && i < parts->size(); ++i) {
    auto& part = (*parts)[i];
    if (text_at(part, "type") == "tool_result") // of Messages
      if (auto* inner = member(part, "content")) add_slots(*inner, message, out);
    auto slot = slot_of(part);
    if (!is_web_url(slot.url)) continue;
    slot.where = place_of(message, i);
    out.push_back(std::move(slot));
  }
}

std::vector<Slot> slots_of(Value& request) {
  std::vector<Slot> out;
  auto* messages = member(request, "messages");
  auto* list = messages ? std::get_if<ValueList>(&messages->data()) : nullptr;
  for (std::size_t i = 0; list && i < list->size(); ++i)
    if (auto* content = member((*list)[i], "content")) add_slots(*content, i, out);
  return out;
}

/// Most requests have none of these.
bool may_have_media(string_view body) {
  static constexpr auto k_marks =
      std::to_array<string_view>({"image_url", "\"image\"", "video_url", "\"file\"", "\"document\""});
  return body.find("http") != string_view::npos &&
         std::any_of(k_marks.begin(), k_marks.end(),
                     [body](string_view mark) { return body.find(mark) != string_view::npos; });
}

bool has_messages(const Call& call) {
  return call.json && (call.endpoint == Endpoint::chat || call.endpoint == Endpoint::messages ||
                       call.endpoint == Endpoint::messages_count);
}

/// The type that the server could not tell, by what the client says or the URL.
std::string mime_for(const Slot& slot, const Media& media) {
  if (media.mime != k_untyped) return std::string(media.mime);
  if (slot.format.find('/') != std::string::npos) return slot.format;
  return std::string(mime_of_url(*slot.url->as_string()));
}

Result<void> put(const FamilyTarget& target, Slot& slot, const FetchedMedia& fetched) {
  const auto media = read_media(fetched.data_url);
  const auto mime = mime_for(slot, media);
  if (mime.empty() || (slot.picture && (mime.starts_with("text/") || mime.starts_with("application/json"))))
    return bad_request(target, slot.where + ": what is at the URL is no picture or document (" +
                                   std::string(media.mime) + ")");
  if (slot.source)
    *slot.source = Value(ValueMap{
        {"type", text_value("base64")}, {"media_type", text_value(mime)}, {"data", text_value(media.data)}});
  else
    *slot.url = Value("data:" + mime + ";base64," + std::string(media.data));
  return {};
}

} // namespace

std::vector<std::string> media_to_fetch(const FamilyTarget& target, const Call& call) {
  std::vector<std::string> out;
  auto* needs = target.row->family->needs_bytes;
  if (!needs || !has_messages(call) || !may_have_media(call.json->text)) return out;
  auto request = make_request(target, call);
  if (!request) return out; // encode() says why
  for (auto& slot : slots_of(*request)) {
    auto& url = *slot.url->as_string();
    if (needs(target, call, url) && std::find(out.begin(), out.end(), url) == out.end()) out.push_back(url);
  }
  return out;
}

Result<void> inline_media(const FamilyTarget& target, const Call& call, Value& request) {
  if (call.media.empty()) return {};
  for (auto& slot : slots_of(request)) {
    auto& url = *slot.url->as_string();
    auto same = [&url](const FetchedMedia& item) { return item.url == url; };
    auto found = std::find_if(call.media.begin(), call.media.end(), same);
    if (found == call.media.end()) continue;
    if (auto done = put(target, slot, *found); !done) return done;
  }
  return {};
}

} // namespace switchyard::providers
