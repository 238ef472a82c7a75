// The smaller and older families, one file each. Tables of pure functions, any thread.
#pragma once

#include "providers/family/family.hpp"

namespace switchyard::providers::legacy {

extern const Family k_cloudflare, k_watsonx, k_watsonx_text, k_databricks, k_nlp_cloud, k_aleph_alpha,
    k_petals, k_predibase, k_triton, k_snowflake, k_ai21_j2, k_baseten, k_bytez;

} // namespace switchyard::providers::legacy
