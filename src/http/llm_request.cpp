// Reads an LLM request: one scan of the body, then a table of the fields that the gateway itself understands.
#include "http/llm_request.hpp"

#include "http/access/llm_access.hpp"
#include "http/access/models.hpp"
#include "http/access/request_rules.hpp"
#include "http/fallback_json.hpp"
#include "http/header_text.hpp"
#include "http/response_rows.hpp"
#include "http/route_facts.hpp"
#include "http/route_table.hpp"

#include <switchyard/key_filter.hpp>
#include <switchyard/multipart.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace switchyard::http {

namespace {

Error bad_field(std::string_view field, std::string_view problem) {
  Error error;
  error.code = Errc::invalid_request;
  error.message = std::string(field) + ": " + std::string(problem);
  error.extra().param = field;
  return error;
}

using Reader = Result<void> (*)(LlmRequest& request, std::string_view field, const JsonField& value,
                                std::string_view raw);

Result<void> read_model(LlmRequest& request, std::string_view field, const JsonField& value,
                        std::string_view raw) {
  if (value.kind == JsonKind::null) return {};
  if (value.kind != JsonKind::string) return bad_field(field, "must be a string");
  auto text = unescape(raw);
  if (!text) return bad_field(field, "is not a valid string");
  request.model = std::move(*text);
  return {};
}

template <bool LlmRequest::*Member>
Result<void> read_flag(LlmRequest& request, std::string_view field, const JsonField& value,
                       std::string_view raw) {
  if (value.kind == JsonKind::null) return {};
  if (value.kind != JsonKind::boolean) return bad_field(field, "must be true or false");
  request.*Member = raw == "true";
  return {};
}

Result<void> read_retries(LlmRequest& request, std::string_view field, const JsonField& value,
                          std::string_view raw) {
  if (value.kind == JsonKind::null) return {};
  auto number = as_int(raw);
  if (!number || *number < 0 || *number > 100) return bad_field(field, "must be an integer from 0 to 100");
  request.num_retries = static_cast<int>(*number);
  return {};
}

Result<void> read_priority(LlmRequest& request, std::string_view field, const JsonField& value,
                           std::string_view raw) {
  if (value.kind == JsonKind::null) return {};
  auto number = as_int(raw);
  if (!number || *number < 0 || *number > 1'000'000)
    return bad_field(field, "must be an integer from 0 (first) to 1000000");
  request.priority = static_cast<int>(*number);
  return {};
}

Result<void> read_region(LlmRequest& request, std::string_view field, const JsonField& value,
                         std::string_view raw) {
  if (value.kind == JsonKind::null) return {};
  auto text = unescape(raw);
  if (!text) return bad_field(field, "must be a string: \"eu\", \"us\" or the name of a region");
  request.allowed_region = std::move(*text);
  return {};
}

template <std::optional<double> LlmRequest::*Member>
Result<void> read_seconds(LlmRequest& request, std::string_view field, const JsonField& value,
                          std::string_view raw) {
  if (value.kind == JsonKind::null) return {};
  auto number = as_number(raw);
  if (value.kind != JsonKind::number || !number || !(*number > 0) || *number > 1e6)
    return bad_field(field, "must be a positive number of seconds");
  request.*Member = *number;
  return {};
}

template <std::optional<std::vector<FallbackRule>> LlmRequest::*Member>
Result<void> read_fallbacks(LlmRequest& request, std::string_view field, const JsonField& value,
                            std::string_view raw) {
  if (value.kind == JsonKind::null) return {};
  auto rules = parse_fallbacks(raw, field);
  if (!rules) return rules.error();
  request.*Member = std::move(*rules);
  return {};
}

Result<void> read_stream_options(LlmRequest& request, std::string_view field, const JsonField& value,
                                 std::string_view raw) {
  if (value.kind == JsonKind::null) return {};
  ObjectScan options;
  if (value.kind != JsonKind::object || !scan_object(raw, options))
    return bad_field(field, "must be an object");
  auto* wanted = options.find("include_usage");
  request.usage_wanted = wanted && options.raw(*wanted) == "true";
  return {};
}

/// Client-set upstreams and credentials: never, whatever the configuration says (promise 5 of the product).
Result<void> refuse(LlmRequest&, std::string_view field, const JsonField&, std::string_view) {
  Error error;
  error.code = Errc::invalid_request;
  error.message =
      "Rejected Request: " + std::string(field) +
      " is not allowed in request body. Set it on the deployment in config.yaml (litellm_params).";
  error.extra().type = "bad_request_error";
  error.extra().param = field;
  return error;
}

struct FieldReader {
  std::string_view name;
  Reader read;
};

constexpr std::array k_fields = {
    FieldReader{"model", read_model},
    FieldReader{"stream", read_flag<&LlmRequest::stream>},
    FieldReader{"stream_options", read_stream_options},
    FieldReader{"num_retries", read_retries},
    FieldReader{"priority", read_priority},
    FieldReader{"allowed_model_region", read_region},
    FieldReader{"timeout", read_seconds<&LlmRequest::timeout>},
    FieldReader{"request_timeout", read_seconds<&LlmRequest::timeout>},
    FieldReader{"stream_timeout", read_seconds<&LlmRequest::stream_timeout>},
    FieldReader{"fallbacks", read_fallbacks<&LlmRequest::fallbacks>},
    FieldReader{"context_window_fallbacks", read_fallbacks<&LlmRequest::context_window_fallbacks>},
    FieldReader{"content_policy_fallbacks", read_fallbacks<&LlmRequest::content_policy_fallbacks>},
    FieldReader{"disable_fallbacks", read_flag<&LlmRequest::disable_fallbacks>},
    FieldReader{"mock_testing_fallbacks", read_flag<&LlmRequest::mock_fallback>},
    FieldReader{"mock_testing_context_fallbacks", read_flag<&LlmRequest::mock_context_fallback>},
    FieldReader{"mock_testing_context_window_fallbacks", read_flag<&LlmRequest::mock_context_fallback>},
    FieldReader{"mock_testing_content_policy_fallbacks", read_flag<&LlmRequest::mock_policy_fallback>},
    FieldReader{"mock_testing_rate_limit_error", read_flag<&LlmRequest::mock_rate_limit>},
    FieldReader{"api_base", refuse},
    FieldReader{"base_url", refuse},
    FieldReader{"api_key", refuse},
    FieldReader{"api_version", refuse},
    FieldReader{"custom_llm_provider", refuse},
    FieldReader{"azure_ad_token", refuse},
    FieldReader{"organization", refuse},
    FieldReader{"user_config", refuse},
    FieldReader{"model_list", refuse},
    FieldReader{"litellm_credential_name", refuse},
    FieldReader{"ssl_verify", refuse},
    FieldReader{"extra_headers", refuse},
    FieldReader{"langfuse_host", refuse},
    FieldReader{"aws_bedrock_runtime_endpoint", refuse},
    FieldReader{"aws_sts_endpoint", refuse},
    FieldReader{"vertex_credentials", refuse},
};

/// Most members of a body are the provider's: one look tells.
constexpr KeyFilter k_field_filter = [] {
  KeyFilter filter;
  for (auto& row : k_fields) filter.add(row.name);
  return filter;
}();

const FieldReader* reader_of(std::string_view key) {
  if (!k_field_filter.may_hold(key)) return nullptr;
  auto it = std::find_if(k_fields.begin(), k_fields.end(), [&](auto& row) { return row.name == key; });
  return it == k_fields.end() ? nullptr : &*it;
}

/// `# ...` outside of strings, to the end of the line, becomes nothing (the documentation's curl examples
/// have such).
std::string without_comments(std::string_view body) {
  std::string out;
  bool in_string = false, in_comment = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    char c = body[i];
    if (in_comment) {
      in_comment = c != '\n';
      if (in_comment) continue;
    } else if (in_string && c == '\\' && i + 1 < body.size()) {
      out += c, c = body[++i];
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && c == '#') {
      in_comment = true;
      continue;
    }
    out += c;
  }
  return out;
}

