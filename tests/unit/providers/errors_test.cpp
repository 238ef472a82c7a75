// Upstream failures in LiteLLM's words. The texts were taken from LiteLLM 1.106 itself, asked against a local
// mock (docs/providers.md, errors).
#include "unit/providers/support.hpp"

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

Case& azure() {
  static Case c([] {
    auto params = params_of("azure/dep");
    params.api_base = "https://r.openai.azure.com";
    return params;
  }());
  return c;
}

std::string error_body(std::string_view message, std::string_view type, std::string_view code) {
  return R"({"error":{"message":)" + json_string(message) + R"(,"type":)" + json_string(type) +
         R"(,"param":null,"code":)" + json_string(code) + "}}";
}

} // namespace

TEST(Errors, StatusTableOfCompatibleProviders) {
  struct Row {
    int status;
    Errc code;
    int http;
    std::string_view message;
  };
  static constexpr Row k_rows[] = {
      {400, Errc::bad_request, 400, "litellm.BadRequestError: OpenAIException - m"},
      {401, Errc::authentication, 401,
       "litellm.AuthenticationError: AuthenticationError: OpenAIException - m"},
      {403, Errc::api_error, 403, "litellm.APIError: APIError: OpenAIException - m"},
      {404, Errc::not_found, 404, "litellm.NotFoundError: NotFoundError: OpenAIException - m"},
      {408, Errc::timeout, 408, "litellm.Timeout: Timeout Error: OpenAIException - m"},
      {409, Errc::api_error, 409, "litellm.APIError: APIError: OpenAIException - m"},
      {422, Errc::bad_request, 422, "litellm.BadRequestError: OpenAIException - m"},
      {429, Errc::rate_limit, 429, "litellm.RateLimitError: RateLimitError: OpenAIException - m"},
      {500, Errc::internal_server, 500,
       "litellm.InternalServerError: InternalServerError: OpenAIException - m"},
      {502, Errc::bad_gateway, 502, "litellm.BadGatewayError: BadGatewayError: OpenAIException - m"},
      {503, Errc::service_unavailable, 503,
       "litellm.ServiceUnavailableError: ServiceUnavailableError: OpenAIException - m"},
      {504, Errc::gateway_timeout, 504, "litellm.Timeout: Timeout Error: OpenAIException - m"},
      {529, Errc::api_error, 529, "litellm.APIError: APIError: OpenAIException - m"},
  };
  Case c("openai/gpt-4o");
  for (auto& row : k_rows) {
    auto error = c.error(row.status, error_body("m", "t", "c"));
    EXPECT_EQ(error.code, row.code) << row.status;
    EXPECT_EQ(error.http_status(), row.http) << row.status;
    EXPECT_EQ(error.message, row.message);
  }
}

struct Text {
  int status;
  std::string body;
  Errc code;
  std::string_view message;
};
const Text k_texts[] = {
    {400, error_body("This model's maximum context length is 10 tokens", "invalid_request_error", "x"),
     Errc::context_window_exceeded,
     "litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: "
     "OpenAIException - "
     "This model's maximum context length is 10 tokens"},
    {400, error_body("bad", "invalid_request_error", "content_policy_violation"),
     Errc::content_policy_violation,
     "litellm.BadRequestError: litellm.ContentPolicyViolationError: ContentPolicyViolationError: "
     "OpenAIException "
     "- bad"},
    {404, error_body("The model x does not exist", "invalid_request_error", "model_not_found"),
     Errc::not_found, "litellm.NotFoundError: OpenAIException - The model x does not exist"},
    {401,
     error_body("Incorrect API key provided: sk-abcdefghijklmnop", "invalid_request_error",
                "invalid_api_key"),
     Errc::authentication,
     "litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided: "
     "sk-***"},
    {413, error_body("Request too large", "x", "y"), Errc::rate_limit,
     "litellm.RateLimitError: RateLimitError: OpenAIException - Request too large"},
    {500, error_body("The server had an error processing your request.", "x", "y"), Errc::internal_server,
     "litellm.InternalServerError: OpenAIException - The server had an error processing your request."},
    {400, error_body("Invalid prompt: violating our usage policy", "x", "y"), Errc::content_policy_violation,
     "litellm.BadRequestError: litellm.ContentPolicyViolationError: ContentPolicyViolationError: "
     "OpenAIException "
     "- Invalid prompt: violating our usage policy"},
    {400, error_body("Rate-limit reached", "x", "y"), Errc::rate_limit,
     "litellm.RateLimitError: RateLimitError: OpenAIException - Rate-limit reached"},
    {400, error_body("code 429 in text", "x", "y"), Errc::bad_request,
     "litellm.BadRequestError: OpenAIException - code 429 in text"},
    {500, error_body("Request timed out", "x", "y"), Errc::timeout,
     "litellm.Timeout: Timeout Error: OpenAIException - Request timed out"},
};

TEST(Errors, TextsDecideBeforeStatus) {
  Case c("openai/gpt-4o");
  for (auto& row : k_texts) {
    auto error = c.error(row.status, row.body);
    EXPECT_EQ(error.code, row.code) << row.body;
    EXPECT_EQ(error.message, row.message);
  }
}

TEST(Errors, BadRequestsKeepTheUpstreamsStatus) {
  Case c("openai/gpt-4o");
  for (int status : {400, 401, 403, 404, 422, 500}) {
    auto error = c.error(status, error_body("no key given", "invalid_request_error", "x"));
    EXPECT_EQ(error.code, Errc::bad_request) << status;
    EXPECT_EQ(error.http_status(), status);
  }
  EXPECT_EQ(c.error(429, error_body("slow", "invalid_request_error", "x")).code, Errc::rate_limit);
}

