// Which models a key, its team, its user, project and organization open (spec management.md 1.5, 1.6): lists
// of names, wildcards, access groups and special names. Pure; shard code without Asio.
#pragma once

#include "http/access/identity.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http::access {

/// A model as lists may name it. What costs something is asked only when no list names it plainly.
class ModelQuestion {
 public:
  ModelQuestion(std::string_view name, std::string_view group) : name_(name), group_(group) {}
  virtual ~ModelQuestion() = default;
  std::string_view name() const noexcept { return name_; }
  std::string_view group() const noexcept {
    return group_;
  } ///< the group it resolves to; "" = the same or none
  virtual bool in_access_group(std::string_view) const { return false; } ///< model_info.access_groups
  virtual std::string with_provider() const { return {}; }               ///< "openai/gpt-4o"; "" = not known

 private:
  std::string_view name_, group_;
};

/// An empty list opens everything.
bool opens(const std::vector<std::string>& list, const ModelQuestion& model, const Identities* records);

/// '*' stands for any text.
bool wildcard_matches(std::string_view pattern, std::string_view text) noexcept;

/// The team's alias, then the key's: what shall be called when the client asks for `model`.
std::string_view resolve_alias(const Identity& identity, std::string_view model) noexcept;

/// Asked for and, after aliases, called.
struct ModelPair {
  const ModelQuestion& asked;
  const ModelQuestion& called;
};

/// What the key's own list says; 403 with LiteLLM's words.
Result<void> check_key_model(const Identity& identity, const ModelPair& model);
/// What team, member, user (personal keys only), project and organization say, in this order.
Result<void> check_owner_models(const Identity& identity, const ModelPair& model);

/// Both together, without words.
bool opens_model(const Identity& identity, const ModelPair& model);

} // namespace switchyard::http::access
