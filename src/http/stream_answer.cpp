// Chunks of chat and text completions, events of Messages and of responses, into one object. Pure.
#include "http/stream_answer.hpp"

#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::http {

namespace {

/// The member, made when it is not there.
Value& member(ValueMap& object, std::string_view name, Value fallback) {
  for (auto& [key, value] : object)
    if (key == name) return value;
  object.emplace_back(std::string(name), std::move(fallback));
  return object.back().second;
}

/// Texts grow, everything else is set.
void merge(ValueMap& into, const Value& delta, std::string_view skip = {}) {
  if (!delta.as_map()) return;
  for (auto& [name, value] : *delta.as_map()) {
    if (name == skip || value.is_null()) continue;
    Value& there = member(into, name, Value());
    const bool names = name == "role" || name == "id" || name == "type" || name == "name";
    if (there.as_string() && value.as_string() && !names)
      there = Value(*there.as_string() + *value.as_string());
    else if (there.as_map() && value.as_map()) {
      ValueMap inner = *there.as_map();
      merge(inner, value);
      there = Value(std::move(inner));
    } else
      there = value;
  }
}

/// The element whose `index` the part names; the last one when it names none.
ValueMap element_of(ValueList& list, const Value& part, std::size_t& at) {
  const auto* index = part.find("index");
  const auto* number = index ? index->as_int() : nullptr;
  constexpr std::int64_t k_most_elements = 128;
  at = number && *number >= 0 && *number < k_most_elements ? static_cast<std::size_t>(*number)
       : list.empty()                                      ? 0
                                                           : list.size() - 1;
  while (list.size() <= at) list.emplace_back(ValueMap{});
  return list[at].as_map() ? *list[at].as_map() : ValueMap{};
}

void merge_tool_calls(ValueMap& message, const Value& delta) {
  const auto* calls = delta.find("tool_calls");
  if (!calls || !calls->as_list()) return;
  Value& there = member(message, "tool_calls", Value(ValueList{}));
  ValueList list = there.as_list() ? *there.as_list() : ValueList{};
  for (auto& call : *calls->as_list()) {
    std::size_t at = 0;
    auto element = element_of(list, call, at);
    merge(element, call, "index");
    list[at] = Value(std::move(element));
  }
  there = Value(std::move(list));
}

} // namespace

void StreamAnswer::add(std::string_view frames) {
  if (size_ > k_most) return;
  size_ += frames.size();
  while (!frames.empty()) {
    const auto line = frames.substr(0, frames.find('\n'));
    frames.remove_prefix(std::min(frames.size(), line.size() + 1));
    constexpr std::string_view k_data = "data:";
    if (!line.starts_with(k_data)) continue;
    auto event = parse_json(line.substr(k_data.size()));
    if (event && event->as_map()) take(*event);
  }
}

void StreamAnswer::take(const Value& event) {
  const auto type = text_at(event, "type");
  if (const auto* whole = event.find("response"); whole && whole->as_map()) { // the last one has everything
    answer_ = *whole->as_map();
    return;
  }
  if (!type.empty()) return take_block(event, type);
  for (auto& [name, value] : *event.as_map())
    if (name != "choices" && name != "object" && !value.is_null()) set(answer_, name, value);
  completion_ = completion_ || text_at(event, "object") == "text_completion";
  const auto* choices = event.find("choices");
  if (choices && choices->as_list())
    for (auto& choice : *choices->as_list()) take_choice(choice);
}

void StreamAnswer::take_choice(const Value& choice) {
  std::size_t at = 0;
  auto there = element_of(choices_, choice, at);
  const auto* delta = choice.find("delta");
  if (delta) {
    Value& place = member(there, "message", Value(ValueMap{}));
    ValueMap message = place.as_map() ? *place.as_map() : ValueMap{};
    merge(message, *delta, "tool_calls");
    merge_tool_calls(message, *delta);
    place = Value(std::move(message));
  }
  merge(there, choice, "delta");
  choices_[at] = Value(std::move(there));
}

/// Events of the Messages API.
void StreamAnswer::take_block(const Value& event, std::string_view type) {
  if (type == "message_start") {
    if (const auto* message = event.find("message"); message && message->as_map())
      answer_ = *message->as_map();
  } else if (type == "message_delta") {
    if (const auto* delta = event.find("delta")) merge(answer_, *delta);
    if (const auto* usage = event.find("usage"); usage && usage->as_map()) {
      Value& there = member(answer_, "usage", Value(ValueMap{}));
      ValueMap sum = there.as_map() ? *there.as_map() : ValueMap{};
      for (auto& [name, value] : *usage->as_map()) set(sum, name, value);
      there = Value(std::move(sum));
    }
  } else if (type == "content_block_start" || type == "content_block_delta") {
    std::size_t at = 0;
    auto block = element_of(blocks_, event, at);
    if (const auto* begun = event.find("content_block")) merge(block, *begun);
    if (const auto* delta = event.find("delta")) merge(block, *delta, "type");
    blocks_[at] = Value(std::move(block));
  }
}

std::string StreamAnswer::text() const {
  if (size_ > k_most || (answer_.empty() && choices_.empty())) return {};
  auto answer = answer_;
  if (!choices_.empty()) {
    set(answer, "object", Value(std::string(completion_ ? "text_completion" : "chat.completion")));
    set(answer, "choices", Value(choices_));
  }
  if (!blocks_.empty()) set(answer, "content", Value(blocks_));
  return to_json(Value(std::move(answer)));
}

} // namespace switchyard::http
