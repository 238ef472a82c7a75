// Typed reading of one configuration value: fills `out` or says what is wrong. Pure.
// As lenient as LiteLLM's pydantic models (numbers in quotes are numbers), and no more.
#pragma once

#include "config/report.hpp"

#include <switchyard/config.hpp>
#include <switchyard/money.hpp>

#include <optional>
#include <string>
#include <vector>

namespace switchyard::config {

/// "expected an integer, got \"six\"".
Problem expected(std::string_view what, const Value& got);

Problem read(const Value& value, bool& out);
Problem read(const Value& value, std::int64_t& out);
Problem read(const Value& value, int& out);
Problem read(const Value& value, double& out);
/// Integers become text: `organization: 1234`.
Problem read(const Value& value, std::string& out);
/// Problems never show the value.
Problem read(const Value& value, Secret& out);
/// A list of strings, or one string.
Problem read(const Value& value, std::vector<std::string>& out);
/// A mapping of header names to values, added to what is there. A header that no upstream would take is left
/// out with a note: LiteLLM's own pages hold one, and it must not cost the whole row.
Problem read_headers(const Value& value, std::vector<HeaderLine>& out, std::vector<std::string>& notes);
/// A mapping; each member as its JSON text.
Problem read(const Value& value, std::vector<JsonParam>& out);
Problem read(const Value& value, std::map<std::string, std::string>& out);

Problem read(const Value& value, Money& out); ///< dollars, not negative

template <class T>
Problem read(const Value& value, std::optional<T>& out) {
  T read_value{};
  Problem problem = read(value, read_value);
  if (problem.empty()) out = std::move(read_value);
  return problem;
}

// -- checks of ranges, used by the table of keys

Problem not_negative(const Value& value);
Problem at_least_one(const Value& value);
/// Seconds: finite, not negative, at most 1e9 so that they fit every clock.
Problem valid_seconds(const Value& value);

} // namespace switchyard::config
