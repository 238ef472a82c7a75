// What the connected database really has: its tables and columns, which may be older or newer than the schema
// that we know. Read once per connection; plain data of one session's thread.
#pragma once

#include "storage/schema/schema.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace switchyard::storage {

struct ColumnFact {
  std::string name;
  Type type = Type::text;
  bool nullable = true;
  std::string type_name; ///< the database's own word
};

struct TableFacts {
  std::string name; ///< "LiteLLM_VerificationToken"
  std::vector<ColumnFact> columns;
  const ColumnFact* find(std::string_view column) const noexcept {
    for (auto& known : columns)
      if (known.name == column) return &known;
    return nullptr;
  }
};

using Facts = std::unordered_map<std::string, TableFacts>;

} // namespace switchyard::storage
