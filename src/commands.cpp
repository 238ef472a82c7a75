// --validate_config, --test and --health.
#include "commands.hpp"

#include <switchyard/environment.hpp>
#include <switchyard/json_scan.hpp>
#include <switchyard/provider.hpp>
#include <switchyard/version.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <cstdio>
#include <iostream>

namespace switchyard {

namespace {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

struct Address {
  std::string host, port, prefix;
};

/// "http://host:port/prefix" in pieces; the server of the command line or the configuration when `url` is
/// empty.
Result<Address> server_address(const config::CommandLine& command_line, const Config* config) {
  Address address{"127.0.0.1", "4000", ""};
  std::string url = command_line.test_url;
  if (url.empty()) {
    if (config) address.port = std::to_string(config->server.port);
    if (command_line.port) address.port = std::to_string(*command_line.port);
    if (command_line.host && *command_line.host != "0.0.0.0") address.host = *command_line.host;
    return address;
  }
  Error error;
  error.code = Errc::config;
  error.message = "--test: only http:// URLs can be tested, got '" + url + "'";
  if (url.rfind("http://", 0) != 0) return error;
  url.erase(0, 7);
  auto slash = url.find('/');
  if (slash != std::string::npos) address.prefix = url.substr(slash), url.erase(slash);
  while (address.prefix.ends_with('/')) address.prefix.pop_back();
  auto colon = url.rfind(':');
  address.host = url.substr(0, colon);
  address.port = colon == std::string::npos ? "80" : url.substr(colon + 1);
  return address;
}

/// One blocking HTTP call; prints the answer. The exit code: 0 for 2xx.
int call_server(const Address& address, bhttp::verb verb, std::string target, std::string body,
                const Config* config) try {
  boost::asio::io_context context;
  boost::asio::ip::tcp::resolver resolver(context);
  boost::asio::ip::tcp::socket socket(context);
  boost::asio::connect(socket, resolver.resolve(address.host, address.port));
  bhttp::request<bhttp::string_body> request{verb, address.prefix + target, 11};
  request.set(bhttp::field::host, address.host + ":" + address.port);
  request.set(bhttp::field::user_agent, "switchyard/" + std::string(k_version));
  if (config && !config->general.master_key.empty())
    request.set(bhttp::field::authorization, "Bearer " + std::string(config->general.master_key.reveal()));
  if (!body.empty()) request.set(bhttp::field::content_type, "application/json");
  request.body() = std::move(body);
  request.prepare_payload();
  bhttp::write(socket, request);
  beast::flat_buffer buffer;
  bhttp::response_parser<bhttp::string_body> parser;
  parser.body_limit(64 * 1024 * 1024);
  bhttp::read(socket, buffer, parser);
  auto& reply = parser.get();
  std::cout << reply.result_int() << " " << reply.reason() << "\n" << reply.body() << "\n";
  return reply.result_int() / 100 == 2 ? 0 : 1;
} catch (const std::exception& e) {
  std::cerr << "no answer from http://" << address.host << ":" << address.port << target << ": " << e.what()
            << "\n";
  return 1;
}

int with_address(const config::CommandLine& command_line, const Config* config, bhttp::verb verb,
                 std::string target, std::string body) {
  auto address = server_address(command_line, config);
  if (address) return call_server(*address, verb, std::move(target), std::move(body), config);
  std::cerr << address.error().message << "\n";
  return 2;
}

} // namespace

std::vector<std::string> check_providers(const Config& config) {
  std::vector<std::string> problems;
  for (auto& row : config.models) {
    if (row.params.model == "*") continue; // the provider is told per request
    auto prepared = providers::prepare(row.params, row.params.model, environment_or_empty);
    if (prepared) continue;
    std::string file = row.place.file < config.files.size() ? config.files[row.place.file] : "";
    problems.push_back(file + ":" + std::to_string(row.place.line) + ": model_list row '" + row.model_name +
                       "': " + prepared.error().message);
  }
  return problems;
}

int validate_config(const config::LoadOptions& options) {
  auto loaded = config::load(options);
  if (!loaded) {
    std::cerr << loaded.error().message << "\n";
    return 1;
  }
  auto problems = check_providers(**loaded);
  for (auto& warning : (*loaded)->warnings) std::cout << "warning: " << warning << "\n";
  for (auto& problem : problems) std::cout << "warning: " << problem << " (row skipped)\n";
  std::cout << "The configuration is valid: " << (*loaded)->models.size() - problems.size()
            << " deployment(s).\n";
  return 0;
}

int run_test(const config::CommandLine& command_line, const Config* config) {
  std::string model = command_line.model.empty() ? "gpt-3.5-turbo" : command_line.model;
  if (command_line.model.empty() && config && !config->models.empty())
    model = config->models.front().model_name;
  auto body =
      "{\"model\":" + json_string(model) +
      ",\"messages\":[{\"role\":\"user\",\"content\":\"this is a test request, write a short poem\"}]}";
  return with_address(command_line, config, bhttp::verb::post, "/v1/chat/completions", body);
}

int run_health(const config::CommandLine& command_line, const Config* config) {
  return with_address(command_line, config, bhttp::verb::get, "/health", {});
}

} // namespace switchyard
