// Chat in OpenAI's own format, by Hugging Face's router or by an endpoint: only the URL, the model's name and
// the usage are touched. Pure, any thread; a decoder belongs to one stream on one shard.
#include "providers/huggingface/huggingface.hpp"
#include "providers/openai/chunk_head.hpp"
#include "providers/openai/errors.hpp"

#include <switchyard/json.hpp>
#include <switchyard/json_scan.hpp>

#include <algorithm>

namespace switchyard::providers::huggingface {
namespace {

using std::string_view;

struct Address {
  std::string path, model;
};

/// "org/model", or "provider/org/model": the router itself knows what a provider calls the model.
Result<Address> router_address(const FamilyTarget& target, string_view model) {
  auto& base = target.base;
  const auto slash = model.find('/');
  if (std::count(model.begin(), model.end(), '/') < 2)
    return Address{path_under(base, "/v1/chat/completions"), std::string(model)};
  const auto provider = model.substr(0, slash), name = model.substr(slash + 1);
  if (provider != "hf-inference")
    return Address{path_under(base, "/v1/chat/completions"), std::string(name) + ":" + std::string(provider)};
  auto path = model_path(target, name);
  if (!path) return path.error();
  return Address{path_under(base, "/hf-inference/models/" + *path + "/v1/chat/completions"),
                 std::string(name)};
}

Result<Address> address_of(const FamilyTarget& target, string_view model) {
  auto& base = target.base;
  const string_view path = base.path;
  if (path.ends_with("/chat/completions")) return Address{path_under(base, ""), std::string(model)};
  if (path.ends_with("/v1")) return Address{path_under(base, "/chat/completions"), std::string(model)};
  if (by_router(target)) return router_address(target, model);
  const bool url = model.starts_with("http://") || model.starts_with("https://");
  return Address{path_under(base, "/v1/chat/completions"), url ? "tgi" : std::string(model)};
}

} // namespace

Result<void> encode_chat(Job& job, Upstream& out) {
  auto* messages = job.request.find("messages");
  if (!messages || !messages->as_list()) return bad_request(job.target, "messages must be a list");
  auto address = address_of(job.target, job.call.model);
  if (!address) return address.error();
  set(job.request, "model", Value(address->model));
  if (job.call.stream && (job.call.count_usage || job.call.stream_usage_wanted))
    set(job.request, "stream_options", Value(ValueMap{{"include_usage", Value(true)}}));
  out.path = std::move(address->path);
  out.body = to_json(job.request);
  return {};
}

Result<void> decode_chat(const FamilyTarget& target, const Call&, const UpstreamAnswer& answer,
                         string_view model, Answer& out) {
  Members members;
  auto text = answer.body;
  std::string renamed;
  if (!read_members(text, members, out.usage)) return invalid_answer(target, answer.body);
  if (members.failed()) return upstream_error(target, embedded_status(members.error), answer.body);
  if (!members.choices.data() || !rename_reasoning(text, members, renamed))
    return invalid_answer(target, answer.body);
  ObjectScan scan;
  if (!scan_object(text, scan, {.lenient_commas = false})) return invalid_answer(target, answer.body);
  JsonSplice splice(scan);
  if (!model.empty()) splice.set("model", json_string(model));
  out.body = splice.str();
  return {};
}

namespace {

class RouterStream final : public StreamDecoder {
 public:
  RouterStream(const FamilyTarget& target, const Call& call, string_view model)
      : target_(target), usage_wanted_(call.stream_usage_wanted),
        model_(model.empty() ? "" : json_string(model)) {}

  void on_event(string_view, string_view, string_view data, StreamEvent& out) override {
    out.clear();
    if (data.empty()) return;
    if (data == "[DONE]") return finish(out);
    Members members;
    if (!head_.read(data, members, usage_)) return refuse(invalid_answer(target_, data), out);
    if (members.failed()) return refuse(upstream_error(target_, embedded_status(members.error), data), out);
    const bool bare = members.choices.data() && members.choices.find('{') == string_view::npos;
    if (bare && members.has_usage() && !usage_wanted_) return;
    if (members.choices.data() && !rename_reasoning(data, members, renamed_))
      return refuse(invalid_answer(target_, data), out);
    out.choices = members.choices;
    out.content = content_ = true;
    out.data.push_back("data: ");
    if (members.model.starts_with('"') && !model_.empty()) {
      const auto begin = static_cast<std::size_t>(members.model.data() - data.data());
      out.data.push_back(data.substr(0, begin));
      out.data.push_back(model_);
      data.remove_prefix(begin + members.model.size());
    }
    out.data.push_back(data);
    out.data.push_back("\n\n");
  }
  const Usage& usage() const override { return usage_; }

 private:
  static void refuse(Error error, StreamEvent& out) { out.error = std::move(error); }

  const FamilyTarget& target_;
  bool usage_wanted_, content_ = false;
  std::string model_, renamed_;
  ChunkHead head_;
  Usage usage_;
};

} // namespace

std::unique_ptr<StreamDecoder> stream_chat(const FamilyTarget& target, const Call& call, string_view model) {
  return std::make_unique<RouterStream>(target, call, model);
}

} // namespace switchyard::providers::huggingface
