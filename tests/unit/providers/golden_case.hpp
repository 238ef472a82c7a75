// A golden transcript read into a deployment, a call and what an upstream answers (docs/providers.md has the
// format), and what each output section must hold. Tests only.
#pragma once

#include "unit/providers/support.hpp"

#include <switchyard/credentials.hpp>
#include <switchyard/json.hpp>
#include <switchyard/kept_answers.hpp>
#include <switchyard/version.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace switchyard::providers::test {

struct Section {
  std::string name, text;
};

/// "=== name" lines start sections; the text is everything up to the next one.
inline std::vector<Section> read_sections(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<Section> sections;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("=== "))
      sections.push_back({line.substr(4), {}});
    else if (!sections.empty())
      sections.back().text += line + "\n";
  }
  return sections;
}

using Setter = void (*)(LitellmParams&, Call&, const std::string&);
struct Setting {
  std::string_view name;
  Setter set;
};

inline Endpoint endpoint_of(const std::string& path) {
  if (path == "/generateContent") return Endpoint::generate_content;
  if (path == "/countTokens") return Endpoint::generate_count;
  for (unsigned i = 0; i < static_cast<unsigned>(Endpoint::k_count); ++i)
    if (endpoint_path(static_cast<Endpoint>(i)) == path) return static_cast<Endpoint>(i);
  ADD_FAILURE() << "no endpoint " << path;
  return Endpoint::chat;
}

inline HeaderLine split(const std::string& text) {
  auto equals = text.find('=');
  return {text.substr(0, equals), text.substr(equals + 1)};
}

inline void add_json(std::vector<JsonParam>& list, const std::string& text) {
  auto [name, value] = split(text);
  list.push_back({name, value});
}

inline std::vector<HeaderLine> forwarded; ///< of the case that runs
inline std::vector<FetchedMedia> fetched; ///< likewise
inline Token token;                       ///< what target.tokens would yield

inline const Setting k_settings[] = {
    {"model", [](auto& p, auto&, auto& v) { p.model = v; }},
    {"api_key", [](auto& p, auto&, auto& v) { p.api_key = Secret(v); }},
    {"api_base", [](auto& p, auto&, auto& v) { p.api_base = v; }},
    {"api_version", [](auto& p, auto&, auto& v) { p.api_version = v; }},
    {"azure_ad_token", [](auto& p, auto&, auto& v) { p.azure_ad_token = Secret(v); }},
    {"organization", [](auto& p, auto&, auto& v) { p.organization = v; }},
    {"env", [](auto&, auto&, auto& v) { environment[split(v).name] = split(v).value; }},
    {"header", [](auto& p, auto&, auto& v) { p.extra_headers.push_back(split(v)); }},
    {"default", [](auto& p, auto&, auto& v) { add_json(p.defaults, v); }},
    {"extra_body", [](auto& p, auto&, auto& v) { add_json(p.extra_body, v); }},
    {"endpoint", [](auto&, auto& c, auto& v) { c.endpoint = endpoint_of(v); }},
    {"upstream_model", [](auto&, auto&, auto&) {}}, // read by the runner: wildcard rows
    {"stream", [](auto&, auto& c, auto& v) { c.stream = v == "true"; }},
    {"usage", [](auto&, auto& c, auto& v) { c.stream_usage_wanted = v == "true"; }},
    {"content_type", [](auto&, auto&, auto&) {}},
    {"drop_params", [](auto&, auto& c, auto& v) { c.drop_params = v == "true"; }},
    {"modify_params", [](auto&, auto& c, auto& v) { c.modify_params = v == "true"; }},
    {"add_function_to_prompt", [](auto&, auto& c, auto& v) { c.add_function_to_prompt = v == "true"; }},
    {"media",
     [](auto&, auto&, auto& v) {
       fetched.push_back({v.substr(0, v.find(' ')), v.substr(v.find(' ') + 1)});
     }},
    {"raw",
     [](auto& p, auto&, auto& v) { p.raw.emplace_back(split(v).name, parse_json(split(v).value).value()); }},
    {"forward", [](auto&, auto&, auto& v) { forwarded.push_back(split(v)); }},
    {"token",
     [](auto&, auto&, auto& v) { token.bearer = Secret(split(v).name), token.project = split(v).value; }},
    {"aws", [](auto&, auto&,
               auto& v) { token.access_key = split(v).name, token.secret_key = Secret(split(v).value); }},
};

