// Meaning survives translation: random conversations in each provider's format say what the client said. What
// is written is read by inverses of the test's own.
#include "unit/providers/roundtrip.hpp"

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

// ---- what a conversation means, as lines

struct Meaning {
  std::string lines;
  bool ids = true; ///< whether the format carries ids of calls
  void say(std::string_view what, std::string_view text) {
    if (!text.empty()) lines.append(what).append(": ").append(text) += '\x1e';
  }
  void call(std::string_view id, std::string_view name, const Json& arguments) {
    say("call", (ids ? std::string(id) + " " : "") + std::string(name) + " " + arguments);
  }
  void result(std::string_view id, std::string_view text) {
    say("result", (ids ? std::string(id) + " " : "") + std::string(text));
  }
};

std::string image_of_url(const std::string& url) {
  return url.substr(5, url.find(';') - 5) + " " + url.substr(url.find(',') + 1);
}

void numbers(Meaning& out, const Value& from, const char* most, const char* heat, const char* stop) {
  out.say("most", to_json(at(from, most)));
  out.say("heat", to_json(at(from, heat)));
  out.say("stop", to_json(at(from, stop)));
}

/// Text, or a list of parts, as OpenAI, Cohere and Anthropic write it.
void content(Meaning& out, const std::string& who, const Value& value) {
  if (auto* text = value.as_string()) return out.say(who, *text);
  for (auto& part : value.as_list() ? *value.as_list() : ValueList()) {
    const auto type = str(part, "type");
    if (type == "text") out.say(who, str(part, "text"));
    if (type == "image_url") out.say("image", image_of_url(str(at(part, "image_url"), "url")));
    if (type == "image")
      out.say("image", str(at(part, "source"), "media_type") + " " + str(at(part, "source"), "data"));
    if (type == "tool_use") out.call(str(part, "id"), str(part, "name"), to_json(at(part, "input")));
    if (type != "tool_result") continue;
    Meaning inner;
    content(inner, "", at(part, "content"));
    out.result(str(part, "tool_use_id"), inner.lines);
  }
}

// ---- readers: a request of each format

void tool(Meaning& out, const Value& tool, const char* schema) {
  out.say("tool", str(tool, "name") + " " + to_json(at(at(tool, schema), "required")));
}

/// OpenAI's chat, and what looks like it: Cohere v2, Ollama.
void read_chat(Meaning& out, const Value& body) {
  for (auto& message : list(body, "messages")) {
    const auto role = str(message, "role");
    if (role == "tool") {
      Meaning inner;
      content(inner, "", at(message, "content"));
      out.result(str(message, "tool_call_id"), inner.lines);
      continue;
    }
    content(out, role, at(message, "content"));
    for (auto& image : list(message, "images")) out.say("image", "image/png " + str(&image));
    for (auto& call : list(message, "tool_calls")) {
      auto& function = at(call, "function");
      auto& given = at(function, "arguments");
      out.call(str(call, "id"), str(function, "name"),
               given.as_string() ? same(*given.as_string()) : to_json(given));
    }
  }
  for (auto& one : list(body, "tools")) tool(out, at(one, "function"), "parameters");
}
void read_openai(Meaning& out, const Value& body) {
  read_chat(out, body);
  numbers(out, body, "max_tokens", "temperature", "stop");
}
void read_cohere(Meaning& out, const Value& body) {
  read_chat(out, body);
  numbers(out, body, "max_tokens", "temperature", "stop_sequences");
}
void read_ollama(Meaning& out, const Value& body) {
  read_chat(out, body);
  numbers(out, at(body, "options"), "num_predict", "temperature", "stop");
}

void read_anthropic(Meaning& out, const Value& body) {
  content(out, "system", at(body, "system"));
  for (auto& message : list(body, "messages")) content(out, str(message, "role"), at(message, "content"));
  for (auto& one : list(body, "tools")) tool(out, one, "input_schema");
  numbers(out, body, "max_tokens", "temperature", "stop_sequences");
}

