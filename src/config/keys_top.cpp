// Top-level keys of config.yaml. Immutable data.
#include "config/keys_plane.hpp"

namespace switchyard::config {
namespace {
using enum Type;

constexpr Key k_keys[] = {
    {"model_list", list, "[]", "The deployments; rows with the same model_name share the load",
     used_elsewhere},
    {"litellm_settings", mapping, "{}", "See below", used_elsewhere},
    {"general_settings", mapping, "{}", "See below", used_elsewhere},
    {"router_settings", mapping, "{}", "See below", used_elsewhere},
    {"environment_variables", mapping, "{}",
     "Exported before anything else is read; values may be os.environ/X", used_elsewhere},
    {"include", list, "",
     "Path or paths, relative to the main file; lists are appended, other keys overwrite", used_elsewhere},
    {"credential_list", list, "[]", "Rows {credential_name, credential_values} for litellm_credential_name",
     used_elsewhere},
    {"callback_settings", mapping, "", "Settings of callbacks"},
    {"guardrails", list, "", "Guardrails"},
    {"prompts", list, "", "Managed prompts"},
    {"mcp_servers", mapping, "", "MCP servers"},
    {"mcp_tools", list, "", "MCP tools"},
    {"vector_store_registry", list, "", "Vector stores"},
    {"search_tools", list, "", "Search tools"},
    {"files_settings", list, "", "Providers of the files API", put_files_settings},
    {"finetune_settings", list, "", "Providers of the fine-tuning API", put_finetune_settings},
    {"assistant_settings", mapping, "", "Provider of the assistants API"},
    {"default_vertex_config", mapping, "", "Vertex AI defaults of the pass-through routes"},
    {"policies", mapping, "", "Policies"},
    {"agent_list", list, "", "Agents"},
};

} // namespace

std::span<const Key> top_level_keys() { return k_keys; }

} // namespace switchyard::config
