// Counting what an answer used. Pure, any thread.
#include "providers/family/counted.hpp"

#include "providers/family/chat.hpp"
#include "providers/family/family.hpp"

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

TokenMeter meter_for(const Call& call) {
  return call.tokenizers ? meter_of(*call.tokenizers, call.model) : TokenMeter{};
}

Result<Value> request_of(const Call& call) {
  return call.json ? parse_json(call.json->text) : Result<Value>(Value());
}

} // namespace

void StreamCount::add(int place, std::string_view piece) {
  if (piece.empty()) return;
  auto at = std::find_if(said_.rbegin(), said_.rend(), [place](auto& said) { return said.place == place; });
  if (at == said_.rend())
    said_.push_back({place, std::string(piece)});
  else
    at->text += piece;
}

Usage StreamCount::usage(const Call& call) const {
  const auto meter = meter_for(call);
  const auto request = request_of(call);
  Usage out;
  if (request) out.prompt_tokens = cut(count_prompt(meter, *request, call.model));
  std::size_t answer = 0;
  for (auto& said : said_) answer += meter.count(said.text);
  out.completion_tokens = cut(answer);
  complete(out);
  return out;
}

void count_usage(const Call& call, Answer& answer) {
  auto request = request_of(call);
  auto chat = parse_json(answer.body);
  if (!request || !chat || !chat->as_map()) return;
  const auto meter = meter_for(call);
  answer.usage.prompt_tokens = cut(count_prompt(meter, *request, call.model));
  answer.usage.completion_tokens = cut(count_choices(meter, *chat));
  complete(answer.usage);
  auto usage = parse_json(write_usage(answer.usage));
  if (!usage) return;
  set(*chat, "usage", std::move(*usage));
  answer.body = to_json(*chat);
}

} // namespace switchyard::providers
