// The error table is total, and its bodies are what OpenAI's and FastAPI's clients expect.
#include <switchyard/error.hpp>
#include <switchyard/json_scan.hpp>

#include <gtest/gtest.h>

namespace switchyard {
namespace {

constexpr int k_codes = static_cast<int>(Errc::k_count);

TEST(ErrorTable, HasASensibleRowForEveryCode) {
  for (int i = 1; i < k_codes; ++i) {
    const ErrorRow& row = describe(static_cast<Errc>(i));
    EXPECT_EQ(row.code, static_cast<Errc>(i));
    EXPECT_FALSE(row.name.empty()) << i;
    EXPECT_GE(row.status, 400) << row.name;
    EXPECT_LE(row.status, 504) << row.name;
    EXPECT_TRUE(row.fixed_by == "client" || row.fixed_by == "operator" || row.fixed_by == "provider" ||
                row.fixed_by == "us");
  }
  EXPECT_EQ(describe(static_cast<Errc>(250)).status, 500);
  EXPECT_EQ(describe(Errc::k_count).status, 500);
}

TEST(ErrorTable, RetriesFollowLiteLlmsGate) {
  for (int i = 1; i < k_codes; ++i) {
    const ErrorRow& row = describe(static_cast<Errc>(i));
    const bool upstream = i <= static_cast<int>(Errc::api_connection);
    const int s = row.status;
    const bool gate = s == 401 || s == 403 || s == 408 || s == 409 || s == 429 || s >= 500;
    EXPECT_EQ(row.retryable, upstream && gate) << row.name;
  }
}

TEST(ErrorTable, EdgeStatuses) {
  const std::pair<Errc, int> cases[] = {
      {Errc::timeout, 408},        {Errc::gateway_timeout, 504}, {Errc::rate_limit, 429},
      {Errc::no_deployments, 429}, {Errc::unknown_model, 400},   {Errc::malformed_http, 400},
      {Errc::missing_key, 401},    {Errc::wrong_key, 401},       {Errc::forbidden, 403},
      {Errc::unknown_route, 404},  {Errc::wrong_method, 405},    {Errc::body_too_large, 413},
      {Errc::head_too_large, 431}, {Errc::client_timeout, 408},  {Errc::unsupported_encoding, 415},
      {Errc::overloaded, 503},     {Errc::unavailable, 503}};
  for (const auto& [code, status] : cases) EXPECT_EQ(describe(code).status, status) << describe(code).name;
}

TEST(ErrorBody, OpenAiShape) {
  EXPECT_EQ(to_json(Error{Errc::rate_limit, "slow down"}),
            R"({"error":{"message":"slow down","type":"throttling_error","param":null,"code":"429"}})");
  EXPECT_EQ(to_json(Error{Errc::bad_request, "no"}),
            R"({"error":{"message":"no","type":null,"param":null,"code":"400"}})");
  EXPECT_EQ(to_json(Error{Errc::wrong_key, "who?"}),
            R"({"error":{"message":"who?","type":"auth_error","param":"None","code":"401"}})");
}

TEST(ErrorBody, TheErrorOverridesTheTable) {
  Error error{Errc::api_error, "teapot", 418};
  error.extra().type = "odd", error.extra().param = "content-length",
  error.extra().provider_fields = R"({"innererror":{}})";
  EXPECT_EQ(error.http_status(), 418);
  EXPECT_EQ(to_json(error),
            R"({"error":{"message":"teapot","type":"odd","param":"content-length","code":"418",)"
            R"("provider_specific_fields":{"innererror":{}}}})");
}

TEST(ErrorBody, DetailShape) {
  EXPECT_EQ(to_json(Error{Errc::unknown_route}), R"({"detail":"Not Found"})");
  EXPECT_EQ(to_json(Error{Errc::wrong_method}), R"({"detail":"Method Not Allowed"})");
  EXPECT_EQ(to_json(Error{Errc::unknown_route, "no such thing"}), R"({"detail":"no such thing"})");
}

TEST(ErrorBody, IsJsonForAnyMessageBytes) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  ObjectScan scan;
  for (int i = 1; i < k_codes; ++i) {
    const std::string body = to_json(Error{static_cast<Errc>(i), bytes});
    EXPECT_TRUE(scan_object(body, scan)) << body;
  }
}

} // namespace
} // namespace switchyard
