// What each of Google's APIs supplies; google.cpp puts them together. Pure functions, any thread.
#pragma once

#include "providers/google/model.hpp"

#include <memory>
#include <string_view>

namespace switchyard::providers::google {

/// One API's part of a Family.
struct Handler {
  bool (*takes)(const FamilyTarget&, const Call&, std::string_view param);
  Result<void> (*encode)(Job&, const Model&, Upstream&);
  Result<void> (*decode)(const FamilyTarget&, const Call&, const UpstreamAnswer&,
                         std::string_view client_model, Answer&);
  std::unique_ptr<StreamDecoder> (*stream)(const FamilyTarget&, const Call&, std::string_view client_model);
};

extern const Handler k_gemini_chat;   ///< gemini.cpp
extern const Handler k_native;        ///< native.cpp: generateContent and countTokens, relayed
extern const Handler k_embeddings;    ///< embeddings.cpp
extern const Handler k_images;        ///< images.cpp
extern const Handler k_openai_format; ///< openai_format.cpp: openapi, self-deployed, Mistral, AI21
extern const Handler k_gemma;         ///< openai_format.cpp: the same inside :predict
extern const Handler k_bison;         ///< bison.cpp: text-bison, chat-bison and their like
extern const Handler k_palm;          ///< palm.cpp
extern const Handler k_rerank;        ///< rerank.cpp: the ranking API
extern const Handler k_claude;        ///< claude.cpp

/// Spec providers.md 5.3. classify.cpp
Errc classify_error(const FamilyTarget& target, int status, std::string_view body);
std::string error_text(std::string_view body);

} // namespace switchyard::providers::google
