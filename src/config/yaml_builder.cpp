// The tree side of the YAML reader: duplicates, merges, aliases and their bounds. Main thread.
#include "config/yaml_builder.hpp"

namespace switchyard::config {
namespace {

constexpr std::size_t k_max_depth = 100;
constexpr std::size_t k_node_cost = sizeof(Value) + 16;
/// Bytes that a document may grow to; a file of aliases of aliases would grow without end.
constexpr std::size_t k_max_cost = 256u << 20;

} // namespace

void YamlBuilder::charge(std::size_t cost, Place place) {
  spent_ += cost;
  if (spent_ > k_max_cost) throw YamlRefused(place, "the document is too big once its aliases are expanded");
}

void YamlBuilder::scalar(Place place, Anchor anchor, Value::Data data, std::string text, bool plain) {
  const std::size_t cost = k_node_cost + text.size();
  charge(cost, place);
  add(Value(std::move(data), place), cost, 0, anchor, &text, plain);
}

void YamlBuilder::alias(Place place, Anchor anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) throw YamlRefused(place, "an alias refers to the node that contains it");
  const Stored& stored = found->second;
  if (frames_.size() + stored.height > k_max_depth) throw YamlRefused(place, "nested too deeply");
  charge(stored.cost, place);
  const bool is_scalar = !stored.value.as_map() && !stored.value.as_list();
  const std::string* text = stored.value.as_string();
  const std::string other = is_scalar && !text ? to_json(stored.value) : std::string();
  add(stored.value, stored.cost, stored.height, 0, is_scalar && !text ? &other : text, false);
}

void YamlBuilder::begin(Place place, Anchor anchor, bool is_map) {
  if (frames_.size() >= k_max_depth) throw YamlRefused(place, "nested too deeply");
  charge(k_node_cost, place);
  Frame& frame = frames_.emplace_back();
  frame.place = place, frame.anchor = anchor, frame.is_map = is_map, frame.cost = k_node_cost;
}

void YamlBuilder::end() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  Value value = frame.is_map ? close_map(frame) : Value(std::move(frame.items), frame.place);
  add(std::move(value), frame.cost, frame.height + 1, frame.anchor, nullptr, false);
}

void YamlBuilder::add(Value value, std::size_t cost, std::size_t height, Anchor anchor,
                      const std::string* key_text, bool plain) {
  const Place place = value.place();
  if (anchor != 0) {
    charge(cost, place); // the kept copy is memory too
    anchors_[anchor] = Stored{value, cost, height};
  }
  if (frames_.empty()) {
    root_ = std::move(value);
    return;
  }
  Frame& frame = frames_.back();
  frame.cost += cost;
  frame.height = std::max(frame.height, height);
  if (!frame.is_map) {
    frame.items.push_back(std::move(value));
  } else if (!frame.has_key) {
    if (!key_text) throw YamlRefused(place, "a mapping key must be plain text");
    frame.pending = Member{*key_text, Value({}, place), plain && *key_text == "<<"};
    frame.has_key = true;
  } else {
    // A member is found by its key's line, which is the line that a user looks for.
    frame.pending.value = Value(std::move(value.data()), frame.pending.value.place());
    frame.members.push_back(std::move(frame.pending));
    frame.has_key = false;
  }
}

void YamlBuilder::put_member(ValueMap& out, std::unordered_map<std::string, std::size_t>& index,
                             std::string key, Value value) {
  const auto [found, fresh] = index.try_emplace(key, out.size());
  if (fresh)
    out.emplace_back(std::move(key), std::move(value));
  else
    out[found->second].second = std::move(value); // a Python dict keeps the first position
}

void YamlBuilder::merge_into(ValueMap& out, std::unordered_map<std::string, std::size_t>& index,
                             const Value& source) {
  if (const ValueMap* map = source.as_map()) {
    for (const auto& member : *map) put_member(out, index, member.first, member.second);
    return;
  }
  const ValueList* list = source.as_list();
  if (!list) throw YamlRefused(source.place(), "`<<` takes a mapping or a list of mappings");
  for (auto item = list->rbegin(); item != list->rend(); ++item) {
    if (!item->as_map()) throw YamlRefused(item->place(), "`<<` takes a mapping or a list of mappings");
    merge_into(out, index, *item); // the first of the list wins, so it goes last
  }
}

Value YamlBuilder::close_map(Frame& frame) {
  ValueMap out;
  std::unordered_map<std::string, std::size_t> index;
  for (const Member& member : frame.members)
    if (member.merge) merge_into(out, index, member.value);
  std::unordered_map<std::string, std::uint32_t> own; // key -> line; overriding a merged key is no duplicate
  for (Member& member : frame.members) {
    if (member.merge) continue;
    const Place place = member.value.place();
    const auto [first, fresh] = own.try_emplace(member.key, place.line);
    if (!fresh) {
      report_.warn(place, member.key,
                   "given twice, on lines " + std::to_string(first->second) + " and " +
                       std::to_string(place.line) + "; the last one counts");
      first->second = place.line;
    }
    put_member(out, index, std::move(member.key), std::move(member.value));
  }
  return Value(std::move(out), frame.place);
}

} // namespace switchyard::config