struct Setup {
  LitellmParams params = params_of("", "");
  Call call;
  std::string upstream_model, content_type;
};

inline void read_setup(const std::string& text, Setup& out) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    auto colon = line.find(": ");
    if (line.empty() || line[0] == '#' || colon == std::string::npos) continue;
    auto name = line.substr(0, colon), value = line.substr(colon + 2);
    auto at =
        std::find_if(std::begin(k_settings), std::end(k_settings), [&](auto& s) { return s.name == name; });
    ASSERT_NE(at, std::end(k_settings)) << "unknown setting " << name;
    at->set(out.params, out.call, value);
    if (name == "upstream_model") out.upstream_model = value;
    if (name == "content_type") out.content_type = value;
  }
}

/// Bytes as lines: CR shown as the two characters \r, a missing last line break added.
inline std::string shown(std::string text) {
  std::string out;
  for (char c : text) c == '\r' ? void(out += "\\r") : void(out += c);
  if (out.empty() || out.back() != '\n') out += '\n';
  return out;
}
inline std::string with_cr(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool mark = text.compare(i, 2, "\\r") == 0;
    out += mark ? '\r' : text[i];
    i += mark;
  }
  return out;
}
/// A release must not change the transcripts.
inline std::string without_version(std::string head) {
  auto at = head.find(k_version);
  return at == std::string::npos ? head : head.replace(at, k_version.size(), "VERSION");
}
inline std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}
inline std::string shown_error(const Error& error) {
  return std::to_string(error.http_status()) + " " + std::string(describe(error.code).name) + "\n" +
         error.message + "\n";
}

/// The counts of a bill that are not 0.
inline std::string shown_usage(const Usage& usage) {
  struct Count {
    const char* name;
    std::uint32_t value;
  };
  const Count counts[] = {{"cached", usage.cache_read_tokens},
                          {"cache-writes", usage.cache_write_tokens},
                          {"1h-writes", usage.cache_write_1h_tokens},
                          {"audio-in", usage.audio_in_tokens},
                          {"images-in", usage.image_in_tokens},
                          {"reasoning", usage.reasoning_tokens},
                          {"audio-out", usage.audio_out_tokens},
                          {"images-out", usage.image_out_tokens},
                          {"images", usage.images},
                          {"characters", usage.characters},
                          {"audio-ms", usage.audio_ms},
                          {"search-units", usage.search_units},
                          {"web-searches", usage.web_searches}};
  std::string out =
      "usage " + std::to_string(usage.prompt_tokens) + " " + std::to_string(usage.completion_tokens);
  for (auto& count : counts)
    if (count.value) out += std::string(" ") + count.name + " " + std::to_string(count.value);
  return out + "\n";
}