/// The strict scan; when it fails and there is a '#', once more without comments (into out.cleaned).
Result<void> scan_body(std::string_view& body, LlmRequest& out) {
  auto scanned = scan_object(body, out.scan);
  if (scanned || body.find('#') == std::string_view::npos) return scanned;
  out.cleaned = without_comments(body);
  if (!scan_object(out.cleaned, out.scan)) return scanned; // its own error names the original offset
  body = out.cleaned;
  return {};
}

Result<void> read_json(std::string_view body, LlmRequest& out) {
  if (auto scanned = scan_body(body, out); !scanned) return scanned.error();
  out.body = body;
  if (!out.scan.trailing_commas.empty()) {
    out.cleaned = remove_commas(out.scan);
    out.body = out.cleaned;
    if (auto again = scan_object(out.body, out.scan); !again) return again.error();
  }
  for (auto& field : out.scan.fields)
    if (auto* row = reader_of(field.key))
      if (auto done = row->read(out, field.key, field, out.scan.raw(field)); !done) return done.error();
  return {};
}

Result<void> read_multipart(std::string_view body, LlmRequest& out) {
  out.json = false;
  out.body = body;
  auto parts = parse_multipart(body, out.content_type);
  if (!parts) return parts.error();
  bool seen_model = false;
  for (auto& part : *parts) {
    if (part.name == "model") {
      if (std::exchange(seen_model, true)) return bad_field("model", "is given more than once");
      out.model = part.content;
    }
    if (part.name == "stream")
      out.stream = part.content == "true" || part.content == "True" || part.content == "1";
    auto* row = reader_of(part.name);
    if (row && row->read == refuse) return refuse(out, part.name, {}, {}).error();
  }
  return {};
}

