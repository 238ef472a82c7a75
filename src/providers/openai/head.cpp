// Builds the request heads of a deployment once, so that a request only appends its own lines. Start-up only.
#include "providers/openai/head.hpp"

#include "core/header_bytes.hpp"
#include "providers/specialists/rerank.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/version.hpp>

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

struct Line {
  std::string name, value;
  bool secret = false;
};

void set_line(std::vector<Line>& lines, Line line) {
  auto same = [&line](const Line& other) { return same_text(other.name, line.name); };
  auto at = std::find_if(lines.begin(), lines.end(), same);
  if (at == lines.end())
    lines.push_back(std::move(line));
  else
    *at = std::move(line);
}

bool is_token(string_view name) {
  static constexpr string_view k_marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           k_marks.find(c) != string_view::npos;
  });
}

// A line break in a value would start a header of its own.
bool is_value(string_view value) { return !core::has_control(value); }

void add_auth(std::vector<Line>& lines, const ProviderRow& row, const Credentials& credentials, bool bearer) {
  auto& key = credentials.key;
  if (key.empty()) {
    if (!credentials.ad_token.empty())
      set_line(lines, {"Authorization", "Bearer " + credentials.ad_token, true});
    return;
  }
  if (row.auth == Auth::api_key_header && !bearer)
    set_line(lines, {"api-key", key, true});
  else
    set_line(lines, {"Authorization", (row.auth == Auth::key_scheme ? "Key " : "Bearer ") + key, true});
  if (row.has(k_subscription_header)) set_line(lines, {"api-subscription-key", key, true});
}

/// The row's "Name=ENV|default" words.
void add_row_headers(std::vector<Line>& lines, const ProviderRow& row, EnvLookup env) {
  any_word(row.headers, [&](string_view word) {
    auto equals = word.find('='), bar = word.find('|');
    auto name = word.substr(0, equals), variable = word.substr(equals + 1, bar - equals - 1);
    auto value = variable.empty() ? std::string{} : env(variable);
    if (value.empty()) value = word.substr(bar + 1);
    if (!value.empty()) set_line(lines, {std::string(name), value});
    return false;
  });
}

Result<std::vector<Line>> collect_lines(const OpenAiTarget& target, const LitellmParams& params,
                                        const Credentials& credentials, bool bearer, EnvLookup env) {
  std::vector<Line> lines;
  lines.push_back({"User-Agent", "switchyard/" + std::string(k_version)});
  lines.push_back({"Accept", "*/*"});
  lines.push_back({"Accept-Encoding", "identity"}); // answers are read, not only relayed
  add_auth(lines, *target.row, credentials, bearer);
  add_row_headers(lines, *target.row, env);
  auto organization = params.organization;
  if (organization.empty() && target.row->name == "openai") organization = env("OPENAI_ORGANIZATION");
  if (!organization.empty()) set_line(lines, {"OpenAI-Organization", organization});
  for (auto& header : params.extra_headers)
    if (!is_framing(header.name)) set_line(lines, {header.name, header.value, looks_secret(header.name)});
  for (auto& line : lines) {
    if (is_token(line.name) && is_value(line.value)) continue;
    Error error;
    error.code = Errc::config;
    error.extra().param = line.secret ? "api_key" : "extra_headers";
    error.message = error.extra().param + ": header '" + (is_token(line.name) ? line.name : "?") +
                    "' has a name or a value that HTTP does not allow (line break or control character)";
    return error;
  }
  return lines;
}

RequestHead render(const EndpointUrl& url, const BaseUrl& base, const Origin& origin,
                   const std::vector<Line>& lines) {
  RequestHead head;
  head.origin = &origin;
  head.text = "POST ";
  if (url.model_at != std::string::npos) head.model_at = head.text.size() + url.model_at;
  head.text += url.target + " HTTP/1.1\r\nHost: " + base.host_header + "\r\n";
  for (auto& line : lines) {
    head.content_type = head.content_type || same_text(line.name, "content-type");
    head.text += line.name + ": ";
    if (line.secret) {
      // "Bearer" may be read; what follows may not.
      auto scheme = same_text(line.name, "authorization") ? line.value.find(' ') + 1 : 0;
      head.secrets.emplace_back(static_cast<std::uint32_t>(head.text.size() + scheme),
                                static_cast<std::uint32_t>(line.value.size() - scheme));
    }
    head.text += line.value + "\r\n";
  }
  return head;
}

/// "ragflow/chat/<id>/<model>": the agent is in the path.
std::string ragflow_path(const std::string& model) {
  auto slash = model.find('/');
  auto kind = model.substr(0, slash);
  auto rest = slash == std::string::npos ? std::string{} : model.substr(slash + 1);
  return "/api/v1/" + std::string(kind == "agent" ? "agents_openai/" : "chats_openai/") +
         path_segment(rest.substr(0, rest.find('/')));
}

