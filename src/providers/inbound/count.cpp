// Token counts of Anthropic and Gemini requests for providers that cannot count: the request as chat, and an
// honest estimate of it. Pure, any thread.
#include "providers/inbound/inbound.hpp"

#include <switchyard/inbound.hpp>

namespace switchyard::providers {
namespace {

constexpr std::uint64_t k_bytes_of_a_token = 4, k_of_a_message = 4, k_of_a_tool = 8, k_of_a_picture = 1600;

struct Count {
  std::uint64_t bytes = 0, tokens = 0;
};

void count_content(const Value& content, Count& count) {
  for (auto& part : content_parts(content)) {
    if (text_at(part, "type") == "text")
      count.bytes += text_at(part, "text").size();
    else
      count.tokens += k_of_a_picture;
  }
}

} // namespace

Result<std::string> countable_chat(const Target& target, const Call& call) {
  if (!call.json) return inbound::refuse("body", "a JSON object is required");
  auto client = parse_json(call.json->trailing_commas.empty() ? std::string(call.json->text)
                                                              : remove_commas(*call.json));
  if (!client) return client.error();
  const inbound::Side side{target, call, *client, {}};
  auto chat = call.endpoint == Endpoint::generate_count ? inbound::generate_request(side)
                                                        : inbound::messages_request(side);
  if (!chat) return chat.error();
  return to_json(*chat);
}

std::uint64_t estimate_tokens(std::string_view chat_json) {
  auto chat = parse_json(chat_json);
  if (!chat) return 0;
  Count count;
  for (auto& message : list_at(*chat, "messages")) {
    count.tokens += k_of_a_message;
    if (auto* content = message.find("content")) count_content(*content, count);
    if (auto* calls = message.find("tool_calls")) count.bytes += to_json(*calls).size();
    if (auto* thinking = message.find("thinking_blocks")) count.bytes += to_json(*thinking).size();
  }
  for (auto& tool : list_at(*chat, "tools")) count.tokens += k_of_a_tool, count.bytes += to_json(tool).size();
  return count.tokens + (count.bytes + k_bytes_of_a_token - 1) / k_bytes_of_a_token;
}

std::string count_body(Endpoint endpoint, std::uint64_t tokens) {
  return (endpoint == Endpoint::generate_count ? "{\"totalTokens\":" : "{\"input_tokens\":") +
         std::to_string(tokens) + "}";
}

} // namespace switchyard::providers
