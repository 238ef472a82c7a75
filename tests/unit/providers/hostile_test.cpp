// Broken, wrong-typed and deep JSON through every own-format family: requests, answers, streams. Nothing may
// crash; run it with the sanitizers.
#include "providers/family/family.hpp"
#include "unit/providers/support.hpp"

#include <switchyard/credentials.hpp>

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

const std::vector<std::string>& bodies() {
  static const std::vector<std::string> k_bodies = [] {
    std::vector<std::string> out{"",     "null", "7", "\"x\"",  "[]",           "[[]]",
                                 "[{}]", "{}",   "{", "[DONE]", "{\"error\":7}"};
    // Every list and object that some provider's answer has, filled with what is not expected there.
    for (std::string key :
         {"choices",        "result",      "results",     "completions",      "outputs",     "data",
          "content",        "candidates",  "generations", "message",          "delta",       "usage",
          "output",         "embeddings",  "rankings",    "scores",           "predictions", "tool_calls",
          "generated_text", "text_output", "response",    "contentBlockDelta"})
      for (std::string value :
           {"7", "null", "\"x\"", "[]", "{}", "[7]", "[[]]", "[null]", "[{}]", "[{\"message\":7}]",
            "[{\"message\":{\"content\":7,\"tool_calls\":[7,{\"function\":7}]}}]",
            "[{\"delta\":{\"content\":[7],\"tool_calls\":[{\"index\":-1,\"function\":{}}]}}]",
            "[{\"embedding\":7}]", "[{\"shape\":[0],\"data\":[1]}]", "[{\"index\":-5}]"})
        out.push_back("{\"" + key + "\":" + value + "}");
    out.push_back(std::string(300, '[') + std::string(300, ']'));
    return out;
  }();
  return k_bodies;
}

const char* const k_requests[] = {
    R"({"messages":7})",
    R"({"messages":[]})",
    R"({"messages":[7]})",
    R"({"messages":[{"role":7,"content":7}],"tools":7,"tool_choice":7,"stop":7,"max_tokens":"x"})",
    R"({"messages":[{"role":"user","content":[7,{"type":"image_url","image_url":7},{"type":"text"}]}]})",
    R"({"messages":[{"role":"assistant","tool_calls":[7,{"function":{"arguments":7}}]},{"role":"tool"}]})",
    R"({"messages":[{"role":"user","content":"x"}],"tools":[7,{},{"function":7}],"response_format":7})",
    R"({"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema"},"thinking":7})",
    R"({"input":7})",
    R"({"input":[[]],"documents":7,"query":7})",
    R"({"input":[7],"documents":[7],"query":"q"})",
};

/// A row made ready, or nothing when it wants more than everybody has.
std::optional<Prepared> ready_row(const ProviderRow& row) {
  auto params = params_of(std::string(row.name) + "/m");
  params.api_base = "http://127.0.0.1:9/generate";
  environment["PREDIBASE_TENANT_ID"] = "t";
  environment["WATSONX_PROJECT_ID"] = "p";
  environment["WATSONX_TOKEN"] = "t";
  environment["AWS_REGION_NAME"] = "us-east-1";
  auto ready = prepare(params, params.model, lookup);
  if (!ready) return {};
  return *ready;
}

void feed(const Prepared& row, Endpoint endpoint) {
  Call call;
  ObjectScan scan;
  call.endpoint = endpoint, call.model = row.target->model, call.call_id = "id";
  for (auto* text : k_requests) {
    Wire wire;
    Token token;
    ASSERT_TRUE(scan_object(text, scan).has_value()) << text;
    call.json = &scan, call.body = text, call.token = &token;
    (void)row.provider->encode(*row.target, call, wire);
  }
  for (auto& body : bodies()) {
    Decoded decoded;
    (void)row.provider->decode(*row.target, call, {200, "application/json", {}, body}, "alias", decoded);
    (void)row.provider->map_error(*row.target, {400, "application/json", {}, body});
  }
  call.stream = true;
  auto decoder = row.provider->stream(*row.target, call, "alias");
  StreamEvent event;
  for (auto& body : bodies())
    if (decoder) decoder->on_event("data: " + body + "\n\n", "message", body, event);
  if (decoder) decoder->finish(event);
}

} // namespace

TEST(Hostile, NoAnswerAndNoRequestBreaksAFamily) {
  std::size_t fed = 0;
  for (auto* row : family_rows()) {
    SCOPED_TRACE(std::string(row->name));
    auto ready = ready_row(*row);
    if (!ready) continue;
    for (auto endpoint : {Endpoint::chat, Endpoint::embeddings, Endpoint::rerank})
      if (ready->provider->supports(*ready->target, endpoint)) feed(*ready, endpoint), ++fed;
  }
  EXPECT_GE(fed, 20u);
}
