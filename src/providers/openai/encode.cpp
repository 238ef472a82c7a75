// JSON requests: the client's bytes with a few members edited, never written again unless a rule reaches
// below the top level. Pure, any thread.
#include "providers/openai/encode.hpp"

#include "providers/openai/json_edit.hpp"
#include "providers/openai/policy.hpp"
#include "providers/prompts/prompts.hpp"
#include "providers/specialists/rerank.hpp"
#include "providers/url.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/credentials.hpp>
#include <switchyard/json.hpp>

#include <algorithm>
#include <charconv>

namespace switchyard::providers {
namespace {

using std::string_view;

/// The object the policy works on: the client's own scan, or a new one over changed text.
struct Source {
  const ObjectScan* scan;
  std::string text;
  ObjectScan own;
};

Result<void> rescan(Source& source) {
  if (auto scanned = scan_object(source.text, source.own); !scanned) return scanned.error();
  source.scan = &source.own;
  return {};
}

/// Fallback overrides replace members; trailing commas would survive inside rewritten values.
Result<void> normalise(const Call& call, Source& source) {
  if (!source.scan->trailing_commas.empty()) {
    source.text = remove_commas(*source.scan);
    if (auto done = rescan(source); !done) return done;
  }
  if (call.overrides.empty()) return {};
  JsonSplice merged(*source.scan);
  for (auto& item : call.overrides)
    if (item.name != "model" && !is_gateway_param(item.name)) merged.set(item.name, item.json);
  auto text = merged.str();
  source.text = std::move(text);
  return rescan(source);
}

/// add_function_to_prompt of litellm_settings, or of the row.
bool wants_functions_said(const OpenAiTarget& target, const Call& call) {
  if (call.add_function_to_prompt) return true;
  for (auto& [name, value] : target.prompt)
    if (name == "add_function_to_prompt") return value.as_bool() && *value.as_bool();
  return false;
}

/// Tools that would be refused are said in words.
Result<void> say_functions(const OpenAiTarget& target, const Call& call, Source& source) {
  auto& allowed = target.allowed;
  if (call.endpoint != Endpoint::chat || !wants_functions_said(target, call) ||
      !has_word(target.row->unsupported, "tools") ||
      std::find(allowed.begin(), allowed.end(), "tools") != allowed.end() ||
      (!source.scan->find("tools") && !source.scan->find("functions")))
    return {};
  auto request = parse_json(source.scan->text);
  if (!request) return request.error();
  functions_into_prompt(*request);
  source.text = to_json(*request);
  return rescan(source);
}

void drop_paths(std::string& json, const std::vector<std::string>& paths) {
  for (auto& path : paths)
    if (auto shorter = remove_path(json, path)) json = std::move(*shorter);
}

void insert_model(const OpenAiTarget& target, const RequestHead& head, const Call& call, Wire& out) {
  auto* dialect = call.endpoint == Endpoint::rerank ? rerank_dialect(target.row->name) : nullptr;
  auto segment = dialect ? rerank_model(*dialect, call.model) : path_segment(call.model);
  out.head.insert(head.model_at, segment);
  for (auto& range : out.secret_ranges)
    if (range.first >= head.model_at) range.first += static_cast<std::uint32_t>(segment.size());
}

/// The token that was fetched for this target.
void append_token(const Call& call, Wire& out) {
  if (!call.token || call.token->bearer.empty()) return;
  const auto token = call.token->bearer.reveal();
  out.head += "Authorization: Bearer ";
  out.secret_ranges.emplace_back(static_cast<std::uint32_t>(out.head.size()),
                                 static_cast<std::uint32_t>(token.size()));
  out.head.append(token).append("\r\n");
}

} // namespace

bool names_header(string_view head, string_view name) {
  for (auto at = head.find("\r\n"); at != string_view::npos; at = head.find("\r\n", at + 2)) {
    auto line = head.substr(at + 2);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (starts_with_text(line, name)) return true;
  }
  return false;
}

void write_head(const OpenAiTarget& target, const Call& call, string_view type_line, Wire& out) {
  auto& head = target.head(call.endpoint);
  std::size_t size = 0;
  for (auto piece : out.body) size += piece.size();
  char length[48] = "Content-Length: ";
  auto* end = std::to_chars(length + 16, length + 40, size).ptr;
  end = std::copy_n("\r\n\r\n", 4, end);
  out.origin = head.origin;
  out.head.reserve(head.text.size() + type_line.size() + sizeof length);
  out.head.assign(head.text);
  out.secret_ranges = head.secrets;
  if (head.model_at != std::string::npos) insert_model(target, head, call, out);
  if (target.tokens) append_token(call, out);
  // The row's own headers win: a client must not replace credentials.
  const auto own = out.head.size();
  for (auto& line : call.forward_headers)
    if (!names_header(string_view(out.head).substr(0, own), line.name))
      out.head.append(line.name).append(": ").append(line.value).append("\r\n");
  if (!head.content_type) out.head.append(type_line);
  out.head.append(length, end);
}

/// The request that the policy made, in the provider's form of reranking.
Result<void> encode_rerank(const OpenAiTarget& target, const RerankDialect& dialect, const Call& call,
                           Wire& out) {
  std::string made;
  for (auto piece : out.body) made += piece;
  auto request = parse_json(made);
  if (!request) return request.error();
  auto body = rerank_body(dialect.form, *request, upstream_model(*target.row, call.model));
  if (!body) return body.error();
  out.body.clear(), out.splice.reset();
  out.owned = std::move(*body);
  out.body.push_back(out.owned);
  write_head(target, call, "Content-Type: application/json\r\n", out);
  return {};
}

Result<void> encode_json(const OpenAiTarget& target, const Call& call, Wire& out) {
  Source source{call.json, {}, {}};
  if (auto done = normalise(call, source); !done) return done.error();
  if (auto done = say_functions(target, call, source); !done) return done.error();
  auto& splice = out.splice.emplace(*source.scan);
  auto paths = apply_policy(target, call, *source.scan, splice);
  if (!paths) return paths.error();
  if (source.scan != call.json || !target.drop_paths.empty() || !paths->empty()) {
    out.owned = splice.str();
    drop_paths(out.owned, target.drop_paths);
    drop_paths(out.owned, *paths);
    out.body.push_back(out.owned);
    out.splice.reset(); // it points into `source`
  } else {
    splice.pieces(out.body);
  }
  if (call.endpoint == Endpoint::rerank)
    if (auto* dialect = rerank_dialect(target.row->name)) return encode_rerank(target, *dialect, call, out);
  write_head(target, call, "Content-Type: application/json\r\n", out);
  return {};
}

} // namespace switchyard::providers
