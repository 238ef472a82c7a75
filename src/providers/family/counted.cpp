// Counting what an answer used. Pure, any thread.
#include "providers/family/counted.hpp"

#include "providers/family/chat.hpp"

#include <switchyard/json.hpp>
#include <switchyard/provider_utils.hpp>

#include <algorithm>

namespace switchyard::providers {
namespace {

std::uint32_t cut(std::size_t count) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(count, UINT32_MAX));
}

std::size_t count_choices(const TokenMeter& meter, const Value& chat) {
  std::size_t out = 0;
  for (auto& choice : list_at(chat, "choices")) {
    auto* message = choice.find("message");
    if (!message) continue;
    out += meter.count(text_at(*message, "content")) + meter.count(text_at(*message, "reasoning_content"));
    for (auto& call : list_at(*message, "tool_calls"))
      if (auto* function = call.find("function"))
        out += meter.count(text_at(*function, "name")) + meter.count(text_at(*function, "arguments"));
  }
  return out;
}

} // namespace

void count_usage(const Call& call, Answer& answer) {
  auto request = call.json ? parse_json(call.json->text) : Result<Value>(Value());
  auto chat = parse_json(answer.body);
  if (!request || !chat || !chat->as_map()) return;
  const auto meter = call.tokenizers ? meter_of(*call.tokenizers, call.model) : TokenMeter{};
  answer.usage.prompt_tokens = cut(count_prompt(meter, *request, call.model));
  answer.usage.completion_tokens = cut(count_choices(meter, *chat));
  complete(answer.usage);
  auto usage = parse_json(write_usage(answer.usage));
  if (!usage) return;
  set(*chat, "usage", std::move(*usage));
  answer.body = to_json(*chat);
}

} // namespace switchyard::providers
