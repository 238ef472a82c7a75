// What a request must carry, and who it names as its end user. Pure; shard code without Asio.
#pragma once

#include "http/access/identity.hpp"
#include "http/header_list.hpp"

#include <switchyard/json_scan.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http::access {

/// Raw value of a top-level member of the body (JSON text, or a form's field); nothing = absent.
using BodyField = std::function<std::optional<std::string_view>(std::string_view name)>;

/// enforced_params: general_settings, then the key's (service accounts have some more). 401 that names the
/// first one missing: "user", "[metadata][generation_name]".
Result<void> check_enforced(const std::vector<std::string>& params, const BodyField& field);

/// Source order of spec management.md 3.3; "" = none. Refused beyond 1024 bytes: it names rows.
Result<std::string> end_user_of(const HeaderList& headers, const ObjectScan* body,
                                const PlaneSettings& settings);

/// Tags for spend and budgets: the key's, the team's, the client's, then those of headers. No duplicates.
std::vector<std::string> merge_tags(const Identity* identity, const HeaderList& headers,
                                    std::vector<std::string> of_client, const PlaneSettings& settings);

} // namespace switchyard::http::access
