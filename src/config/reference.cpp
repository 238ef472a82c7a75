// docs/config.md, written from the tables of keys and options. Pure.
#include "config/command_line.hpp"
#include "config/keys.hpp"

#include <switchyard/config_loader.hpp>

namespace switchyard::config {
namespace {

constexpr std::string_view k_intro = R"(# Configuration reference

Written by `switchyard --print-config-reference`; do not edit.

Switchyard reads LiteLLM's `config.yaml`. Every key that LiteLLM knows is listed here. "no" under *built* means that this
release accepts the key, names it in one warning at the start, and does nothing with it. A key that is in none of
these tables is warned about with the closest known name.

Order: defaults, environment variables, the file (`litellm_settings`, then `general_settings`, then `router_settings`), the
command line; the later one wins. A string `os.environ/NAME` stands for that environment variable wherever it is written;
when it is not set the value is null and a warning says where.

A bad row of `model_list` is skipped with a warning. Anything else that is wrong stops the start, with all problems at
once; on a reload it changes nothing.
)";

/// `|` would end a cell, `*` and `<` would be markup.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '<') out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) { return text.empty() ? "" : "`" + std::string(text) + "`"; }

void append_keys(std::string& out, const Section& section) {
  out += section.name.empty() ? "\n## Top level\n\n" : "\n## " + std::string(section.name) + "\n\n";
  out.append(section.help)
      .append("\n\n| key | type | default | built | what it does |\n|---|---|---|---|---|\n");
  for (const Key& key : section.keys)
    out.append("| ")
        .append(code(key.name))
        .append(" | ")
        .append(type_name(key.type))
        .append(" | ")
        .append(cell(key.fallback))
        .append(" | ")
        .append(key.built() ? "yes" : "no")
        .append(" | ")
        .append(cell(key.help))
        .append(" |\n");
}

void append_options(std::string& out) {
  out += "\n## Command line\n\n| option | value | default | has an effect | what it does "
         "|\n|---|---|---|---|---|\n";
  for (const Option& option : options())
    out.append("| ")
        .append(code(option.names))
        .append(" | ")
        .append(option.type)
        .append(" | ")
        .append(cell(option.fallback))
        .append(" | ")
        .append(option.set ? "yes" : "no")
        .append(" | ")
        .append(cell(option.help))
        .append(" |\n");
}

} // namespace

std::string reference_markdown() {
  std::string out(k_intro);
  for (const Section& section : sections()) append_keys(out, section);
  append_options(out);
  return out;
}

} // namespace switchyard::config
