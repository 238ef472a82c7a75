// The one provider of all own-format families: their tables do the translating, this does what they share.
// Immutable, any thread.
#include "core/header_bytes.hpp"
#include "providers/credentials/sigv4.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/counted.hpp"
#include "providers/family/family.hpp"
#include "providers/family/media.hpp"
#include "providers/family/policy.hpp"
#include "providers/local/local.hpp"
#include "providers/openai/errors.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/version.hpp>

#include <algorithm>
#include <array>

namespace switchyard::providers {
namespace {

using std::string_view;

const Family& family_of(const FamilyTarget& target) { return *target.row->family; }

// -- request heads

using Lines = std::vector<const HeadLine*>;

/// Later lines replace earlier ones of the same name.
void put(Lines& lines, const HeadLine& line) {
  auto same = [&line](const HeadLine* other) { return same_text(other->name, line.name); };
  auto at = std::find_if(lines.begin(), lines.end(), same);
  if (at == lines.end())
    lines.push_back(&line);
  else
    *at = &line;
}

bool safe(const HeadLine& line) {
  return !line.name.empty() && !core::has_control(line.name) && !core::has_control(line.value);
}

void append_line(const HeadLine& line, Wire& out) {
  out.head.append(line.name).append(": ");
  if (line.secret) {
    // "Bearer" may be read; what follows may not.
    const auto scheme = same_text(line.name, "authorization") ? line.value.find(' ') + 1 : 0;
    out.secret_ranges.emplace_back(static_cast<std::uint32_t>(out.head.size() + scheme),
                                   static_cast<std::uint32_t>(line.value.size() - scheme));
  }
  out.head.append(line.value).append("\r\n");
}

/// AWS takes Claude's betas as a member of the body.
bool stays_in_body(const FamilyTarget& target, string_view name) {
  return target.provider.starts_with("bedrock") && same_text(name, "anthropic-beta");
}

/// AWS signature, or the fetched token.
Result<std::vector<HeadLine>> sign(const FamilyTarget& target, const Call& call, const Upstream& upstream,
                                   const BaseUrl& base, const Lines& lines) {
  if (target.aws_service.empty()) {
    if (!call.token || call.token->bearer.empty()) return std::vector<HeadLine>();
    return std::vector<HeadLine>{
        {"Authorization", "Bearer " + std::string(call.token->bearer.reveal()), true}};
  }
  auto* aws = call.token ? call.token : target.aws.get();
  if (!aws)
    return Error(Errc::authentication,
                 "litellm.AuthenticationError: " + target.provider + ": no AWS credentials");
  SigV4Request request;
  request.method = upstream.method;
  request.path = upstream.path;
  request.host = base.host_header;
  request.body = upstream.body;
  request.service = target.aws_service, request.region = target.region;
  std::vector<HeadLine> sent;
  for (auto* line : lines) sent.push_back(*line);
  request.lines = sent;
  return sign_v4(request, *aws, call.now);
}

Result<void> write_head(const FamilyTarget& target, const Call& call, Upstream&& upstream, Wire& out) {
  auto& base = upstream.base ? *upstream.base : target.base;
  static const std::array<HeadLine, 4> standard{{{"User-Agent", "switchyard/" + std::string(k_version)},
                                                 {"Accept", "*/*"},
                                                 {"Accept-Encoding", "identity"},
                                                 {"Content-Type", "application/json"}}};
  std::vector<HeadLine> forwarded;
  for (auto& line : call.forward_headers)
    if (!stays_in_body(target, line.name))
      forwarded.push_back({std::string(line.name), std::string(line.value)});
  Lines lines;
  lines.reserve(standard.size() + forwarded.size() + target.lines.size() + upstream.lines.size() + 4);
  for (auto& line : standard) put(lines, line);
  for (auto& line : forwarded) put(lines, line);
  for (auto& line : target.lines) put(lines, line); // a client must not replace credentials
  for (auto& line : upstream.lines) put(lines, line);
  auto signature = sign(target, call, upstream, base, lines);
  if (!signature) return signature.error();
  for (auto& line : *signature) put(lines, line);
  out.origin = &base.origin;
  out.head.reserve(512);
  out.head.assign(upstream.method).append(" ").append(upstream.path);
  out.head.append(" HTTP/1.1\r\nHost: ").append(base.host_header).append("\r\n");
  for (auto* line : lines)
    if (safe(*line)) append_line(*line, out);
  out.owned = std::move(upstream.body);
  out.body.push_back(out.owned);
  out.head.append("Content-Length: ").append(std::to_string(out.owned.size())).append("\r\n\r\n");
  return {};
}

// -- the provider

class FamilyProvider final : public Provider {
 public:
  bool supports(const Target& target, Endpoint endpoint) const override {
    return (as_family(target).row->endpoints & set_of(endpoint)) != 0;
  }