/// What each output section must hold, from the input sections.
class Runner {
 public:
  explicit Runner(const std::vector<Section>& sections) : sections_(sections) {
    forwarded.clear(), fetched.clear(), token = {};
    read_setup(input("setup"), setup_);
    setup_.call.now = WallTime{std::chrono::seconds(1'700'000'000)};
    setup_.call.call_id = "id1";
    setup_.call.forward_headers = forwarded;
    setup_.call.media = fetched;
    auto ready = prepare(setup_.params, setup_.params.model, lookup);
    EXPECT_TRUE(ready.has_value()) << (ready ? "" : ready.error().message);
    if (!ready) return;
    ready_ = *ready;
    if (ready_.target->tokens) setup_.call.token = &token;
    setup_.call.model = setup_.upstream_model.empty() ? ready_.target->model : setup_.upstream_model;
    setup_.call.content_type = setup_.content_type;
    body_ = setup_.content_type.empty() ? trimmed(input("request")) : with_cr(input("request"));
    setup_.call.body = body_;
    if (setup_.content_type.empty()) {
      EXPECT_TRUE(scan_object(body_, scan_).has_value()) << body_;
      setup_.call.json = &scan_;
    }
  }

  const Provider& provider() const {
    auto* translator = translator_for(*ready_.target, setup_.call.endpoint);
    return translator ? *translator : *ready_.provider;
  }
  bool ready() const { return ready_.provider != nullptr; }
  const Target& target() const { return *ready_.target; }
  const Call& call() const { return setup_.call; }
  std::string input(std::string_view name) const {
    for (auto& section : sections_)
      if (section.name == name) return section.text;
    return {};
  }

  std::string wire() {
    Wire wire;
    auto done = provider().encode(*ready_.target, setup_.call, wire);
    if (!done) return shown_error(done.error());
    auto out = shown_wire(wire);
    int round = 0;
    std::vector<KeptAnswer> kept;
    for (auto& section : sections_) {
      if (section.name != "earlier") continue;
      const auto body = trimmed(section.text);
      const UpstreamAnswer answer{200, "application/json", {}, body};
      Millis wait{0};
      auto more = provider().follow_up(*ready_.target, setup_.call, answer, round++, wire, wait);
      EXPECT_TRUE(more && *more && wait == k_keep_answer) << "no request behind " << body;
      if (!more || !*more) break;
      out += shown_wire(wire), kept.push_back({{}, body});
    }
    earlier_ = std::move(kept);
    return out;
  }
  std::string reply() {
    auto body = trimmed(input("answer"));
    Decoded decoded;
    const auto headers = trimmed(input("headers"));
    if (!earlier_.empty()) body = pack_answers(earlier_, headers, body);
    const UpstreamAnswer answer{200, "application/json", headers, body};
    if (setup_.call.stream) {
      auto streamed = provider().stream_whole(*ready_.target, setup_.call, answer, "alias", decoded);
      if (!streamed) return shown_error(streamed.error());
      if (*streamed) return shown(Case::joined(decoded.body));
    }
    auto done = provider().decode(*ready_.target, setup_.call, answer, "alias", decoded);
    if (!done) return shown_error(done.error());
    return shown(Case::joined(decoded.body)) + shown_usage(decoded.usage);
  }
  std::string events() {
    auto decoder = provider().stream(*ready_.target, setup_.call, "alias");
    std::istringstream lines(input("sse"));
    std::string out, event;
    StreamEvent decoded;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("event: ")) event = line.substr(7);
      if (!line.starts_with("data: ")) continue;
      const auto frame = (event.empty() ? "" : "event: " + event + "\n") + line + "\n\n";
      decoder->on_event(frame, event, std::string_view(line).substr(6), decoded);
      out += decoded.error.code == Errc::none ? Case::joined(decoded.data) : shown_error(decoded.error);
      event.clear();
    }
    if (!decoded.done && decoded.error.code == Errc::none) {
      decoder->finish(decoded);
      out += "-- the bytes end\n" + Case::joined(decoded.data);
    }
    return out + shown_usage(decoder->usage());
  }
  std::string error() {
    auto text = trimmed(input("refusal"));
    auto space = text.find('\n');
    return shown_error(provider().map_error(
        *ready_.target, {std::stoi(text), "application/json", {}, std::string_view(text).substr(space + 1)}));
  }

 private:
  static std::string shown_wire(const Wire& wire) {
    return std::string(wire.origin->tls ? "tls " : "tcp ") + wire.origin->host + " " +
           std::to_string(wire.origin->port) + "\n" +
           shown(without_version(wire.head) + Case::joined(wire.body));
  }

  const std::vector<Section>& sections_;
  std::vector<KeptAnswer> earlier_; ///< of "earlier" sections
  Setup setup_;
  Prepared ready_;
  std::string body_;
  ObjectScan scan_;
};

} // namespace switchyard::providers::test
