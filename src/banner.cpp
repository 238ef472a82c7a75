// The start-up banner.
#include "banner.hpp"

#include <switchyard/log.hpp>
#include <switchyard/version.hpp>

#include <cstdio>

namespace switchyard {

std::string server_url(const Config& config, std::uint16_t port) {
  auto& server = config.server;
  bool v6 = server.host.find(':') != std::string::npos;
  std::string scheme = server.ssl_certfile_path.empty() ? "http://" : "https://";
  return scheme + (v6 ? "[" + server.host + "]" : server.host) + ":" + std::to_string(port) +
         server.root_path;
}

void print_banner(const Config& config, const Routing& routing, const std::vector<std::string>& warnings,
                  std::uint16_t port) {
  for (auto& warning : warnings) log::warning("config", {{"warning", warning}});
  std::string text =
      "Switchyard " + std::string(k_version) + "\nLiteLLM: Proxy initialized with Config, Set models:\n";
  for (auto& group : routing.groups()) {
    text += "    " + group->name;
    if (group->deployments.size() > 1)
      text += "  (" + std::to_string(group->deployments.size()) + " deployments)";
    text += '\n';
  }
  if (routing.groups().empty()) text += "    (none: add a model_list to the config)\n";
  if (config.general.master_key.empty())
    text += "No master key is set: everybody who reaches this address may use it.\n";
  text += "Listening on " + server_url(config, port) + "\n";
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

} // namespace switchyard
