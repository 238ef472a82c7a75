// Fuzz target: the configuration loader from bytes. Whatever the bytes are, it loads or says why; a config
// that loads has a diff against itself that is empty. No file is read and no variable is set.
#include <switchyard/config_loader.hpp>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace switchyard;
  config::Environment environment;
  environment.get = [](const std::string& name) -> std::optional<std::string> {
    if (name.size() % 3 == 0) return name;
    return std::nullopt;
  };
  environment.set = [](const std::string&, const std::string&) {};
  environment.read_file = [](const std::string& path) -> Result<std::string> {
    if (path.ends_with("b.yaml"))
      return std::string("model_list: [{model_name: b, litellm_params: {model: b}}]");
    Error error{Errc::config};
    error.message = "refused";
    return error;
  };
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto loaded = config::load_text("config.yaml", bytes, environment);
  if (!loaded) {
    if (loaded.error().message.empty()) std::abort();
    return 0;
  }
  if (!config::diff(**loaded, **loaded).empty()) std::abort();
  return 0;
}