EndpointUrl rerank_url(const OpenAiTarget& target, const BaseUrl& base, const RerankDialect& dialect) {
  EndpointUrl url;
  url.target = rerank_path(dialect, base.path, base.origin.host, target.model);
  if (auto place = url.target.find("{}"); place != std::string::npos) {
    const bool pattern = target.model.find('*') != std::string::npos;
    url.target.replace(place, 2, pattern ? std::string() : rerank_model(dialect, target.model));
    if (pattern) url.model_at = place;
  }
  if (!base.query.empty()) url.target += "?" + base.query;
  return url;
}

EndpointUrl url_for(const OpenAiTarget& target, const BaseUrl& base, Endpoint endpoint, string_view version) {
  if (target.row->has(k_azure_urls)) return azure_url(target, base, endpoint, version);
  if (target.row->has(k_azure_ai_urls)) return azure_ai_url(base, endpoint, version);
  if (endpoint == Endpoint::rerank)
    if (auto* dialect = rerank_dialect(target.row->name)) return rerank_url(target, base, *dialect);
  return plain_url(target, base, endpoint);
}

/// Some endpoints have a base URL of their own.
Result<BaseUrl> own_base(string_view text, const BaseUrl& base) {
  if (text.empty()) return base;
  return parse_base_url(text);
}

bool is_audio(Endpoint endpoint) { return (set_of(endpoint) & A) != 0; }

} // namespace

bool looks_secret(string_view name) {
  static constexpr std::array k_parts{string_view("authorization"), string_view("key"), string_view("token"),
                                      string_view("secret"), string_view("cookie")};
  const auto lower = lower_case(std::string(name));
  return std::any_of(k_parts.begin(), k_parts.end(),
                     [&lower](string_view part) { return lower.find(part) != std::string::npos; });
}

bool is_framing(string_view name) {
  static constexpr std::array k_names{string_view("host"), string_view("content-length"),
                                      string_view("transfer-encoding"), string_view("connection")};
  return std::any_of(k_names.begin(), k_names.end(),
                     [name](string_view framing) { return same_text(framing, name); });
}

EndpointUrl plain_url(const OpenAiTarget& target, const BaseUrl& base, Endpoint endpoint) {
  auto& row = *target.row;
  EndpointUrl url;
  auto path = endpoint_path(endpoint);
  url.target = base.path;
  if (row.has(k_full_chat_url))
    url.target = base.path.empty() ? std::string(row.chat_path) : base.path + "/"; // a full URL is kept
  else if (row.has(k_ragflow_path))
    url.target = (base.path.ends_with("/v1") ? base.path.substr(0, base.path.find("/api/v1")) : base.path) +
                 ragflow_path(target.model) + std::string(path);
  else if (!base.path.ends_with(path)) {
    constexpr string_view k_chat = "/chat/completions";
    if (url.target.ends_with(k_chat)) url.target.resize(url.target.size() - k_chat.size());
    if (row.has(k_append_v1) && url.target.find("/v1") == std::string::npos) url.target += "/v1";
    url.target += path;
  }
  if (!base.query.empty()) url.target += "?" + base.query;
  return url;
}

Result<void> build_heads(OpenAiTarget& target, const LitellmParams& params, const BaseUrl& base,
                         const Credentials& credentials, EnvLookup env) {
  bool azure = target.row->has(k_azure_urls) || target.row->has(k_azure_ai_urls);
  auto version = azure ? azure_version(target, params, base, env) : std::string{};
  auto bearer = azure && azure_bearer(target, base, version);
  target.api_version = version;
  auto lines = collect_lines(target, params, credentials, bearer, env);
  if (!lines) return lines.error();
  target.origin = base.origin;
  target.key = Secret(credentials.key.empty() ? credentials.ad_token : credentials.key);
  target.api_base_public = base.public_url;
  auto audio = own_base(params.api_base.empty() ? target.row->audio_base : "", base);
  auto* dialect = rerank_dialect(target.row->name);
  auto rerank = own_base(dialect ? rerank_base(*dialect, base.origin.host) : "", base);
  if (!audio || !rerank) return audio ? rerank.error() : audio.error();
  target.audio_origin = audio->origin, target.rerank_origin = rerank->origin;
  for (std::size_t i = 0; i < target.heads.size(); ++i) {
    auto endpoint = static_cast<Endpoint>(i);
    const bool ranks = endpoint == Endpoint::rerank;
    auto& from = is_audio(endpoint) ? *audio : ranks ? *rerank : base;
    auto& origin = is_audio(endpoint) ? target.audio_origin : ranks ? target.rerank_origin : target.origin;
    target.heads[i] = render(url_for(target, from, endpoint, version), from, origin, *lines);
  }
  return {};
}

} // namespace switchyard::providers
