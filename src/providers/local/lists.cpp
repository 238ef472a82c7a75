// Local moderations and rerankings: one result per input. Pure, any thread.
#include "providers/local/local.hpp"

#include <algorithm>
#include <array>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr std::size_t k_most = 10000;

std::size_t count_elements(string_view array) {
  std::size_t pos = 0, count = 0;
  for (string_view element; count < k_most && next_element(array, pos, element);) ++count;
  return count;
}

/// {"name":value,...} for every category of OpenAI's.
std::string categories(string_view value) {
  static constexpr auto k_names = std::to_array<string_view>(
      {"harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent",
       "self-harm", "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence",
       "violence/graphic"});
  std::string out = "{";
  for (auto name : k_names)
    out.append(out.size() > 1 ? ",\"" : "\"").append(name).append("\":").append(value);
  return out + "}";
}

} // namespace

void write_moderation(const LocalCall& call, string_view, string_view, LocalAnswer& out) {
  auto inputs = std::max<std::size_t>(1, count_elements(call.raw("input")));
  auto result = "{\"flagged\":false,\"categories\":" + categories("false") +
                ",\"category_scores\":" + categories("0.0001") + "}";
  out.body = "{\"id\":" + json_string("modr-" + std::string(call.id)) +
             ",\"model\":" + json_string(call.client_model) + ",\"results\":[";
  for (std::size_t i = 0; i < inputs; ++i) out.body += (i ? "," : "") + result;
  out.body += "]}";
  out.usage = {};
}

void write_rerank(const LocalCall& call, string_view, string_view, LocalAnswer& out) {
  auto documents = static_cast<std::int64_t>(count_elements(call.raw("documents")));
  auto results = call.number("top_n", documents, 0, documents);
  out.body = "{\"id\":" + json_string(call.id) + ",\"results\":[";
  for (std::int64_t i = 0; i < results; ++i)
    out.body += (i ? "," : "") + ("{\"index\":" + std::to_string(i)) +
                ",\"relevance_score\":" + std::to_string(1.0 / static_cast<double>(i + 1)) + "}";
  out.body += R"(],"meta":{"billed_units":{"search_units":1}}})";
  out.usage = {};
}

} // namespace switchyard::providers
