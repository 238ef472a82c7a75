// Deployment ids, equal to LiteLLM's so that spend history keeps its meaning. Pure but for separate_ids.
#include "config/model_rows.hpp"
#include "config/python_text.hpp"

#include <openssl/sha.h>

#include <array>
#include <unordered_map>

namespace switchyard::config {

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  constexpr char k_hex[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : digest) out += k_hex[byte >> 4], out += k_hex[byte & 15];
  return out;
}

std::string deployment_id(const std::string& model_name, const ValueMap& params) {
  std::string text = model_name;
  for (const auto& [key, value] : params)
    text += key + (value.as_map() ? python_json(value) : python_str(value));
  return sha256_hex(text);
}

void separate_ids(Config& config, Report& report) {
  std::unordered_map<std::string, std::size_t> seen; // id -> rows that had it
  for (ModelRow& row : config.models) {
    const std::size_t before = seen[row.id]++;
    if (before == 0) continue;
    report.warn(row.place, "model " + row.model_name, "the same row (id " + row.id + ") is given again");
    row.id = sha256_hex(row.id + "#" + std::to_string(before + 1));
    for (auto& [key, value] : row.model_info)
      if (key == "id") value = Value(row.id, value.place());
  }
}

} // namespace switchyard::config
