// What a reply says to read again, as one line: "budget:b1 customer:c1".
#pragma once

#include <switchyard/management.hpp>

#include <string>

namespace switchyard::management {

inline std::string touched_by(const Reply& reply) {
  constexpr std::string_view k_names[] = {"key",          "team",         "user",     "member",
                                          "organization", "project",      "customer", "tag",
                                          "budget",       "access_group", "model",    "config"};
  std::string out;
  for (const auto& one : reply.touched) {
    out += out.empty() ? "" : " ";
    out += std::string(k_names[static_cast<std::size_t>(one.what)]) + ":" + one.id;
    if (one.spend_set) out += "!";
  }
  return out;
}

} // namespace switchyard::management
