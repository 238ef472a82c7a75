// What the strict scanner says about a text, held against the skimmer. Shared by the property test and the
// fuzz target. Pure.
#pragma once

#include <switchyard/json_scan.hpp>
#include <switchyard/json_skim.hpp>

#include <string>

namespace switchyard::test {

/// Walks all members, objects from inside where `inside`; "" or what is wrong with the values seen. Every
/// byte that a view holds must lie in `text`.
inline std::string skim_members(JsonSkim& skim, std::string_view text, bool inside, std::string& seen) {
  while (skim.next()) {
    seen.append(skim.key()).append("\x01");
    if (inside && skim.kind() == '{') {
      JsonSkim inner = skim.inside();
      std::string below;
      if (auto wrong = skim_members(inner, text, inside, below); !wrong.empty()) return wrong;
      skim.leave(inner);
      seen.append("{}\x02");
      continue;
    }
    const std::string_view value = skim.value();
    if (value.empty()) continue;
    if (value.data() < text.data() || value.data() + value.size() > text.data() + text.size())
      return "a value outside the text";
    seen.append(value).append("\x02");
  }
  return "";
}

/// What the scanner sees, in the same words.
inline std::string scanned_members(const ObjectScan& scan, bool inside) {
  std::string seen;
  for (const JsonField& field : scan.fields) {
    const bool hidden = inside && field.kind == JsonKind::object;
    seen.append(field.key).append("\x01");
    seen.append(hidden ? std::string_view("{}") : scan.raw(field)).append("\x02");
  }
  return seen;
}

/// Empty when the skimmer finds what the scanner finds wherever the scanner accepts `text` (the skimmer may
/// accept more), and ends where the text ends.
inline std::string skim_disagreement(std::string_view text) {
  ObjectScan scan;
  const Result<void> strict = scan_object(text, scan, {.lenient_commas = false});
  const bool repeated = !strict && strict.error().message.find("appears twice") != std::string::npos;
  for (const bool inside : {false, true}) {
    std::string seen;
    JsonSkim skim(text);
    if (auto wrong = skim_members(skim, text, inside, seen); !wrong.empty()) return wrong;
    if (skim.next()) return "a member behind the last one";
    if (!strict && !repeated) continue;
    if (!skim.complete()) return "the skimmer refuses what the scanner accepts";
    if (seen != scanned_members(scan, inside)) return "the members differ: " + seen;
  }
  return "";
}

/// Empty when no proper beginning of an accepted object is taken for a whole one.
inline std::string cut_disagreement(std::string_view text) {
  ObjectScan scan;
  if (!scan_object(text, scan, {.lenient_commas = false})) return "";
  for (std::size_t size = 0; size <= scan.close; ++size) {
    const std::string cut(text.substr(0, size)); // of its own, so that a sanitizer sees reads beyond it
    JsonSkim skim(cut);
    while (skim.next()) {
    }
    if (skim.complete()) return "taken for whole: " + cut;
  }
  return "";
}

} // namespace switchyard::test
