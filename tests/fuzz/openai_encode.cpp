// Fuzz target: any bytes as a JSON body, a multipart body, an answer, an error and a stream's events. Checks
// that an edited body is still one JSON object that names the deployment's model. libFuzzer, one thread.
#include <switchyard/provider.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>

using namespace switchyard;
using namespace switchyard::providers;

namespace {

std::string no_env(std::string_view) { return {}; }

Prepared make(const char* model, const char* base) {
  LitellmParams params;
  params.model = model;
  params.api_base = base;
  params.api_key = Secret("sk-fuzz-0123456789");
  params.additional_drop_params = {"top_k", "tools[*].x", "a.b[0].c"};
  params.defaults = {{"temperature", "0.5"}};
  auto ready = prepare(params, model, no_env);
  if (!ready) std::abort();
  return *ready;
}

const std::array<Prepared, 6>& targets() {
  static const std::array<Prepared, 6> k_targets{
      make("openai/gpt-5", "http://h/v1"), make("mistral/m", ""), make("groq/m", ""), make("moonshot/m", ""),
      make("azure/*", "http://h"),         make("dummy/m", "")};
  return k_targets;
}

std::string joined(const TextSlices& pieces) {
  std::string out;
  for (auto piece : pieces) out += piece;
  return out;
}

// A body never authorises one model and forwards another.
void check_body(const std::string& body, std::string_view model) {
  ObjectScan scan;
  if (!scan_object(body, scan)) std::abort();
  auto* field = scan.find("model");
  if (!field || scan.raw(*field) != json_string(model)) std::abort();
}

void encode(const Prepared& ready, Call& call, std::string_view bytes) {
  Wire wire;
  ObjectScan scan;
  if (scan_object(bytes, scan)) {
    call.json = &scan;
    if (ready.provider->encode(*ready.target, call, wire)) check_body(joined(wire.body), call.model);
    if (ready.target->answers_locally)
      (void)ready.provider->local_answer(*ready.target, call, "alias", "id", 1);
  }
  call.json = nullptr;
  call.content_type = "multipart/form-data; boundary=b";
  (void)ready.provider->encode(*ready.target, call, wire);
}

void decode(const Prepared& ready, Call& call, std::string_view bytes) {
  Decoded decoded;
  UpstreamAnswer answer{200, "application/json", bytes, bytes};
  if (ready.provider->decode(*ready.target, call, answer, "alias", decoded)) (void)joined(decoded.body);
  for (int status : {400, 429, 500}) {
    answer.status = status;
    (void)to_json(ready.provider->map_error(*ready.target, answer));
  }
}

void stream(const Prepared& ready, Call& call, std::string_view bytes) {
  auto decoder = ready.provider->stream(*ready.target, call, "alias");
  StreamEvent event;
  while (!bytes.empty()) {
    auto line = bytes.substr(0, bytes.find("\n\n"));
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 2));
    decoder->on_event(line, {}, line, event);
    (void)joined(event.data);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  auto& ready = targets()[data[0] % targets().size()];
  std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  Call call;
  call.endpoint = static_cast<Endpoint>(data[1] % static_cast<unsigned>(Endpoint::k_count));
  call.model = ready.target->model;
  if (call.model == "*") call.model = "star/../name";
  call.stream = (data[1] & 0x40) != 0;
  call.stream_usage_wanted = (data[1] & 0x80) != 0;
  call.body = bytes;
  encode(ready, call, bytes);
  decode(ready, call, bytes);
  stream(ready, call, bytes);
  return 0;
}
