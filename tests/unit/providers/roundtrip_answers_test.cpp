// Meaning survives translation: random answers of each provider, read through each client API, say what the
// provider said. Writers and readers are the test's own.
#include "unit/providers/roundtrip.hpp"

#include <functional>

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

struct CallMade {
  std::string id, name;
  Json arguments;
};

struct Said {
  std::string text;
  std::vector<CallMade> calls;
  bool cut = false;
  unsigned in = 0, out = 0;
};

Said random_answer(Dice& dice) {
  Said said;
  for (auto calls = dice.below(3); calls > 0; --calls)
    said.calls.push_back({"call_" + std::to_string(calls), "weather", same(dice.arguments())});
  if (said.calls.empty() || dice.chance(2)) said.text = dice.text();
  said.cut = said.calls.empty() && dice.chance(3);
  said.in = 1 + dice.below(5000), said.out = 1 + dice.below(500);
  return said;
}

std::string joined_calls(const Said& said, const std::function<std::string(const CallMade&)>& write,
                         bool first) {
  std::string out;
  for (auto& call : said.calls) out += (first ? "" : ",") + write(call), first = false;
  return out;
}

Json openai_answer(const Said& said) {
  const auto calls = joined_calls(
      said,
      [](auto& call) {
        return "{\"id\":\"" + call.id + "\",\"type\":\"function\",\"function\":{\"name\":\"" + call.name +
               "\",\"arguments\":" + json_string(call.arguments) + "}}";
      },
      true);
  return R"({"id":"a1","object":"chat.completion","created":1,"model":"up","choices":[{"index":0,"finish_reason":")" +
         std::string(!said.calls.empty() ? "tool_calls"
                     : said.cut          ? "length"
                                         : "stop") +
         R"(","message":{"role":"assistant","content":)" +
         (said.text.empty() ? "null" : json_string(said.text)) +
         (calls.empty() ? "" : ",\"tool_calls\":[" + calls + "]") + R"(}}],"usage":{"prompt_tokens":)" +
         std::to_string(said.in) + ",\"completion_tokens\":" + std::to_string(said.out) +
         ",\"total_tokens\":" + std::to_string(said.in + said.out) + "}}";
}
Json anthropic_answer(const Said& said) {
  const auto calls = joined_calls(
      said,
      [](auto& call) {
        return "{\"type\":\"tool_use\",\"id\":\"" + call.id + "\",\"name\":\"" + call.name +
               "\",\"input\":" + call.arguments + "}";
      },
      said.text.empty());
  return R"({"id":"m1","type":"message","role":"assistant","model":"up","stop_sequence":null,"stop_reason":")" +
         std::string(!said.calls.empty() ? "tool_use"
                     : said.cut          ? "max_tokens"
                                         : "end_turn") +
         R"(","content":[)" +
         (said.text.empty() ? "" : "{\"type\":\"text\",\"text\":" + json_string(said.text) + "}") + calls +
         R"(],"usage":{"input_tokens":)" + std::to_string(said.in) +
         ",\"output_tokens\":" + std::to_string(said.out) + "}}";
}
Json converse_answer(const Said& said) {
  const auto calls = joined_calls(
      said,
      [](auto& call) {
        return "{\"toolUse\":{\"toolUseId\":\"" + call.id + "\",\"name\":\"" + call.name +
               "\",\"input\":" + call.arguments + "}}";
      },
      said.text.empty());
  return R"({"stopReason":")" +
         std::string(!said.calls.empty() ? "tool_use"
                     : said.cut          ? "max_tokens"
                                         : "end_turn") +
         R"(","output":{"message":{"role":"assistant","content":[)" +
         (said.text.empty() ? "" : "{\"text\":" + json_string(said.text) + "}") + calls +
         R"(]}},"usage":{"inputTokens":)" + std::to_string(said.in) +
         ",\"outputTokens\":" + std::to_string(said.out) +
         ",\"totalTokens\":" + std::to_string(said.in + said.out) + "}}";
}
Json gemini_answer(const Said& said) {
  const auto calls = joined_calls(
      said,
      [](auto& call) {
        return "{\"functionCall\":{\"name\":\"" + call.name + "\",\"args\":" + call.arguments + "}}";
      },
      said.text.empty());
  return R"({"candidates":[{"index":0,"finishReason":")" + std::string(said.cut ? "MAX_TOKENS" : "STOP") +
         R"(","content":{"role":"model","parts":[)" +
         (said.text.empty() ? "" : "{\"text\":" + json_string(said.text) + "}") + calls +
         R"(]}}],"usageMetadata":{"promptTokenCount":)" + std::to_string(said.in) +
         ",\"candidatesTokenCount\":" + std::to_string(said.out) +
         ",\"totalTokenCount\":" + std::to_string(said.in + said.out) + "}}";
}

// ---- readers of client APIs: text, calls, end, usage as one line each

struct Heard {
  std::string text, calls, end;
  std::string usage;
  void call(const std::string& id, const std::string& name, const Json& arguments, bool ids) {
    calls.append(ids ? id + " " : "").append(name).append(" ").append(same(arguments)) += '\x1e';
  }
  void count(const Value& usage_of, const char* in, const char* out) {
    usage = to_json(at(usage_of, in)) + " " + to_json(at(usage_of, out));
  }
  std::string all() const { return text + "\n" + calls + "\n" + end + "\n" + usage; }
};

Heard read_chat(const Value& body, bool ids) {
  Heard out;
  auto& choice = list(body, "choices").at(0);
  out.text = str(at(choice, "message"), "content"), out.end = str(choice, "finish_reason");
  for (auto& call : list(at(choice, "message"), "tool_calls"))
    out.call(str(call, "id"), str(at(call, "function"), "name"), str(at(call, "function"), "arguments"), ids);
  out.count(at(body, "usage"), "prompt_tokens", "completion_tokens");
  return out;
}
Heard read_messages(const Value& body, bool ids) {
  Heard out;
  for (auto& block : list(body, "content")) {
    out.text += str(block, "text");
    if (str(block, "type") == "tool_use")
      out.call(str(block, "id"), str(block, "name"), to_json(at(block, "input")), ids);
  }
  const auto end = str(body, "stop_reason");
  out.end = end == "tool_use"     ? "tool_calls"
            : end == "max_tokens" ? "length"
            : end == "end_turn"   ? "stop"
                                  : end;
  out.count(at(body, "usage"), "input_tokens", "output_tokens");
  return out;
}
Heard read_responses(const Value& body, bool ids) {
  Heard out;
  for (auto& item : list(body, "output")) {
    for (auto& part : list(item, "content")) out.text += str(part, "text");
    if (str(item, "type") == "function_call")
      out.call(str(item, "call_id"), str(item, "name"), str(item, "arguments"), ids);
  }
  const auto status = str(body, "status");
  out.end = status == "incomplete"  ? "length"
            : !out.calls.empty()    ? "tool_calls"
            : status == "completed" ? "stop"
                                    : status;
  out.count(at(body, "usage"), "input_tokens", "output_tokens");
  return out;
}
Heard read_generate(const Value& body, bool) {
  Heard out;
  auto& candidate = list(body, "candidates").at(0);
  for (auto& part : list(at(candidate, "content"), "parts")) {
    out.text += str(part, "text");
    if (auto* call = part.find("functionCall"))
      out.call("", str(*call, "name"), to_json(at(*call, "args")), false);
  }
  const auto end = str(candidate, "finishReason");
  out.end = end == "MAX_TOKENS" ? "length" : !out.calls.empty() ? "tool_calls" : end == "STOP" ? "stop" : end;
  out.count(at(body, "usageMetadata"), "promptTokenCount", "candidatesTokenCount");
  return out;
}

struct Upstream {
  const char* model;
  Json (*write)(const Said&);
  bool ids;
};
constexpr Upstream k_upstreams[] = {
    {"openai/gpt-4.1", openai_answer, true},
    {"anthropic/claude-sonnet-4-5", anthropic_answer, true},
    {"bedrock/converse/anthropic.claude-3-5-sonnet-20241022-v2:0", converse_answer, true},
    {"gemini/gemini-2.5-flash", gemini_answer, false}};
struct Client {
  Endpoint endpoint;
  Json request;
  Heard (*read)(const Value&, bool);
  bool ids;
};
const Client k_clients[] = {
    {Endpoint::chat, R"({"model":"m","messages":[{"role":"user","content":"x"}]})", read_chat, true},
    {Endpoint::messages, R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]})",
     read_messages, true},
    {Endpoint::responses, R"({"model":"m","input":"x"})", read_responses, true},
    {Endpoint::generate_content, R"({"contents":[{"role":"user","parts":[{"text":"x"}]}]})", read_generate,
     false}};

