// The entities whose limits and budgets a request counts against. Pure.
#pragma once

#include "http/access/identity.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http::access {

struct Payers {
  const Identity* identity = nullptr; ///< null: the master key, or nobody
  std::string_view asked, called;     ///< the model before and after aliases
  const CustomerRecord* customer = nullptr;
  const std::vector<std::string>* tags = nullptr;
  const Identities* records = nullptr;     ///< where tags are found
  const PlaneSettings* settings = nullptr; ///< tag_budget_config: for tags without a row
  EntityPtr proxy;
};

/// In the precedence of their errors: key, its model, member, user, team, its model, project, organization,
/// tags, customer, proxy. Those without a limit are left out, but for the key, whose spend headers show.
std::vector<EntityPtr> who_pays(const Payers& payers);

/// litellm_settings.max_budget; null = there is none.
EntityPtr make_proxy_entity(const PlaneSettings& settings, const Identities& records);

} // namespace switchyard::http::access
