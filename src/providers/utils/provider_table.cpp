// docs/provider_table.md, made from the registry. Start-up only.
#include "providers/family/family.hpp"

#include <switchyard/provider_utils.hpp>

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

struct Letter {
  EndpointSet endpoints;
  string_view name;
};
constexpr Letter k_letters[] = {{C, "chat"},     {T, "completions"},    {E, "embeddings"},
                                {R, "rerank"},   {I, "images"},         {A, "transcription"},
                                {S, "speech"},   {M, "moderation"},     {Q, "responses"},
                                {N, "messages"}, {G, "generateContent"}};

std::string endpoints_of(const ProviderRow& row) {
  std::string out;
  for (auto& letter : k_letters)
    if ((row.endpoints & letter.endpoints) != 0) out.append(out.empty() ? "" : ", ").append(letter.name);
  return out;
}

/// "A B" -> "`A` `B`"
std::string quoted(string_view words) {
  std::string out;
  any_word(words, [&out](string_view word) {
    out.append(out.empty() ? "`" : " `").append(word).append("`");
    return false;
  });
  return out;
}

std::string line_of(const ProviderRow& row) {
  const auto format = row.family ? row.family->name : string_view("openai");
  return "| `" + std::string(row.name) + "` | " + std::string(format) + " | " + endpoints_of(row) + " | " +
         (row.base_url.empty() ? "`api_base`" : std::string(row.base_url)) + " | " + quoted(row.base_env) +
         " | " + quoted(row.key_env) + " |\n";
}

} // namespace

std::string provider_table() {
  std::vector<const ProviderRow*> rows(family_rows().begin(), family_rows().end());
  for (auto& row : provider_rows()) rows.push_back(&row);
  std::sort(rows.begin(), rows.end(), [](auto* a, auto* b) { return a->name < b->name; });
  std::string out = R"(# Providers by name

Written by `switchyard --print-provider-table`; do not edit.

"Format" is what goes over the wire: `openai` rows are OpenAI's format with small deviations, the others have a translator of
their own. Endpoints are the provider's own; `/v1/messages`, `/v1/responses`, `generateContent` and `/completions` reach every
provider that chats, through a bridge. "Base URL" `api_base` = the row of model_list must say it, or the provider's module
makes it (AWS from the region, Vertex AI from the location).

| prefix | format | endpoints | base URL | its environment | key's environment |
|---|---|---|---|---|---|
)";
  for (auto* row : rows) out += line_of(*row);
  return out;
}

} // namespace switchyard::providers
