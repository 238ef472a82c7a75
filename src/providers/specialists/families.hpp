// Providers that only embed and rerank. Tables of pure functions, any thread.
#pragma once

#include "providers/family/family.hpp"

namespace switchyard::providers::specialists {

extern const Family k_voyage, k_jina, k_infinity;

} // namespace switchyard::providers::specialists