  bool fetches_media(const Target& any) const override {
    return family_of(as_family(any)).needs_bytes != nullptr;
  }
  std::vector<std::string> media_urls(const Target& any, const Call& call) const override {
    return media_to_fetch(as_family(any), call);
  }

  Result<void> encode(const Target& any, const Call& call, Wire& out) const override {
    out.clear();
    auto& target = as_family(any);
    auto request = make_request(target, call);
    if (!request) return request.error();
    if (auto done = inline_media(target, call, *request); !done) return done.error();
    Job job{target, call, std::move(*request)};
    Upstream upstream;
    if (auto done = family_of(target).encode(job, upstream); !done) return done.error();
    return write_head(target, call, std::move(upstream), out);
  }

  Result<void> decode(const Target& any, const Call& call, const UpstreamAnswer& answer,
                      string_view client_model, Decoded& out) const override {
    auto& target = as_family(any);
    Answer made;
    if (auto done = family_of(target).decode(target, call, answer, client_model, made); !done)
      return done.error();
    if (call.endpoint == Endpoint::chat && !made.usage.present) count_usage(call, made);
    out.owned = std::move(made.body);
    out.body.assign({string_view(out.owned)});
    out.usage = made.usage;
    return {};
  }

  std::unique_ptr<StreamDecoder> stream(const Target& any, const Call& call,
                                        string_view client_model) const override {
    auto& target = as_family(any);
    auto* make = family_of(target).stream;
    return make ? make(target, call, client_model) : nullptr;
  }

  Framing framing(const Target& any, const Call& call) const override {
    auto* which = family_of(as_family(any)).framing;
    return which ? which(as_family(any), call) : Framing::sse;
  }

  Result<bool> stream_whole(const Target& any, const Call& call, const UpstreamAnswer& answer,
                            string_view client_model, Decoded& out) const override {
    if (call.endpoint != Endpoint::chat) return false;
    if (auto done = decode(any, call, answer, client_model, out); !done) return done.error();
    auto frames = chat_as_stream(out.owned, call.stream_usage_wanted);
    if (!frames) return frames.error();
    out.owned = std::move(*frames);
    out.body.assign({string_view(out.owned)});
    return true;
  }

  Result<void> forward(const Target& any, const Call& call, const Forwarded& asked,
                       Wire& out) const override {
    auto& target = as_family(any);
    out.clear();
    Upstream upstream;
    upstream.method = asked.method;
    if (asked.below_base) upstream.path = target.base.path;
    upstream.path += asked.path;
    for (auto& line : asked.headers) {
      auto same = [&line](const HeadLine& own) { return same_text(own.name, line.name); };
      if (std::none_of(target.lines.begin(), target.lines.end(), same))
        upstream.lines.push_back({std::string(line.name), std::string(line.value)});
    }
    upstream.body = asked.body;
    return write_head(target, call, std::move(upstream), out);
  }

  /// Jobs are chats; where a family embeds, it is the inputs that go one by one.
  bool may_follow_up(const Target& any, const Call& call) const override {
    auto& row = *as_family(any).row;
    const bool embeds = (row.endpoints & set_of(Endpoint::embeddings)) != 0;
    return row.family->follow_up && embeds == (call.endpoint == Endpoint::embeddings);
  }

  Result<bool> follow_up(const Target& any, const Call& call, const UpstreamAnswer& answer, int round,
                         Wire& out, Millis& wait) const override {
    auto& target = as_family(any);
    auto* next = family_of(target).follow_up;
    if (!next) return false;
    Upstream upstream;
    auto more = next(target, call, answer, round, upstream, wait);
    if (!more || !*more) return more;
    out.clear();
    if (auto done = write_head(target, call, std::move(upstream), out); !done) return done.error();
    return true;
  }

  Error map_error(const Target& any, const UpstreamAnswer& answer) const override {
    auto error = upstream_error(as_family(any), answer.status, answer.body);
    error.retry_after = parse_retry_after(answer.headers);
    error.extra().upstream_headers = answer.headers;
    return error;
  }

  LocalAnswer local_answer(const Target& target, const Call& call, string_view client_model, string_view id,
                           std::int64_t created) const override {
    return answer_locally(target, LocalCall{call, client_model, id, created});
  }
};

} // namespace

const Provider& family_provider() noexcept {
  static const FamilyProvider provider;
  return provider;
}

} // namespace switchyard::providers
