// What an independent parser (simdjson's DOM) says about a text, held against scan_object and JsonSplice.
// Shared by the property test and the fuzz target. Pure.
#pragma once

#include <switchyard/json.hpp>
#include <switchyard/json_scan.hpp>

#include <simdjson.h>

#include <cctype>
#include <vector>

namespace switchyard::test::oracle {

struct Member {
  std::string key, value;
  friend bool operator==(const Member&, const Member&) = default;
};
using Members = std::vector<Member>;

// simdjson's reading of an object: keys unescaped, values minified.
struct Reading {
  simdjson::error_code code = simdjson::SUCCESS;
  bool object = false;
  Members members;
};

inline Reading read(std::string_view text) {
  static simdjson::dom::parser parser;
  simdjson::dom::element root;
  Reading out;
  out.code = parser.parse(text.data(), text.size()).get(root);
  simdjson::dom::object object;
  if (out.code || root.get(object)) return out;
  out.object = true;
  for (const auto field : object)
    out.members.push_back({std::string(field.key), simdjson::minify(field.value)});
  return out;
}

// Texts that simdjson refuses although RFC 8259 allows them: numbers beyond its types, lone surrogates.
inline bool stricter(std::string_view text, simdjson::error_code code) {
  const bool surrogate = text.find("\\ud") != text.npos || text.find("\\uD") != text.npos;
  return code == simdjson::NUMBER_ERROR || (code == simdjson::STRING_ERROR && surrogate);
}

// Reasons of ours to refuse what simdjson takes.
inline bool ours_only(const Error& error, const Reading& theirs) {
  const bool named = error.message.find("appears twice") != error.message.npos ||
                     error.message.find("nested too deeply") != error.message.npos;
  return named || !theirs.object;
}

inline std::string compare_scan(std::string_view text) {
  ObjectScan scan;
  const ScanOptions strict{.lenient_commas = false};
  const Result<void> ours = scan_object(text, scan, strict);
  const Reading theirs = read(text);
  if (!ours && theirs.code == simdjson::SUCCESS)
    return ours_only(ours.error(), theirs) ? "" : "we refuse: " + ours.error().message;
  if (!ours) return "";
  if (theirs.code)
    return stricter(text, theirs.code) ? ""
                                       : std::string("we accept, simdjson: ") + error_message(theirs.code);
  if (scan.fields.size() != theirs.members.size()) return "another number of members";
  for (std::size_t i = 0; i < scan.fields.size(); ++i) {
    if (scan.fields[i].key != theirs.members[i].key) return "another key";
    const Reading value = read("{\"v\":" + std::string(scan.raw(scan.fields[i])) + "}");
    if (value.code || value.members[0].value != theirs.members[i].value) return "another value";
  }
  return "";
}

inline void change(Members& members, std::string_view key, const std::string* value) {
  for (auto member = members.begin(); member != members.end(); ++member) {
    if (member->key != key) continue;
    if (value)
      member->value = *value;
    else
      members.erase(member);
    return;
  }
  if (value) members.push_back({std::string(key), *value});
}

// The same edits on the splice and on simdjson's members.
inline void edit(const ObjectScan& scan, unsigned choice, JsonSplice& splice, Members& members) {
  const std::string model = "\"oracle\"", added = "{\"include_usage\":true}";
  for (std::size_t i = 0; i < scan.fields.size(); ++i) {
    if ((choice >> (i % 8) & 1) == 0) continue;
    const std::string key(scan.fields[i].key);
    // Removed and set again, these keep their place in the splice but not in a list: always set them.
    const bool special = key == "model" || key == "stream_options";
    const std::string* value = special || (choice >> ((i + 3) % 8) & 1) ? &model : nullptr;
    if (value)
      splice.set(key, *value);
    else
      splice.remove(key);
    change(members, key, value);
  }
  if (choice & 0x100) splice.set("stream_options", added), change(members, "stream_options", &added);
  if (choice & 0x200) splice.remove("metadata"), change(members, "metadata", nullptr);
  splice.set("model", model), change(members, "model", &model);
}

// The elements of every array, walked and put together again.
inline std::string compare_elements(std::string_view text) {
  ObjectScan scan;
  if (!scan_object(text, scan)) return "";
  const std::string clean = remove_commas(scan);
  if (!scan_object(clean, scan)) return "not JSON without its trailing commas";
  for (const JsonField& field : scan.fields) {
    std::string joined = "{\"v\":[";
    std::string_view element;
    for (std::size_t pos = 0; next_element(scan.raw(field), pos, element);)
      joined.append(joined.ends_with('[') && joined.size() == 6 ? "" : ",").append(element);
    if (field.kind != JsonKind::array) continue;
    const Reading walked = read(joined + "]}"), whole = read("{\"v\":" + std::string(scan.raw(field)) + "}");
    if (whole.code == simdjson::SUCCESS && walked.members != whole.members)
      return "elements differ: " + joined;
  }
  return "";
}

inline std::string compare_splice(std::string_view text, unsigned choice) {
  ObjectScan scan, again;
  if (!scan_object(text, scan)) return "";
  const std::string clean = remove_commas(scan);
  const ScanOptions strict{.lenient_commas = false};
  if (!scan_object(clean, again, strict)) return "not strict without its trailing commas";
  Reading expected = read(clean);
  JsonSplice splice(scan);
  edit(scan, choice, splice, expected.members);
  const std::string edited = splice.str();
  if (edited.size() != splice.size()) return "size() is not the size";
  TextSlices pieces;
  std::string joined;
  splice.pieces(pieces);
  for (const auto piece : pieces) joined += piece;
  if (joined != edited) return "pieces() are not str()";
  if (!scan_object(edited, again, strict)) return "the edited object does not scan: " + edited;
  const Reading after = read(edited);
  if (expected.code || after.code) return "";
  if (after.members == expected.members) return "";
  std::string members;
  for (const Member& member : expected.members) members += member.key + "=" + member.value + ";";
  return "the edited members differ: " + edited + " instead of " + members;
}

// simdjson's tree as ours: a repeated key keeps its last value, at its first place.
inline Value value_of(simdjson::dom::element element) {
  switch (element.type()) {
  case simdjson::dom::element_type::ARRAY: {
    ValueList list;
    for (auto part : simdjson::dom::array(element)) list.push_back(value_of(part));
    return Value(std::move(list));
  }
  case simdjson::dom::element_type::OBJECT: {
    ValueMap map;
    for (auto member : simdjson::dom::object(element)) set(map, member.key, value_of(member.value));
    return Value(std::move(map));
  }
  case simdjson::dom::element_type::INT64:
    return Value(std::int64_t(element));
  case simdjson::dom::element_type::UINT64:
    return Value(static_cast<double>(std::uint64_t(element)));
  case simdjson::dom::element_type::DOUBLE:
    return Value(double(element));
  case simdjson::dom::element_type::STRING:
    return Value(std::string(std::string_view(element)));
  case simdjson::dom::element_type::BOOL:
    return Value(bool(element));
  case simdjson::dom::element_type::NULL_VALUE:
    break;
  }
  return {};
}

// The same type everywhere, and the same text.
inline bool same(const Value& a, const Value& b) {
  if (a.data().index() != b.data().index()) return false;
  if (auto* list = a.as_list()) {
    auto& other = *b.as_list();
    return std::equal(list->begin(), list->end(), other.begin(), other.end(), same);
  }
  if (auto* map = a.as_map()) {
    auto& other = *b.as_map();
    const auto alike = [](auto& x, auto& y) { return x.first == y.first && same(x.second, y.second); };
    return std::equal(map->begin(), map->end(), other.begin(), other.end(), alike);
  }
  return to_json(a) == to_json(b);
}

// parse_json, on texts that need not be objects.
inline std::string compare_tree(std::string_view text) {
  static simdjson::dom::parser parser;
  simdjson::dom::element root;
  const std::string copy(text);
  const auto code = parser.parse(copy).get(root);
  const auto ours = parse_json(text);
  if (!ours && code == simdjson::SUCCESS)
    return ours.error().message.find("nested too deeply") != std::string::npos
               ? ""
               : "no tree: " + ours.error().message;
  if (!ours) return "";
  // Integers beyond 64 bits are doubles here.
  if (code)
    return code == simdjson::NUMBER_ERROR ? "" : std::string("a tree, simdjson: ") + error_message(code);
  return same(*ours, value_of(root)) ? "" : "another tree: " + to_json(*ours);
}

} // namespace switchyard::test::oracle

namespace switchyard::test {

/// Empty when scanner, splice and simdjson agree on `text`; else what they disagree on.
/// `choice` selects which members the splice edits.
inline std::string disagreement(std::string_view text, unsigned choice) {
  for (const std::string& found : {oracle::compare_scan(text), oracle::compare_elements(text),
                                   oracle::compare_splice(text, choice), oracle::compare_tree(text)})
    if (!found.empty()) return found;
  return "";
}

} // namespace switchyard::test