std::string heard(const Upstream& upstream, const Client& client, const Json& answer, bool ids) {
  auto params = params_of(upstream.model);
  params.raw = {{"aws_region_name", Value(std::string("us-east-1"))}};
  Case sent(std::move(params));
  sent.call.endpoint = client.endpoint;
  sent.send(client.request);
  auto* provider = translator_for(*sent.ready.target, client.endpoint);
  if (auto done = provider->encode(*sent.ready.target, sent.call, sent.wire); !done)
    return done.error().message;
  Decoded decoded;
  auto done =
      provider->decode(*sent.ready.target, sent.call, {200, "application/json", {}, answer}, "m", decoded);
  if (!done) return done.error().message;
  EXPECT_FALSE(decoded.usage.prompt_tokens == 0);
  auto body = parse_json(Case::joined(decoded.body));
  return body ? client.read(*body, ids).all() : "not JSON: " + Case::joined(decoded.body);
}

} // namespace

TEST(RoundTrip, AnswersMeanTheSameThroughEveryClientApi) {
  Dice dice{std::mt19937_64(13)};
  for (int round = 0; round < 60; ++round)
    for (auto& upstream : k_upstreams)
      for (auto& client : k_clients) {
        // Relayed: OpenAI's own /responses answers are not chat's.
        if (client.endpoint == Endpoint::responses && upstream.write == openai_answer) continue;
        const auto said = random_answer(dice);
        const auto answer = upstream.write(said);
        const bool ids = upstream.ids && client.ids;
        Heard expected;
        for (auto& call : said.calls) expected.call(call.id, call.name, call.arguments, ids);
        expected.text = said.text, expected.end = !said.calls.empty() ? "tool_calls"
                                                  : said.cut          ? "length"
                                                                      : "stop";
        expected.usage = std::to_string(said.in) + " " + std::to_string(said.out);
        ASSERT_EQ(heard(upstream, client, answer, ids), expected.all())
            << upstream.model << " by " << static_cast<int>(client.endpoint) << "\n"
            << answer;
      }
}
