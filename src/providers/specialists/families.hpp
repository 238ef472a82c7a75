// Providers that only embed and rerank, and Claude on Azure. Tables of pure functions, any thread.
#pragma once

#include "providers/family/family.hpp"

namespace switchyard::providers::specialists {

extern const Family k_voyage, k_jina, k_infinity, k_azure_claude;

} // namespace switchyard::providers::specialists