Result<void> read_headers(const RequestContext& context, LlmRequest& out) {
  auto& head = context.exchange.head;
  struct Row {
    std::string_view header;
    Reader read;
  };
  constexpr Row k_rows[] = {{"x-litellm-timeout", read_seconds<&LlmRequest::timeout>},
                            {"x-litellm-stream-timeout", read_seconds<&LlmRequest::stream_timeout>},
                            {"x-litellm-num-retries", read_retries}};
  JsonField number;
  number.kind = JsonKind::number;
  for (auto& row : k_rows) {
    auto value = head.find(row.header);
    if (value.empty()) continue;
    if (auto done = row.read(out, row.header, number, value); !done) return done.error();
  }
  return {};
}

/// litellm_settings.model_group_settings names the model.
bool in_forwarding_group(const RequestContext& context, std::string_view model) {
  auto& groups = context.config.litellm.forward_headers_groups;
  return std::any_of(groups.begin(), groups.end(),
                     [&](auto& group) { return access::wildcard_matches(group, model); });
}

/// Which client headers go upstream: none by default (spec router.md 6.3). Keys never do.
void collect_forward_headers(const RequestContext& context, LlmRequest& out) {
  auto& general = context.config.general;
  const bool every = general.forward_client_headers_to_llm_api || in_forwarding_group(context, out.model);
  const bool messages = out.endpoint == Endpoint::messages || out.endpoint == Endpoint::messages_count;
  if (!every && !general.forward_openai_org_id && !messages) return;
  constexpr std::array<std::string_view, 5> k_never = {"x-stainless-", "x-litellm-", "x-api-key",
                                                       "x-goog-api-key", "x-forwarded-"};
  for (auto& header : context.exchange.head.headers) {
    bool wanted = every && (starts_with_text(header.name, "x-") || same_text(header.name, "anthropic-beta"));
    for (auto prefix : k_never) wanted = wanted && !starts_with_text(header.name, prefix);
    wanted = wanted || (messages && same_text(header.name, "anthropic-beta")); // part of that API
    wanted = wanted || (general.forward_openai_org_id && same_text(header.name, "openai-organization"));
    if (wanted) out.forward_headers.push_back({std::string(header.name), std::string(header.value)});
  }
}

