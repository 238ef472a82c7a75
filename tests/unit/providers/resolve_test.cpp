// Model string to provider (spec providers.md 2), and what prepare() refuses.
#include "unit/providers/support.hpp"

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

struct Name {
  std::string_view model, custom, base, provider;
};
constexpr Name k_names[] = {
    {"openai/gpt-4o", "", "", "openai"},
    {"gpt-4o", "", "", "openai"},
    {"gpt-99-future", "", "", "openai"},
    {"o1", "", "", "openai"},
    {"o3-mini", "", "", "openai"},
    {"ft:gpt-3.5-turbo:acme", "", "", "openai"},
    {"text-embedding-ada-002", "", "", "openai"},
    {"dall-e-3", "", "", "openai"},
    {"whisper-1", "", "", "openai"},
    {"omni-moderation-latest", "", "", "openai"},
    {"gpt-3.5-turbo-instruct", "", "", "text-completion-openai"},
    {"*", "", "", "openai"},
    {"groq/llama-3.1-8b", "", "", "groq"},
    {"openrouter/anthropic/claude-3", "", "", "openrouter"},
    {"claude-3-5-sonnet-20240620", "", "", "anthropic"},
    {"anthropic/claude-2.1", "", "", "anthropic_text"},
    {"gemini-1.5-pro", "", "", "vertex_ai"},
    {"command-r-plus", "", "", "cohere_chat"},
    {"command-nightly", "", "", "cohere"},
    {"jamba-1.5-large", "", "", "ai21_chat"},
    {"ai21/jamba-large", "", "", "ai21_chat"},
    {"ai21/j2-mid", "", "", "ai21"},
    {"baseten/qvv0xeq", "", "", "baseten_predict"},
    {"baseten/abcd1234", "", "", "baseten"},
    {"azure_ai/claude-sonnet-4-5", "", "", "azure_anthropic"},
    {"azure/claude-opus", "", "https://r.services.ai.azure.com/anthropic", "azure_anthropic"},
    {"azure/claude-opus", "", "https://r.openai.azure.com", "azure"},
    {"anthropic.claude-v2", "", "", "bedrock"},
    {"us.amazon.nova-pro-v1:0", "", "", "bedrock"},
    {"dolphin", "", "", "nlp_cloud"},
    {"azure/mistral/large", "", "", "openai"},
    {"llama3", "", "https://api.groq.com/openai/v1", "groq"},
    {"llama3", "ollama", "", "ollama"},
    {"ollama/llama2", "", "", "ollama"},
    {"a/model:0123456789012345678901234567890123456789012345678901234567890123", "", "", "replicate"},
    {"deepseek-chat", "", "", ""},
    {"nope", "", "", ""},
    {"nope/x", "", "", ""},
    {"mistral", "", "", ""},
};

} // namespace

TEST(Resolve, FindsTheProviderOfAModelString) {
  for (auto& row : k_names)
    EXPECT_EQ(provider_name(row.model, row.custom, row.base), row.provider) << row.model;
}

TEST(Prepare, KeepsTheRestOfTheName) {
  EXPECT_EQ(Case("openai/facebook/opt-125m").ready.target->model, "facebook/opt-125m");
  auto params = params_of("openai/gpt-4o");
  params.custom_llm_provider = "openai";
  EXPECT_EQ(Case(params).ready.target->model, "gpt-4o");
  params.model = "some/model";
  EXPECT_EQ(Case(params).ready.target->model, "some/model");
  EXPECT_EQ(Case("azure/mistral/large").ready.target->model, "azure/mistral/large");
}

TEST(Prepare, NamesWhatIsWrong) {
  struct Row {
    std::string model, base, says, field;
  };
  const Row rows[] = {
      {"nope/x", "", "You passed model=nope/x", "model"},
      {"oci/x", "", "provider 'oci' is not built yet (model oci/x)", "model"},
      {"hosted_vllm/x", "", "set litellm_params.api_base or HOSTED_VLLM_API_BASE", "api_base"},
      {"azure/x", "your-azure-api-base", "is not a URL", "api_base"},
      {"openai/x", "ftp://host/v1", "neither http nor https", "api_base"},
      {"ragflow/x", "http://h", "chat/<id>/<model>", "model"},
  };
  for (auto& row : rows) {
    auto params = params_of(row.model);
    params.api_base = row.base;
    auto ready = prepare(params, params.model, lookup);
    ASSERT_FALSE(ready.has_value()) << row.model;
    EXPECT_EQ(ready.error().code, Errc::config);
    EXPECT_EQ(ready.error().extra().param, row.field);
    EXPECT_NE(ready.error().message.find(row.says), std::string::npos) << ready.error().message;
  }
}

