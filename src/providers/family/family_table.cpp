// The registry rows of all own-format families, folder by folder. Immutable data, any thread.
#include "providers/anthropic/rows.hpp"
#include "providers/bedrock/rows.hpp"
#include "providers/cohere/rows.hpp"
#include "providers/family/family.hpp"
#include "providers/google/rows.hpp"
#include "providers/huggingface/rows.hpp"
#include "providers/legacy/rows.hpp"
#include "providers/ollama/rows.hpp"
#include "providers/replicate/rows.hpp"
#include "providers/specialists/rows.hpp"

namespace switchyard::providers {

std::span<const ProviderRow* const> family_rows() noexcept {
  static const auto k_rows = [] {
    std::vector<const ProviderRow*> all;
    for (auto rows : {anthropic::rows(), bedrock::rows(), google::rows(), cohere::rows(), huggingface::rows(),
                      replicate::rows(), ollama::rows(), legacy::rows(), specialists::rows()})
      for (auto& row : rows) all.push_back(&row);
    return all;
  }();
  return k_rows;
}

} // namespace switchyard::providers
