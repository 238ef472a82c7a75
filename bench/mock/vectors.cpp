// /embeddings (float and base64), /moderations, /rerank. Pure and deterministic: the same input gives the
// same numbers.
#include "json.hpp"
#include "replies.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace switchyard::mock {
namespace {

using simdjson::dom::element;

std::vector<float> vector_of(std::string_view text, std::size_t dimensions) {
  std::uint32_t state = 2166136261u;
  for (unsigned char c : text) state = (state ^ c) * 16777619u;
  std::vector<float> out(dimensions);
  for (auto& x : out) {
    state = state * 1664525u + 1013904223u;
    x = static_cast<float>(static_cast<std::int32_t>(state) / 65536) / 32768.0f;
  }
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr char k_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve(bytes.size() / 3 * 4 + 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    auto n = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; k++)
      group = group << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; k++) out += k <= n ? k_digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::string render(const std::vector<float>& values, bool as_base64) {
  if (as_base64) {
    std::string raw(values.size() * 4, '\0');
    std::memcpy(raw.data(), values.data(), raw.size()); // little-endian, as OpenAI sends it
    return json_text(base64(raw));
  }
  std::string out = "[";
  char text[24];
  for (float x : values) {
    std::snprintf(text, sizeof text, "%s%.9g", out.size() > 1 ? "," : "", static_cast<double>(x));
    out += text;
  }
  return out + "]";
}

/// The inputs of an embeddings or moderations request: a string, strings, one token list, or token lists.
std::vector<std::string> inputs_of(const Call& call) {
  element input;
  std::vector<std::string> out;
  if (!call.has_json || call.json["input"].get(input) != simdjson::SUCCESS) return out;
  simdjson::dom::array list;
  std::string_view text;
  if (input.get(text) == simdjson::SUCCESS) return {std::string(text)};
  if (input.get(list) != simdjson::SUCCESS) return out;
  for (auto entry : list) {
    if (entry.is_number()) return {simdjson::minify(input)};
    out.push_back(entry.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(entry));
  }
  return out;
}

std::string moderation(std::string_view text) {
  const char* flagged = text.find("kill") != text.npos ? "true" : "false";
  const char* score = flagged[0] == 't' ? "0.98" : "0.0001";
  std::string out = "{\"flagged\":" + std::string(flagged) + R"(,"categories":{"violence":)" + flagged;
  return out +
         R"(,"hate":false,"harassment":false,"self-harm":false,"sexual":false},"category_scores":{"violence":)" +
         score + R"(,"hate":0.0001,"harassment":0.0001,"self-harm":0.0001,"sexual":0.0001}})";
}

std::string document_text(element document) {
  std::string_view text;
  if (document.get(text) == simdjson::SUCCESS || document["text"].get(text) == simdjson::SUCCESS)
    return std::string(text);
  return simdjson::minify(document);
}

} // namespace

Reply embeddings(const Call& call) {
  auto inputs = inputs_of(call);
  if (inputs.empty()) return error_reply(400, "'input' is a required property");
  auto dimensions = std::min<std::uint64_t>(count_of(call, "dimensions", 1536), 65536);
  bool as_base64 = text_of(call, "encoding_format") == "base64";
  Reply reply;
  reply.body = R"({"object":"list","data":[)";
  for (std::size_t i = 0; i < inputs.size(); i++)
    reply.body.append(i ? "," : "")
        .append(R"({"object":"embedding","index":)")
        .append(std::to_string(i))
        .append(",\"embedding\":")
        .append(render(vector_of(inputs[i], dimensions), as_base64))
        .append("}");
  auto tokens = std::to_string(call.behaviour.prompt_tokens);
  reply.body.append("],\"model\":").append(json_text(call.model));
  reply.body.append(",\"usage\":{\"prompt_tokens\":" + tokens + ",\"total_tokens\":" + tokens + "}}");
  return reply;
}

Reply moderations(const Call& call) {
  auto inputs = inputs_of(call);
  if (inputs.empty()) return error_reply(400, "'input' is a required property");
  Reply reply;
  reply.body =
      "{\"id\":\"" + id_of(call, "modr-") + "\",\"model\":" + json_text(call.model) + ",\"results\":[";
  for (std::size_t i = 0; i < inputs.size(); i++)
    reply.body.append(i ? "," : "").append(moderation(inputs[i]));
  reply.body += "]}";
  return reply;
}

Reply rerank(const Call& call) {
  simdjson::dom::array documents;
  if (!call.has_json || call.json["documents"].get(documents) != simdjson::SUCCESS)
    return error_reply(400, "'documents' is a required property");
  auto top = std::min<std::uint64_t>(count_of(call, "top_n", documents.size()), documents.size());
  bool with_text = flag_of(call, "return_documents");
  Reply reply;
  reply.body = "{\"id\":\"" + id_of(call, "rerank-") + "\",\"results\":[";
  for (std::uint64_t i = 0; i < top; i++) {
    char score[80];
    std::snprintf(score, sizeof score, "%s{\"index\":%u,\"relevance_score\":%.4f", i ? "," : "",
                  static_cast<unsigned>(i), 0.99 / static_cast<double>(i + 1));
    reply.body += score;
    if (with_text)
      reply.body.append(",\"document\":{\"text\":" + json_text(document_text(documents.at(i))) + "}");
    reply.body += '}';
  }
  reply.body += R"(],"meta":{"api_version":{"version":"2"},"billed_units":{"search_units":1}}})";
  return reply;
}

} // namespace switchyard::mock