void read_converse(Meaning& out, const Value& body) {
  for (auto& part : list(body, "system")) out.say("system", str(part, "text"));
  for (auto& message : list(body, "messages"))
    for (auto& part : list(message, "content")) {
      out.say(str(message, "role"), str(part, "text"));
      if (auto* image = part.find("image"))
        out.say("image", "image/" + str(*image, "format") + " " + str(at(*image, "source"), "bytes"));
      if (auto* call = part.find("toolUse"))
        out.call(str(*call, "toolUseId"), str(*call, "name"), to_json(at(*call, "input")));
      auto* result = part.find("toolResult");
      Meaning inner;
      for (auto& piece : result ? list(*result, "content") : ValueList()) inner.say("", str(piece, "text"));
      if (result) out.result(str(*result, "toolUseId"), inner.lines);
    }
  for (auto& one : list(at(body, "toolConfig"), "tools")) {
    auto& spec = at(one, "toolSpec");
    out.say("tool", str(spec, "name") + " " + to_json(at(at(at(spec, "inputSchema"), "json"), "required")));
  }
  numbers(out, at(body, "inferenceConfig"), "maxTokens", "temperature", "stopSequences");
}

const Value& either(const Value& object, std::string_view one, std::string_view other) {
  return object.find(one) ? at(object, one) : at(object, other);
}
void read_gemini(Meaning& out, const Value& body) {
  for (auto& part : list(either(body, "systemInstruction", "system_instruction"), "parts"))
    out.say("system", str(part, "text"));
  for (auto& turn : list(body, "contents"))
    for (auto& part : list(turn, "parts")) {
      out.say(str(turn, "role") == "model" ? "assistant" : "user", str(part, "text"));
      auto& image = either(part, "inlineData", "inline_data");
      if (image.as_map())
        out.say("image", str(either(image, "mimeType", "mime_type")) + " " + str(image, "data"));
      auto& call = either(part, "functionCall", "function_call");
      if (call.as_map()) out.call("", str(call, "name"), to_json(at(call, "args")));
      auto& result = either(part, "functionResponse", "function_response");
      auto& said = at(result, "response");
      if (result.as_map()) out.result("", ": " + str(either(said, "content", "result")) + "\x1e");
    }
  for (auto& one : list(body, "tools"))
    for (auto& declared : list(one, "functionDeclarations").empty() ? list(one, "function_declarations")
                                                                    : list(one, "functionDeclarations"))
      tool(out, declared, "parameters");
  auto& config = either(body, "generationConfig", "generation_config");
  out.say("most", to_json(either(config, "maxOutputTokens", "max_output_tokens")));
  out.say("heat", to_json(at(config, "temperature")));
  out.say("stop", to_json(either(config, "stopSequences", "stop_sequences")));
}

// ---- a random chat request

Json random_chat(Dice& dice, bool image_allowed) {
  Json messages;
  const auto add = [&messages](const Json& message) { messages += (messages.empty() ? "" : ",") + message; };
  if (dice.chance(2)) add("{\"role\":\"system\",\"content\":" + json_string(dice.text()) + "}");
  int made = 0;
  for (auto turns = 1 + dice.below(3); turns > 0; --turns) {
    Json parts = "[{\"type\":\"text\",\"text\":" + json_string(dice.text()) + "}";
    if (image_allowed && dice.chance(3))
      parts += R"(,{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}})";
    add("{\"role\":\"user\",\"content\":" + (dice.chance(2) ? json_string(dice.text()) : parts + "]") + "}");
    if (turns == 1) break;
    const auto calls = dice.below(3);
    Json list, results;
    for (std::size_t i = 0; i < calls; ++i) {
      const auto id = "call_" + std::to_string(++made);
      list += (i ? "," : "") +
              ("{\"id\":\"" + id + "\",\"type\":\"function\",\"function\":{\"name\":\"weather\",") +
              "\"arguments\":" + json_string(dice.arguments()) + "}}";
      results +=
          ",{\"role\":\"tool\",\"tool_call_id\":\"" + id + "\",\"content\":" + json_string(dice.text()) + "}";
    }
    const auto text = calls == 0 || dice.chance(2) ? json_string(dice.text()) : "null";
    add("{\"role\":\"assistant\",\"content\":" + text + (calls ? ",\"tool_calls\":[" + list + "]" : "") +
        "}");
    messages += results;
    // Who answers results is the model; a user's words directly behind them are a turn of their own.
    if (calls) add("{\"role\":\"assistant\",\"content\":" + json_string(dice.text()) + "}");
  }
  return "{\"model\":\"m\",\"messages\":[" + messages + R"(],"max_tokens":)" +
         std::to_string(1 + dice.below(4000)) + R"(,"temperature":0.)" + std::to_string(1 + dice.below(9)) +
         R"(,"stop":["END","\n\n"],"tools":[{"type":"function","function":{"name":"weather","parameters":)"
         R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]})";
}

