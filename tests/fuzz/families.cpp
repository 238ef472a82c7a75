// Own-format providers and the bridges in front of them: requests of clients and answers of upstreams, any
// bytes. The first byte chooses the provider, the second the client's API, the third what is done; a stream
// is a line per event,
// "<event>\t<data>".
#include <switchyard/credentials.hpp>
#include <switchyard/provider.hpp>

#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace switchyard;
using namespace switchyard::providers;

namespace {

std::string no_environment(std::string_view) { return {}; }

Prepared make(const char* model) {
  LitellmParams params;
  params.model = model;
  params.api_key = Secret("sk-fuzz-upstream-key");
  params.api_base = "https://upstream.example/v2/models/m/generate"; // Triton wants a whole path
  const auto text = [](const char* value) { return Value(std::string(value)); };
  params.raw = {{"aws_access_key_id", text("AKID")},
                {"aws_secret_access_key", text("secret")},
                {"aws_region_name", text("us-east-1")},
                {"vertex_project", text("p")},
                {"vertex_location", text("us-central1")},
                {"project_id", text("p")},
                {"token", text("t")},
                {"tenant_id", text("t")}};
  auto ready = prepare(params, params.model, no_environment);
  if (!ready) std::fprintf(stderr, "%s: %s\n", model, ready.error().message.c_str()), std::abort();
  return *ready;
}

const std::vector<Prepared>& targets() {
  static const auto k_targets = [] {
    std::vector<Prepared> all;
    for (auto* model :
         {"anthropic/claude-sonnet-4-5", "anthropic_text/claude-2",
          "bedrock/converse/anthropic.claude-3-5-sonnet-20240620-v1:0",
          "bedrock/invoke/meta.llama3-8b-instruct-v1:0", "bedrock/amazon.titan-embed-text-v2:0",
          "sagemaker/endpoint", "gemini/gemini-2.5-flash", "gemini/gemini-3-pro", "cohere_chat/command-r",
          "cohere_chat/v1/command-r", "huggingface/tgi", "replicate/a/b", "ollama/m", "ollama_chat/m",
          "cloudflare/m", "databricks/m", "nlp_cloud/m", "aleph_alpha/m", "predibase/m", "triton/m",
          "voyage/m", "jina_ai/m", "openai/gpt-4o",
          // Appended, so that the corpus goes on meaning what it meant.
          "mistral/magistral-medium-2506", "groq/qwen3", "text-completion-codestral/codestral-latest",
          "watsonx_text/ibm/granite-13b-instruct-v2", "petals/petals-team/StableBeluga2",
          "bytez/google/gemma-3-4b-it", "ai21/j2-ultra", "snowflake/claude-3-5-sonnet",
          "baseten_predict/qvv0xeq", "palm/chat-bison-001", "palm/text-bison-001", "vertex_ai/gemini-2.5-pro",
          "vertex_ai/claude-sonnet-4-5@20250929", "vertex_ai/chat-bison@002", "vertex_ai/mistral-large@2411",
          "azure_ai/claude-sonnet-4-5", "bedrock/invoke/anthropic.claude-3-sonnet-20240229-v1:0",
          "bedrock/amazon.titan-text-express-v1", "bedrock/cohere.command-text-v14",
          "bedrock/invoke/cohere.command-r-v1:0", "bedrock/mistral.mistral-7b-instruct-v0:2",
          "bedrock/invoke/us.amazon.nova-lite-v1:0", "bedrock/invoke/ai21.jamba-1-5-mini-v1:0",
          "bedrock/ai21.j2-mid-v1", "bedrock/cohere.rerank-v3-5:0", "bedrock/stability.sd3-5-large-v1:0",
          "cohere/command-nightly", "huggingface/meta-llama/Llama-3.1-8B-Instruct",
          "infinity/BAAI/bge-reranker"})
      all.push_back(make(model));
    return all;
  }();
  return k_targets;
}

constexpr Endpoint k_endpoints[] = {Endpoint::chat,     Endpoint::completions,       Endpoint::embeddings,
                                    Endpoint::messages, Endpoint::generate_content,  Endpoint::responses,
                                    Endpoint::rerank,   Endpoint::images_generations};

void decode_stream(const Provider& provider, const Target& target, const Call& call, std::string_view text) {
  auto decoder = provider.stream(target, call, "alias");
  if (!decoder) return;
  StreamEvent event;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto tab = line.find('\t');
    const auto name = tab == std::string_view::npos ? std::string_view{} : line.substr(0, tab);
    decoder->on_event(line, name, tab == std::string_view::npos ? line : line.substr(tab + 1), event);
    if (event.error.code != Errc::none || event.done) return;
  }
  decoder->finish(event);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 3, size - 3);
  auto& target = *targets()[data[0] % targets().size()].target;
  Call call;
  call.endpoint = k_endpoints[data[1] % std::size(k_endpoints)];
  call.model = target.model, call.call_id = "id1", call.stream = (data[2] & 1) != 0,
  call.stream_usage_wanted = true;
  call.drop_params = (data[2] & 2) != 0;
  static const Token token{Secret("token"), "AKID", Secret("secret"), {}, "project"};
  if (target.tokens) call.token = &token;
  auto* provider = translator_for(target, call.endpoint);
  if (!provider) return 0;
  ObjectScan scan;
  const std::string_view body =
      (data[2] & 4) != 0
          ? text
          : R"({"model":"m","messages":[{"role":"user","content":"hi"}],"input":"hi","query":"q","documents":["a","b"]})";
  if (!scan_object(body, scan)) return 0;
  call.json = &scan, call.body = body;
  Wire wire;
  if (auto made = provider->encode(target, call, wire);
      made && wire.head.find("\r\n\r\n") == std::string::npos)
    std::abort();
  if ((data[2] & 4) != 0) return 0;
  const UpstreamAnswer answer{200, "application/json", {}, text};
  Decoded decoded;
  (void)provider->decode(target, call, answer, "alias", decoded);
  if (call.stream) (void)provider->stream_whole(target, call, answer, "alias", decoded);
  (void)provider->map_error(target, UpstreamAnswer{400, "application/json", {}, text});
  decode_stream(*provider, target, call, text);
  return 0;
}
