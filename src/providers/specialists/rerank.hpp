// Reranking as each provider spells it, folded to Cohere's shape (spec providers.md 3.11). For the
// specialists' families and for OpenAI-compatible rows that rerank. Pure, any thread.
#pragma once

#include <switchyard/provider.hpp>
#include <switchyard/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace switchyard::providers {

enum class RerankForm : std::uint8_t {
  cohere,  ///< {model,query,documents,top_n,..}
  voyage,  ///< top_k for top_n, documents are texts
  pairs,   ///< DeepInfra: queries[] beside documents[], the model is in the path
  passages ///< NVIDIA NIM: query{text}, passages[{text}]
};

/// How an OpenAI-compatible row reranks; others relay the request and the answer as they are.
struct RerankDialect {
  std::string_view provider;
  RerankForm form;
};
const RerankDialect* rerank_dialect(std::string_view provider) noexcept;

/// Base URL of its own for reranking when the row's is that of `host`; "" = the row's.
std::string_view rerank_base(const RerankDialect& dialect, std::string_view host) noexcept;
/// Where reranking is, given the path of its base URL; "{}" stands for the model.
std::string rerank_path(const RerankDialect& dialect, std::string_view base_path, std::string_view host,
                        std::string_view model);
/// A model name as it stands in that path: slashes stay, dot segments do not.
std::string rerank_model(const RerankDialect& dialect, std::string_view model);

/// The client's request (Cohere's shape) as `form` has it. Errors name the field.
Result<std::string> rerank_body(RerankForm form, const Value& request, std::string_view model);

struct Reranked {
  std::string body; ///< {"id","results","meta"}
  Usage usage;
};
/// results[], data[], rankings[] or scores[], whichever is there; nothing when none is.
std::optional<Reranked> read_rerank(std::string_view body, const Call& call);

} // namespace switchyard::providers