struct Format {
  const char* model;
  void (*read)(Meaning&, const Value&);
  bool ids = true, images = true;
};
constexpr Format k_formats[] = {{"openai/gpt-4.1", read_openai},
                                {"mistral/mistral-small-latest", read_openai},
                                {"anthropic/claude-sonnet-4-5", read_anthropic},
                                {"bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0", read_converse},
                                {"cohere_chat/command-a-03-2025", read_cohere},
                                {"ollama_chat/llama3", read_ollama, false},
                                {"gemini/gemini-2.5-flash", read_gemini, false}};

std::string meaning_of(const Format& format, const Json& body, bool ids) {
  Meaning out;
  out.ids = ids;
  auto parsed = parse_json(body);
  if (!parsed) return "not JSON: " + body;
  format.read(out, *parsed);
  return out.lines;
}

Json encoded(const char* model, Endpoint endpoint, const Json& body) {
  auto params = params_of(model);
  params.raw = {{"aws_region_name", Value(std::string("us-east-1"))}};
  Case sent(std::move(params));
  sent.call.endpoint = endpoint;
  sent.send(body);
  auto done = translator_for(*sent.ready.target, endpoint)->encode(*sent.ready.target, sent.call, sent.wire);
  return done ? Case::joined(sent.wire.body) : done.error().message;
}

} // namespace

TEST(RoundTrip, ConversationsMeanTheSameInEveryFormat) {
  Dice dice{std::mt19937_64(7)};
  for (int round = 0; round < 60; ++round)
    for (auto& format : k_formats) {
      const auto chat = random_chat(dice, format.images);
      const auto sent = encoded(format.model, Endpoint::chat, chat);
      const auto meant = meaning_of(k_formats[0], chat, format.ids);
      ASSERT_GT(meant.size(), 60u) << chat; // the reader of the test found something
      ASSERT_EQ(meaning_of(format, sent, format.ids), meant) << format.model << "\n" << chat << "\n" << sent;
    }
}

/// Anthropic's request, bridged to chat for another provider, and from there into Anthropic's format again.
TEST(RoundTrip, MessagesBridgedToChatAndBackMeanTheSame) {
  Dice dice{std::mt19937_64(11)};
  const auto& anthropic = k_formats[2];
  for (int round = 0; round < 60; ++round) {
    const auto messages = encoded(anthropic.model, Endpoint::chat, random_chat(dice, true));
    const auto chat = encoded("openai/gpt-4.1", Endpoint::messages, messages);
    ASSERT_EQ(meaning_of(k_formats[0], chat, true), meaning_of(anthropic, messages, true)) << messages << "\n"
                                                                                           << chat;
    const auto again = encoded(anthropic.model, Endpoint::chat, chat);
    ASSERT_EQ(meaning_of(anthropic, again, true), meaning_of(anthropic, messages, true)) << chat << "\n"
                                                                                         << again;
  }
}
