// Reads model names. Pure, any thread.
#include "providers/google/model.hpp"

#include <algorithm>
#include <array>

namespace switchyard::providers::google {
namespace {

using std::string_view;

bool has(string_view text, string_view part) noexcept { return text.find(part) != string_view::npos; }

bool is_number(string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool take(string_view& text, string_view prefix) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// gemini-2.5-pro: 25, gemini-3-flash: 30, gemini-pro: 10; the aliases *-latest follow 2.5's rules, which
/// newer models understand too.
int generation_of(string_view id) noexcept {
  const auto at = id.find("gemini-");
  if (at == string_view::npos) return 20;
  auto rest = id.substr(at + 7);
  if (rest == "pro" || rest == "pro-vision" || rest == "ultra") return 10;
  if (rest.ends_with("-latest") && !(rest[0] >= '0' && rest[0] <= '9')) return 25;
  if (rest.empty() || rest[0] < '1' || rest[0] > '9') return 20;
  const int major = rest[0] - '0';
  const bool minor = rest.size() > 2 && rest[1] == '.' && rest[2] >= '0' && rest[2] <= '9';
  return major * 10 + (minor ? rest[2] - '0' : 0);
}

struct Named {
  string_view prefix;
  Route route;
};
/// First match of a vertex model's name.
constexpr std::array k_named{Named{"claude", Route::claude},      Named{"mistral", Route::mistral},
                             Named{"codestral", Route::mistral},  Named{"ministral", Route::mistral},
                             Named{"jamba", Route::ai21},         Named{"text-bison", Route::text},
                             Named{"text-unicorn", Route::text},  Named{"code-bison", Route::text},
                             Named{"code-gecko", Route::text},    Named{"chat-bison", Route::chat},
                             Named{"codechat-bison", Route::chat}};

/// The publishers whose models have a route of their own; every other publisher/model is on the openapi
/// endpoint.
void read_publisher(Model& out) noexcept {
  if (take(out.id, "gemini/")) {
    out.own_endpoint = is_number(out.id);
  } else if (take(out.id, "anthropic/")) {
    out.route = Route::claude;
  } else if (take(out.id, "mistralai/")) {
    out.route = Route::mistral;
  } else if (take(out.id, "ai21/")) {
    out.route = Route::ai21;
  } else if (take(out.id, "gemma/")) {
    out.route = Route::gemma, out.own_endpoint = true;
  } else if (out.id.starts_with("openai/") && !out.id.starts_with("openai/gpt-oss")) {
    take(out.id, "openai/");
    out.route = Route::self_deployed, out.own_endpoint = true;
  } else if (!take(out.id, "google/")) {
    out.route = Route::openapi;
  }
}

void read_vertex(Model& out) noexcept {
  if (has(out.id, "/")) return read_publisher(out);
  if (is_number(out.id)) {
    out.own_endpoint = true;
    return;
  }
  for (auto& named : k_named)
    if (out.id.starts_with(named.prefix)) {
      out.route = named.route;
      return;
    }
  if (out.id.ends_with("-maas")) out.route = Route::openapi;
}

} // namespace

bool is_vertex(const FamilyTarget& target) noexcept {
  return target.row && target.row->name.starts_with("vertex_ai");
}

Model read_model(const FamilyTarget& target, string_view model) noexcept {
  Model out;
  out.id = model;
  if (target.row && target.row->name == "palm") {
    out.route = Route::palm;
    return out;
  }
  if (is_vertex(target))
    read_vertex(out);
  else
    take(out.id, "models/");
  out.generation = generation_of(out.id);
  out.flash = has(out.id, "flash");
  out.lite = has(out.id, "lite");
  out.gemma = out.id.starts_with("gemma");
  return out;
}

} // namespace switchyard::providers::google
