// Gemini's own format on a Gemini target: bodies, answers and events are relayed, the usage is read for the
// bill. Pure, any thread; a decoder belongs to one stream.
#include "providers/google/answer.hpp"
#include "providers/google/params.hpp"
#include "providers/google/routes.hpp"
#include "providers/google/urls.hpp"

#include <switchyard/json.hpp>

#include <algorithm>
#include <string>

namespace switchyard::providers::google {
namespace {

using std::string_view;

/// Defaults of the row are OpenAI's parameters; only what Gemini calls the same may go along.
void remove_foreign(Job& job) {
  const auto known = openai_params(Endpoint::chat);
  for (auto& item : job.target.defaults)
    if (item.name != "tools" && std::binary_search(known.begin(), known.end(), string_view(item.name)))
      take(job.request, item.name);
}

Result<void> encode(Job& job, const Model& model, Upstream& out) {
  take(job.request, "model"), take(job.request, "stream");
  remove_foreign(job);
  const bool count = job.call.endpoint == Endpoint::generate_count;
  const string_view operation = count             ? "countTokens"
                                : job.call.stream ? "streamGenerateContent"
                                                  : "generateContent";
  Resource resource;
  if (job.request.find("cachedContent")) resource.version = "v1beta1";
  if (auto done = set_path(job, model, operation, resource, out); !done) return done;
  out.body = to_json(job.request);
  return {};
}

Result<void> decode(const FamilyTarget& target, const Call&, const UpstreamAnswer& answer, string_view,
                    Answer& out) {
  auto parsed = read_answer(target, answer.body);
  if (!parsed) return parsed.error();
  read_usage(*parsed, out.usage);
  for (auto& candidate : list_at(*parsed, "candidates")) out.usage.web_searches += searches_of(candidate);
  out.body = answer.body;
  return {};
}

class Relay final : public StreamDecoder {
 public:
  explicit Relay(const FamilyTarget& target) : target_(target) {}

  void on_event(string_view frame, string_view, string_view data, StreamEvent& out) override {
    out.clear();
    if (data.empty()) return;
    auto event = parse_json(data);
    auto error = event ? event->find("error") : nullptr;
    if (error && error->as_map()) {
      auto status = static_cast<int>(std::min<std::uint32_t>(count_at(*error, "code"), 599));
      out.error = upstream_error(target_, status < 400 ? 500 : status, data);
      return;
    }
    if (event) read(*event);
    if (frame.empty()) {
      out.owned.append("data: ").append(data).append("\n\n");
      frame = out.owned;
    }
    out.data.push_back(frame);
    out.content = content_;
  }

  void finish(StreamEvent& out) override { out.clear(), out.done = true; } // Gemini's streams just end
  const Usage& usage() const override { return usage_; }

 private:
  void read(const Value& event) {
    const auto searches = usage_.web_searches;
    read_usage(event, usage_);
    usage_.web_searches = searches;
    for (auto& candidate : list_at(event, "candidates")) {
      content_ = true;
      usage_.web_searches = std::max(usage_.web_searches, searches_of(candidate));
    }
  }

  const FamilyTarget& target_;
  Usage usage_;
  bool content_ = false;
};

} // namespace

const Handler k_native{
    [](const FamilyTarget&, const Call&, string_view) { return true; }, encode, decode,
    [](const FamilyTarget& target, const Call& call, string_view) -> std::unique_ptr<StreamDecoder> {
      if (call.endpoint == Endpoint::generate_count) return nullptr;
      return std::make_unique<Relay>(target);
    }};

} // namespace switchyard::providers::google
