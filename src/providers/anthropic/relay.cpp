// /v1/messages and count_tokens on hosts that speak Claude's format: bodies, answers and events pass as they
// are, but for the model's name (spec providers.md 7.2). Pure; decoders are one per stream, one shard.
#include "providers/anthropic/parts.hpp"
#include "providers/family/chat.hpp"

#include <algorithm>

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

/// What count_tokens refuses.
constexpr string_view k_not_counted =
    "max_tokens stream temperature top_p top_k stop_sequences metadata service_tier";

/// Anthropic takes nothing but user_id in metadata; the rest is the gateway's.
void clean_metadata(ValueMap& request) {
  auto* metadata = find_in(request, "metadata");
  if (!metadata) return;
  auto* user = metadata->find("user_id");
  if (!user || !user->as_string())
    switchyard::erase(request, "metadata");
  else if (map_of(*metadata).size() > 1)
    set(request, "metadata", Value(ValueMap{{"user_id", *user}}));
}

/// Whether a member's value may differ from what the client wrote.
bool is_edited(const Job& job, const JsonField& field) {
  auto named = [&field](auto& item) { return item.name == field.key; };
  auto& call = job.call;
  return field.kind == JsonKind::null || field.key == "metadata" || !job.target.drop_paths.empty() ||
         call.json->find("additional_drop_params") || call.json->find("extra_body") ||
         std::any_of(call.overrides.begin(), call.overrides.end(), named) ||
         std::any_of(job.target.extra_body.begin(), job.target.extra_body.end(), named);
}

/// The client's bytes with what changed spliced in.
std::string spliced(const Job& job, const ValueMap& request) {
  JsonSplice splice(*job.call.json);
  for (auto& field : job.call.json->fields) {
    auto* value = find_in(request, field.key);
    if (!value)
      splice.remove(field.key);
    else if (field.key == "model" || is_edited(job, field))
      splice.set(field.key, to_json(*value));
  }
  for (auto& [key, value] : request)
    if (!job.call.json->find(key)) splice.set(key, to_json(value));
  return splice.str();
}

/// `object` with its member `key` replaced; nothing when there is none.
std::optional<std::string> with_member(string_view object, string_view key, string_view json) {
  ObjectScan scan;
  if (!scan_object(object, scan) || !scan.find(key)) return std::nullopt;
  JsonSplice splice(scan);
  splice.set(key, json);
  return splice.str();
}

class RelayStream final : public StreamDecoder {
 public:
  RelayStream(const FamilyTarget& target, string_view client_model) : target_(target), model_(client_model) {}

  void on_event(string_view frame, string_view event, string_view data, StreamEvent& out) override {
    out.clear();
    if (data.empty()) return out.data.push_back(frame), void(); // a comment
    auto type = std::string(event);
    if (type.empty()) type = type_of(data);
    if (type == "error") return out.error = stream_error(target_, data), void();
    if (type == "message_start") return start(data, out);
    if (type == "message_delta") read_usage_of(data, {});
    content_ = content_ || type.starts_with("content_block");
    ended_ = ended_ || type == "message_stop";
    out.content = content_, out.done = ended_;
    if (frame.empty())
      write(type, data, out);
    else
      out.data.push_back(frame);
  }
  void finish(StreamEvent& out) override { out.clear(), out.done = true; } // no [DONE] in this API
  const Usage& usage() const override { return usage_; }

 private:
  static std::string type_of(string_view data) {
    auto parsed = parse_json(data);
    return std::string(parsed ? text_at(*parsed, "type") : string_view{});
  }

  static void write(string_view type, string_view data, StreamEvent& out) {
    out.owned.append("event: ").append(type).append("\ndata: ").append(data).append("\n\n");
    out.data.push_back(out.owned);
  }

  void read_usage_of(string_view data, string_view member) {
    auto parsed = parse_json(data);
    if (!parsed) return;
    auto* holder = member.empty() ? &*parsed : parsed->find(member);
    auto* usage = holder ? holder->find("usage") : nullptr;
    if (usage) read_usage(*usage, usage_);
  }

  void start(string_view data, StreamEvent& out) {
    read_usage_of(data, "message");
    ObjectScan scan;
    std::optional<std::string> message, whole;
    if (!model_.empty() && scan_object(data, scan))
      if (auto* field = scan.find("message"))
        message = with_member(scan.raw(*field), "model", json_string(model_));
    if (message) whole = with_member(data, "message", *message);
    write("message_start", whole ? string_view(*whole) : data, out);
  }

  const FamilyTarget& target_;
  std::string model_;
  Usage usage_;
  bool content_ = false, ended_ = false;
};

} // namespace

Result<Body> relay_request(Job& job, const Dialect& dialect) {
  if (!job.request.as_map()) return bad_request(job.target, "the body must be a JSON object");
  auto& request = std::get<ValueMap>(job.request.data());
  clean_metadata(request);
  const auto own_betas = take_betas(request); // of the SDKs' or Bedrock's bodies
  const bool counts = job.call.endpoint == Endpoint::messages_count;
  std::erase_if(request, [counts](auto& member) { return counts && has_word(k_not_counted, member.first); });
  if (dialect.names_model) {
    set(request, "model", text_value(job.call.model));
  } else {
    for (auto key : {"model", "stream"}) switchyard::erase(request, key);
  }
  if (!dialect.version.empty()) set(request, "anthropic_version", text_value(dialect.version));
  auto betas = betas_of(job, dialect, job.request, own_betas);
  if (dialect.betas_in_body && !betas.empty())
    set(request, "anthropic_beta", beta_list(std::exchange(betas, {})));
  const bool own = dialect.names_model && dialect.version.empty() && job.call.json;
  return Body{own ? spliced(job, request) : to_json(job.request), std::move(betas)};
}

Result<void> relay_answer(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                          string_view client_model, Answer& out) {
  auto parsed = parse_json(answer.body);
  if (!parsed || !parsed->as_map()) return invalid_answer(target, answer.body);
  if (text_at(*parsed, "type") == "error") return stream_error(target, answer.body);
  out.body = answer.body;
  if (call.endpoint == Endpoint::messages_count) return {};
  if (!client_model.empty())
    if (auto restamped = with_member(answer.body, "model", json_string(client_model)))
      out.body = std::move(*restamped);
  if (auto* usage = parsed->find("usage")) read_usage(*usage, out.usage);
  return {};
}

std::unique_ptr<StreamDecoder> relay_stream(const FamilyTarget& target, const Call&,
                                            string_view client_model) {
  return std::make_unique<RelayStream>(target, client_model);
}

} // namespace switchyard::providers::anthropic