TEST(Prepare, RefusesHeaderInjectionWithoutEchoingTheKey) {
  auto params = params_of("openai/gpt-4o", "sk-secret\r\nX-Evil: 1");
  auto ready = prepare(params, params.model, lookup);
  ASSERT_FALSE(ready.has_value());
  EXPECT_EQ(ready.error().extra().param, "api_key");
  EXPECT_EQ(ready.error().message.find("sk-secret"), std::string::npos);
}

TEST(Prepare, AzureClientSecretsMakeAPlanAndLackingOnesAnError) {
  auto params = params_of("azure/x", "");
  params.api_base = "https://r.openai.azure.com";
  params.raw.emplace_back("client_id", Value(std::string("c")));
  params.raw.emplace_back("client_secret", Value(std::string("s")));
  params.raw.emplace_back("tenant_id", Value(std::string("t")));
  auto ready = prepare(params, params.model, lookup);
  ASSERT_TRUE(ready.has_value()) << ready.error().message;
  EXPECT_NE(ready->target->tokens, nullptr);
  params.api_key = Secret("key"); // goes first
  ready = prepare(params, params.model, lookup);
  ASSERT_TRUE(ready.has_value());
  EXPECT_EQ(ready->target->tokens, nullptr);
}

TEST(Prepare, MockedRowsNeedNoProvider) {
  auto params = params_of("anthropic/claude-3", "");
  params.mock_response = "hi";
  Case mocked(params);
  EXPECT_TRUE(mocked.ready.target->answers_locally);
  EXPECT_EQ(mocked.ready.target->provider, "anthropic");
}

TEST(Registry, EveryRowIsUsableAndListed) {
  auto names = known_providers();
  EXPECT_GE(names.size(), 80u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  // Rows that only tell a route or a format of a provider with another name.
  const std::map<std::string_view, std::string_view> others{
      {"ai21", "ai21_chat"}, {"azure_anthropic", "azure_ai"}, {"baseten_predict", "baseten"}};
  for (auto name : names) {
    auto model = std::string(name) + (name == "ragflow" ? "/chat/id/m" : "/m");
    auto params = params_of(model);
    environment["PREDIBASE_TENANT_ID"] = "t";
    params.api_base = "http://127.0.0.1:9/generate";
    auto ready = prepare(params, model, lookup);
    ASSERT_TRUE(ready.has_value()) << name << ": " << ready.error().message;
    EXPECT_EQ(ready->target->provider, others.count(name) ? others.at(name) : name);
    EXPECT_TRUE(ready->provider->supports(*ready->target, Endpoint::chat) ||
                ready->provider->supports(*ready->target, Endpoint::completions) ||
                ready->provider->supports(*ready->target, Endpoint::embeddings))
        << name;
  }
}

TEST(Registry, ReadsBaseAndKeyFromTheEnvironmentInOrder) {
  auto params = params_of("together_ai/m", "");
  environment["TOGETHER_AI_API_KEY"] = "second";
  environment["TOGETHER_AI_API_BASE"] = "http://h:81/x/";
  Case one(params);
  one.send(R"({"model":"m"})");
  ASSERT_TRUE(one.encode().has_value());
  EXPECT_NE(one.wire.head.find("POST /x/chat/completions HTTP/1.1\r\nHost: h:81\r\n"), std::string::npos);
  EXPECT_NE(one.wire.head.find("Authorization: Bearer second\r\n"), std::string::npos);
  environment["TOGETHER_API_KEY"] = "first";
  Case two(params);
  two.send(R"({"model":"m"})");
  ASSERT_TRUE(two.encode().has_value());
  EXPECT_NE(two.wire.head.find("Bearer first\r\n"), std::string::npos);
}
