// Histogram cells and Prometheus' text format. observe_us runs on the owning shard; Text belongs to one
// caller.
#include <switchyard/metrics.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace switchyard::metrics {
namespace {

constexpr auto k_bounds_us = [] {
  std::array<std::uint64_t, k_buckets.size()> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i)
    bounds[i] = static_cast<std::uint64_t>(k_buckets[i] * 1e6 + .5);
  return bounds;
}();

template <class T>
void append_number(std::string& out, T number) {
  char buffer[32];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

void append_number(std::string& out, double number) {
  if (std::isfinite(number)) return append_number<double>(out, number);
  out += std::isnan(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
}

// Help texts escape backslash and newline, label values the quote as well.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
}

void append_label(std::string& out, const Text::Label& label) {
  out += out.back() == '{' ? "" : ",";
  out.append(label.first).append("=\"");
  append_escaped(out, label.second, true);
  out += '"';
}

// Name and labels up to the value; `le` is the histogram's own label.
void append_series(std::string& out, std::string_view name, std::string_view suffix,
                   std::initializer_list<Text::Label> labels, std::string_view le = {}) {
  out.append(name).append(suffix);
  if (labels.size() != 0 || !le.empty()) {
    out += '{';
    for (const Text::Label& label : labels) append_label(out, label);
    if (!le.empty()) append_label(out, {"le", le});
    out += '}';
  }
  out += ' ';
}

template <class T>
void append_sample(std::string& out, std::string_view name, std::string_view suffix,
                   std::initializer_list<Text::Label> labels, T value, std::string_view le = {}) {
  append_series(out, name, suffix, labels, le);
  append_number(out, value);
  out += '\n';
}

std::uint64_t total(const std::vector<const Histogram*>& parts, std::size_t bucket) {
  std::uint64_t sum = 0;
  for (const Histogram* part : parts) sum += part->buckets[bucket].get();
  return sum;
}

// Python's client writes "1.0", and `le` is compared as text.
std::string bound_label(std::size_t bucket) {
  if (bucket == k_buckets.size()) return "+Inf";
  std::string out;
  append_number(out, k_buckets[bucket]);
  return out.find('.') == out.npos ? out + ".0" : out;
}

} // namespace

void Histogram::observe_us(std::uint64_t microseconds) noexcept {
  const auto bucket = std::lower_bound(k_bounds_us.begin(), k_bounds_us.end(), microseconds);
  buckets[static_cast<std::size_t>(bucket - k_bounds_us.begin())].add();
  sum_us.add(microseconds);
  count.add();
}

void Text::family(std::string_view name, std::string_view type, std::string_view help) {
  out_.append("# HELP ").append(name).append(" ");
  append_escaped(out_, help, false);
  out_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Text::sample(std::string_view name, std::initializer_list<Label> labels, double value) {
  append_sample(out_, name, "", labels, value);
}

void Text::sample(std::string_view name, std::initializer_list<Label> labels, std::uint64_t value) {
  append_sample(out_, name, "", labels, value);
}

void Text::histogram(std::string_view name, std::initializer_list<Label> labels,
                     const std::vector<const Histogram*>& parts) {
  std::uint64_t below = 0, sum_us = 0;
  for (std::size_t i = 0; i <= k_buckets.size(); ++i) {
    below += total(parts, i);
    append_sample(out_, name, "_bucket", labels, below, bound_label(i));
  }
  for (const Histogram* part : parts) sum_us += part->sum_us.get();
  append_sample(out_, name, "_sum", labels, static_cast<double>(sum_us) * 1e-6);
  // The buckets' own total, so that _count equals the +Inf bucket even while shards keep writing.
  append_sample(out_, name, "_count", labels, below);
}

} // namespace switchyard::metrics