/// general_settings.*_model > path > body (spec router.md 1.6).
void choose_model(const RequestContext& context, LlmRequest& out) {
  auto& general = context.config.general;
  if (!context.path_argument.empty()) out.model = context.path_argument;
  const std::string* forced = nullptr;
  switch (out.endpoint) {
  case Endpoint::chat:
  case Endpoint::completions:
    forced = &general.completion_model;
    break;
  case Endpoint::embeddings:
    forced = &general.embedding_model;
    break;
  case Endpoint::images_generations:
  case Endpoint::images_edits:
  case Endpoint::images_variations:
    forced = &general.image_generation_model;
    break;
  case Endpoint::moderations:
    forced = &general.moderation_model;
    break;
  default:
    break;
  }
  if (forced && !forced->empty()) out.model = *forced;
}

Result<void> take_end_user(const RequestContext& context, LlmRequest& out) {
  if (!context.shard.plane) return {};
  auto user = access::end_user_of(context.exchange.head.headers, out.json ? &out.scan : nullptr,
                                  access::plane_of(context.config));
  if (!user) return user.error();
  out.end_user = std::move(*user);
  if (context.identity && !context.identity->end_user.empty()) out.end_user = context.identity->end_user;
  return {};
}

/// Tags choose rows; an operator can forbid them to clients.
Result<void> take_tags(const RequestContext& context, LlmRequest& out) {
  auto& head = context.exchange.head;
  if (context.config.general.reject_clientside_metadata_tags && has_tags(out, head))
    return bad_field("metadata.tags", "tags from clients are not allowed here "
                                      "(general_settings.reject_clientside_metadata_tags)");
  if (!context.config.router.enable_tag_filtering || !access::may_tag(context)) return {};
  auto tags = read_tags(out, head);
  if (!tags) return tags.error();
  out.tags = std::move(*tags);
  return {};
}

/// Gemini's paths say what to do behind the model: "gemini-2.5-pro:streamGenerateContent".
Result<void> take_operation(RequestContext& context, LlmRequest& out) {
  if (out.endpoint != Endpoint::generate_content) return {};
  auto& argument = context.path_argument;
  const auto colon = argument.rfind(':');
  const auto operation = colon == std::string::npos ? std::string() : argument.substr(colon + 1);
  if (operation == "countTokens")
    out.endpoint = context.exchange.endpoint = Endpoint::generate_count;
  else if (operation == "streamGenerateContent")
    out.stream = true;
  else if (operation != "generateContent") {
    Error error(Errc::unknown_route);
    error.message = "the path must end with :generateContent, :streamGenerateContent or :countTokens";
    return error;
  }
  argument.resize(colon);
  if (argument.starts_with("models/")) argument.erase(0, 7);
  return {};
}

} // namespace

Result<void> read_llm_request(RequestContext& context, std::string_view body, LlmRequest& out) {
  out.endpoint = context.route->endpoint;
  if (auto operation = take_operation(context, out); !operation) return operation.error();
  out.content_type = context.exchange.head.find("content-type");
  bool multipart = starts_with_text(out.content_type, "multipart/form-data");
  auto read = multipart ? read_multipart(body, out) : read_json(body, out);
  if (!read) return read.error();
  if (auto headers = read_headers(context, out); !headers) return headers.error();
  if (auto rows = take_marks(out); !rows) return rows.error();
  if (auto tags = take_tags(context, out); !tags) return tags.error();
  if (auto user = take_end_user(context, out); !user) return user.error();
  choose_model(context, out);
  collect_forward_headers(context, out);
  return {};
}

} // namespace switchyard::http
