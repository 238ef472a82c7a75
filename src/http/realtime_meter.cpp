// Usage of realtime events. OpenAI writes "type" first, so one look at the beginning of a message tells for
// nearly all of them; whoever writes it elsewhere has its messages collected and read.
#include "http/realtime_meter.hpp"

#include <switchyard/json_skim.hpp>

#include <algorithm>

namespace switchyard::http {

namespace {

using std::string_view;

constexpr string_view k_done = "response.done",
                      k_transcribed = "conversation.item.input_audio_transcription.completed";
constexpr std::size_t k_kept = 64 * 1024;

bool tells_usage(string_view type) { return type == k_done || type == k_transcribed; }

string_view skip(string_view text, string_view what) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (!text.starts_with(what)) return {};
  return text.substr(what.size());
}

/// False when the beginning of a message says that it is of another type.
bool may_tell(string_view text) {
  for (string_view part : {"{", "\"type\"", ":", "\""}) {
    if (text = skip(text, part); text.data() == nullptr) return true;
  }
  const auto quote = text.find('"');
  if (quote != string_view::npos) return tells_usage(text.substr(0, quote));
  return k_done.starts_with(text) || k_transcribed.starts_with(text);
}

string_view unquoted(string_view value) {
  return value.size() >= 2 && value.front() == '"' ? value.substr(1, value.size() - 2) : string_view();
}

/// The object whose `usage` counts.
string_view holder_of(string_view event) {
  string_view type, response;
  JsonSkim skim(event);
  while (skim.next()) {
    if (skim.key() == "type")
      type = unquoted(skim.value());
    else if (skim.key() == "response" && skim.kind() == '{')
      response = skim.value();
  }
  if (!skim.complete()) return {};
  return type == k_done ? response : type == k_transcribed ? event : string_view();
}

} // namespace

void EventReader::begin() {
  if (text_.capacity() > k_kept) std::string().swap(text_), charge_.set(0);
  text_.clear();
  wanted_ = true;
}

EventReader::Found EventReader::add(const ws::Piece& piece) {
  if (is_control(piece.opcode)) return Found::nothing;
  if (piece.first && piece.opcode != ws::Opcode::continuation) {
    begin();
    wanted_ = piece.opcode == ws::Opcode::text;
  }
  if (!wanted_) return Found::nothing;
  if (!charge_.set(std::max(text_.capacity(), text_.size() + piece.payload.size()))) return Found::no_memory;
  text_ += piece.payload;
  if (!may_tell(text_)) return wanted_ = false, Found::nothing;
  return piece.ends_message() ? Found::event : Found::nothing;
}

Usage usage_of_event(const providers::Target& target, string_view event) {
  const auto holder = holder_of(event);
  if (holder.empty()) return {};
  // Spelled as in an answer of the Responses API.
  providers::Call call;
  call.endpoint = Endpoint::responses;
  const providers::UpstreamAnswer answer{200, "application/json", {}, holder};
  providers::Decoded decoded;
  if (!providers::provider_of(target).decode(target, call, answer, {}, decoded)) return {};
  return decoded.usage;
}

} // namespace switchyard::http
