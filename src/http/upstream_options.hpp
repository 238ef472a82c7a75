// The upstream client's options from the configuration and the environment. Start-up only.
#pragma once

#include "http/upstream/client.hpp"

#include <switchyard/config.hpp>

namespace switchyard::http {

upstream::ClientOptions upstream_options(const Config& config);
/// A CA file, client certificate or proxy that cannot work stops the start, with its name.
Result<void> check_upstream_settings(const Config& config);

} // namespace switchyard::http