TEST(Errors, BodiesThatAreNotOpenAIs) {
  Case c("openai/gpt-4o");
  EXPECT_EQ(c.error(500, "").message,
            "litellm.InternalServerError: InternalServerError: OpenAIException - Error code: 500");
  EXPECT_EQ(c.error(400, "plain text\n").message, "litellm.BadRequestError: OpenAIException - plain text");
  EXPECT_EQ(c.error(400, R"({"message":"flat"})").message, "litellm.BadRequestError: OpenAIException - flat");
  EXPECT_EQ(c.error(400, R"({"detail":"det"})").message, "litellm.BadRequestError: OpenAIException - det");
  EXPECT_EQ(c.error(502,
                    "<html><head><title>502 Bad Gateway</title><style>a{}</style></head><body><h1>502\n Bad "
                    "Gateway</h1></body></html>")
                .message,
            "litellm.BadGatewayError: BadGatewayError: OpenAIException - 502 Bad Gateway 502 Bad Gateway");
}

TEST(Errors, AzuresWords) {
  EXPECT_EQ(azure().error(401, error_body("m", "t", "c")).message,
            "litellm.AuthenticationError: AzureException AuthenticationError - m");
  EXPECT_EQ(azure().error(400, error_body("m", "t", "c")).message,
            "litellm.BadRequestError: AzureException - m");
  EXPECT_EQ(azure().error(400, error_body("m", "invalid_request_error", "c")).message,
            "litellm.BadRequestError: AzureException BadRequestError - m");
  EXPECT_EQ(azure().error(500, error_body("m", "t", "c")).message,
            "litellm.APIError: AzureException APIError - m");
  EXPECT_EQ(azure().error(404, error_body("gone", "t", "DeploymentNotFound")).message,
            "litellm.NotFoundError: AzureException NotFoundError - gone");
  auto filtered = azure().error(
      400,
      R"({"error":{"message":"filtered","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}})");
  EXPECT_EQ(filtered.code, Errc::content_policy_violation);
  EXPECT_EQ(filtered.message, "litellm.BadRequestError: litellm.ContentPolicyViolationError: filtered");
  EXPECT_NE(filtered.extra().provider_fields.find(R"("innererror":{"code":"ResponsibleAIPolicyViolation"})"),
            std::string::npos);
}

TEST(Errors, OtherFamilies) {
  const auto body = error_body("m", "t", "c");
  EXPECT_EQ(Case("groq/x").error(500, body).message,
            "litellm.InternalServerError: InternalServerError: GroqException - " + body);
  EXPECT_EQ(Case("openrouter/x").error(502, body).code, Errc::api_error);
  EXPECT_EQ(Case("ovhcloud/x").error(403, body).message,
            "litellm.PermissionDeniedError: OvhcloudException - " + body);
  EXPECT_EQ(Case("ovhcloud/x").error(418, body).code, Errc::bad_request);
  EXPECT_EQ(Case("deepinfra/x").error(400, body).message, "litellm.BadRequestError: DeepinfraException - m");
  auto params = params_of("litellm_proxy/x");
  params.api_base = "http://h";
  EXPECT_EQ(Case(params).error(400, error_body("litellm.RateLimitError: slow down", "t", "c")).code,
            Errc::rate_limit);
}

TEST(Errors, KeysAreNeverEchoed) {
  Case c(params_of("groq/x", "gsk_0123456789abcdef"));
  auto text =
      c.error(401, R"({"error":"bad key gsk_0123456789abcdef or sk-proj-abcdefghijkl, task-force-alpha"})");
  EXPECT_NE(text.message.find("bad key *** or sk-***, task-force-alpha"), std::string::npos) << text.message;
}

TEST(Errors, RetryAfterInAllItsForms) {
  Case c("openai/g");
  auto wait = [&c](std::string_view headers) { return c.error(429, "", headers).retry_after.count(); };
  EXPECT_EQ(wait("Retry-After: 7\r\n"), 7000);
  EXPECT_EQ(wait("retry-after: 0.5\r\n"), 500);
  EXPECT_EQ(wait("retry-after: 7\r\nretry-after-ms: 250\r\n"), 250);
  EXPECT_EQ(wait("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n"),
            30000);
  EXPECT_EQ(wait("Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n"), -1);
  EXPECT_EQ(wait("Retry-After: soon\r\n"), -1);
  EXPECT_EQ(wait("Retry-After: -5\r\n"), -1);
  EXPECT_EQ(wait("X: y\r\n"), -1);
  EXPECT_EQ(c.error(429, "", "A: b\r\n").extra().upstream_headers, "A: b\r\n");
}

TEST(Errors, NetworkFailures) {
  Case c("groq/x");
  auto refused = network_error(*c.ready.target, Errc::api_connection, "");
  EXPECT_EQ(refused.message,
            "litellm.APIConnectionError: APIConnectionError: GroqException - Connection error.");
  EXPECT_EQ(refused.http_status(), 500);
  auto late = network_error(*c.ready.target, Errc::timeout, "");
  EXPECT_EQ(late.message,
            "litellm.Timeout: APITimeoutError - Request timed out. Error_str: Request timed out.");
  EXPECT_EQ(late.http_status(), 408);
}
