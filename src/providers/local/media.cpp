// Local images, speech and transcriptions. Pure, any thread.
#include "providers/local/local.hpp"

#include <switchyard/multipart.hpp>

namespace switchyard::providers {
namespace {

using std::string_view;

// A PNG of one pixel.
constexpr string_view k_png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
constexpr string_view k_image_url = "https://dummy.invalid/image.png";
constexpr std::int64_t k_most_images = 10;

/// A form field or a JSON member, as text.
std::string field_of(const LocalCall& call, string_view name) {
  if (call.call.json) {
    auto text = unescape(call.raw(name).starts_with('"') ? call.raw(name) : string_view("\"\""));
    return text ? std::move(*text) : std::string{};
  }
  auto parts = parse_multipart(call.call.body, call.call.content_type);
  if (!parts) return {};
  for (auto& part : *parts)
    if (part.name == name) return std::string(part.content);
  return {};
}

void append_little(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

/// A tenth of a second of silence: 8 kHz, mono, 8 bit.
std::string silent_wav() {
  constexpr std::uint32_t k_rate = 8000, k_samples = 800;
  std::string out = "RIFF";
  append_little(out, 36 + k_samples, 4);
  out += "WAVEfmt ";
  append_little(out, 16, 4);
  append_little(out, 1, 2);
  append_little(out, 1, 2);
  append_little(out, k_rate, 4);
  append_little(out, k_rate, 4);
  append_little(out, 1, 2);
  append_little(out, 8, 2);
  out += "data";
  append_little(out, k_samples, 4);
  return out.append(k_samples, static_cast<char>(0x80));
}

} // namespace

void write_images(const LocalCall& call, string_view text, string_view, LocalAnswer& out) {
  auto format = field_of(call, "response_format");
  bool inline_data = format == "b64_json" || (format.empty() && call.call.model.starts_with("gpt-image"));
  auto url = text.starts_with("http") ? text : k_image_url;
  auto image =
      inline_data ? "{\"b64_json\":\"" + std::string(k_png) + "\"}" : "{\"url\":" + json_string(url) + "}";
  out.body = "{\"created\":" + std::to_string(call.created) + ",\"data\":[";
  for (std::int64_t i = 0; i < call.number("n", 1, 1, k_most_images); ++i) out.body += (i ? "," : "") + image;
  out.body += "]}";
  out.usage = {};
}

void write_speech(const LocalCall&, string_view, string_view, LocalAnswer& out) {
  out.content_type = "audio/wav";
  out.body = silent_wav();
  out.usage = {};
}

void write_transcription(const LocalCall& call, string_view text, string_view, LocalAnswer& out) {
  auto format = field_of(call, "response_format");
  auto said = json_string(text);
  constexpr string_view k_from = "00:00:00", k_arrow = " --> ";
  auto cue = [&](string_view mark) {
    auto dot = std::string(mark);
    return std::string(k_from) + dot + "000" + std::string(k_arrow) + std::string(k_from) + dot + "100\n" +
           std::string(text) + "\n";
  };
  if (format == "text" || format == "srt" || format == "vtt")
    out.content_type = "text/plain; charset=utf-8";
  else if (format == "verbose_json")
    out.body =
        R"({"task":"transcribe","language":"english","duration":0.1,"text":)" + said + R"(,"segments":[]})";
  else
    out.body = "{\"text\":" + said + "}";
  if (format == "text") out.body = std::string(text) + "\n";
  if (format == "srt") out.body = "1\n" + cue(",");
  if (format == "vtt") out.body = "WEBVTT\n\n" + cue(".");
  out.usage = {};
}

} // namespace switchyard::providers
