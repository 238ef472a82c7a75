// Local embeddings: unit vectors that depend on the input only. Pure, any thread.
#include "providers/credentials/digest.hpp"
#include "providers/local/local.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr std::int64_t k_default_dimensions = 1536, k_most_dimensions = 8192;
constexpr std::size_t k_most_inputs = 2048;

/// FNV-1a, then a splitmix64 step per component: the same input gives the same vector on every machine.
std::vector<float> unit_vector(string_view input, std::size_t dimensions) {
  std::uint64_t state = 14695981039346656037ull;
  for (char c : input) state = (state ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  std::vector<float> out(dimensions);
  double sum = 0;
  for (auto& value : out) {
    auto z = state += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    value = static_cast<float>(static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-52 - 1.0);
    sum += static_cast<double>(value) * static_cast<double>(value);
  }
  auto scale = static_cast<float>(1.0 / std::sqrt(sum));
  for (auto& value : out) value *= scale;
  return out;
}

std::string as_json(const std::vector<float>& vector) {
  std::string out = "[";
  std::array<char, 32> digits{};
  for (auto value : vector) {
    if (out.size() > 1) out += ',';
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
  }
  return out + "]";
}

/// Little-endian float32, as OpenAI sends it.
std::string as_base64(const std::vector<float>& vector) {
  std::string bytes;
  bytes.reserve(vector.size() * 4);
  for (auto value : vector) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xff);
  }
  return "\"" + to_base64(bytes) + "\"";
}

/// One text, one list of token ids, or a list of either.
std::vector<string_view> inputs_of(string_view input) {
  std::vector<string_view> out;
  std::size_t pos = 0;
  for (string_view element; out.size() < k_most_inputs && next_element(input, pos, element);) {
    bool token = !element.starts_with('"') && !element.starts_with('[');
    if (token) return {input};
    out.push_back(element);
  }
  if (out.empty()) out.push_back(input);
  return out;
}

} // namespace

void write_embeddings(const LocalCall& call, string_view, string_view mock, LocalAnswer& out) {
  auto dimensions = call.number("dimensions", k_default_dimensions, 1, k_most_dimensions);
  bool base64 = call.raw("encoding_format") == "\"base64\"";
  out.body = "{\"object\":\"list\",\"data\":[";
  std::size_t index = 0;
  for (auto input : inputs_of(call.raw("input"))) {
    auto vector =
        mock.empty() ? unit_vector(input, static_cast<std::size_t>(dimensions)) : std::vector<float>{};
    out.body.append(index ? "," : "")
        .append("{\"object\":\"embedding\",\"index\":")
        .append(std::to_string(index));
    out.body.append(",\"embedding\":");
    out.body += !mock.empty() ? std::string(mock) : base64 ? as_base64(vector) : as_json(vector);
    out.body += "}";
    ++index;
  }
  out.usage = Usage{10, 0, 10, true};
  out.body +=
      "],\"model\":" + json_string(call.client_model) + R"(,"usage":{"prompt_tokens":10,"total_tokens":10}})";
}

} // namespace switchyard::providers
