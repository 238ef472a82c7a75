// AWS's published Signature Version 4 vectors, openai-python's Bedrock vectors, and paths as Bedrock has them
// (those made with botocore 1.43).
#include "providers/credentials/sigv4.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace switchyard::providers {
namespace {

struct Vector {
  std::string_view name, time, method, path, service, host;
  std::vector<HeadLine> lines;
  std::string_view body, session, names, signature;
};

WallTime at(std::string_view time) {
  std::tm utc{};
  strptime(std::string(time).c_str(), "%Y%m%dT%H%M%SZ", &utc);
  return std::chrono::system_clock::from_time_t(timegm(&utc));
}

constexpr std::string_view k_suite = "20150830T123600Z", k_example = "example.amazonaws.com",
                           k_runtime = "bedrock-runtime.us-east-1.amazonaws.com",
                           k_mantle = "bedrock-mantle.us-east-1.api.aws";

const std::vector<Vector>& vectors() {
  static const std::string hash = "50329e51ad520f21b77bad0b01999930ff556cd1bf18434701251ba6c9f877bc",
                           gpt_oss = "9d161ca213ef31dd5b8f01f52294bcd5057bc778cf6ee7719e67b7ff43ef1022",
                           form = "application/x-www-form-urlencoded";
  static const std::vector<Vector> all = {
      {"get-vanilla",
       k_suite,
       "GET",
       "/",
       "service",
       k_example,
       {},
       "",
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"post-vanilla",
       k_suite,
       "POST",
       "/",
       "service",
       k_example,
       {},
       "",
       "",
       "host;x-amz-date",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"get-vanilla-query-order-key-case",
       k_suite,
       "GET",
       "/?Param2=value2&Param1=value1",
       "service",
       k_example,
       {},
       "",
       "",
       "host;x-amz-date",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"get-header-key-duplicate",
       k_suite,
       "GET",
       "/",
       "service",
       k_example,
       {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
       "",
       "",
       "host;my-header1;x-amz-date",
       "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
      {"get-header-value-trim",
       k_suite,
       "GET",
       "/",
       "service",
       k_example,
       {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
       "",
       "",
       "host;my-header1;my-header2;x-amz-date",
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {"get-utf8",
       k_suite,
       "GET",
       "/\xe1\x88\xb4",
       "service",
       k_example,
       {},
       "",
       "",
       "host;x-amz-date",
       "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
      {"get-relative",
       k_suite,
       "GET",
       "/example1/example2/../..",
       "service",
       k_example,
       {},
       "",
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"get-slash-dot-slash",
       k_suite,
       "GET",
       "//./",
       "service",
       k_example,
       {},
       "",
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"post-x-www-form-urlencoded",
       k_suite,
       "POST",
       "/",
       "service",
       k_example,
       {{"Content-Type", form}},
       "Param1=value1",
       "",
       "content-type;host;x-amz-date",
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
      {"IAM user guide",
       k_suite,
       "GET",
       "/?Action=ListUsers&Version=2010-05-08",
       "iam",
       "iam.amazonaws.com",
       {{"Content-Type", form + "; charset=utf-8"}},
       "",
       "",
       "content-type;host;x-amz-date",
       "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
      {"openai-python shared",
       "20250102T030405Z",
       "POST",
       "/openai/v1/responses",
       "bedrock-mantle",
       k_mantle,
       {{"Content-Type", "application/json"}, {"x-amz-content-sha256", hash}},
       R"({"model":"gpt-4o","input":"hello"})",
       "fixture-session-token",
       "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token",
       "dc20c8fbe516daf0ccae7e5b7a78fc2936870413a9f1af6e1b2d44b970ce411f"},
      {"openai-python static",
       "20260601T123456Z",
       "POST",
       "/openai/v1/responses",
       "bedrock-mantle",
       k_mantle,
       {{"content-length", "47"}, {"content-type", "application/json"}, {"x-amz-content-sha256", gpt_oss}},
       R"({"input":"hello","model":"openai.gpt-oss-120b"})",
       "",
       "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
       "bba77a80c7b39301d1aa29db9bc2f2b349deb932ae2dc5f800cec17baaf0f5de"},
      {"openai-python temporary",
       "20260601T123456Z",
       "POST",
       "/openai/v1/responses",
       "bedrock-mantle",
       k_mantle,
       {{"content-length", "47"}, {"content-type", "application/json"}, {"x-amz-content-sha256", gpt_oss}},
       R"({"input":"hello","model":"openai.gpt-oss-120b"})",
       "fixture-session-token",
       "content-length;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token",
       "693a4fef0373c0929f1f71d0da29c748f6bf42e75059648ceb97d52a204fb37c"},
      {"an encoded colon",
       k_suite,
       "POST",
       "/model/anthropic.claude-3-sonnet-20240229-v1%3A0/converse",
       "bedrock",
       k_runtime,
       {{"Content-Type", "application/json"}, {"User-Agent", "x"}, {"Connection", "close"}},
       R"({"a":1})",
       "",
       "content-type;host;x-amz-date",
       "84d44481638ba8a8321bff254c5cba479fd1e3d527c6ca0cc6fd24b96cbc8e53"},
      {"an ARN",
       k_suite,
       "POST",
       "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123%3Ainference-profile%2Fx/invoke",
       "bedrock",
       k_runtime,
       {{"Content-Type", "application/json"}, {"X-My", "  a   b "}},
       "{}",
       "tok/en==",
       "content-type;host;x-amz-date;x-amz-security-token;x-my",
       "c10c2c56d2e134118452ce75a672ae3628f854603d2ff79b2c79defb625409e2"},
      {"a bare query name",
       k_suite,
       "GET",
       "/?b=2&a=1&a=0&c",
       "service",
       k_example,
       {},
       "",
       "",
       "host;x-amz-date",
       "6a43bb039df3ce08c5916bfe3f8d26a00e907d48af1a9557dc88e19d0523d720"},
  };
  return all;
}

TEST(SigV4, MatchesPublishedVectors) {
  for (auto& vector : vectors()) {
    SCOPED_TRACE(vector.name);
    Token aws;
    aws.access_key = "AKIDEXAMPLE";
    aws.secret_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    aws.session_token = Secret(std::string(vector.session));
    SigV4Request request;
    request.method = vector.method, request.path = vector.path, request.host = vector.host;
    request.lines = vector.lines, request.body = vector.body;
    request.service = vector.service, request.region = "us-east-1";
    const auto lines = sign_v4(request, aws, at(vector.time));
    ASSERT_EQ(lines.size(), vector.session.empty() ? 2u : 3u);
    EXPECT_EQ(lines.front().name, "x-amz-date");
    EXPECT_EQ(lines.front().value, vector.time);
    EXPECT_TRUE(lines.back().secret);
    EXPECT_EQ(lines.back().value,
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/" + std::string(vector.time.substr(0, 8)) +
                  "/us-east-1/" + std::string(vector.service) + "/aws4_request, SignedHeaders=" +
                  std::string(vector.names) + ", Signature=" + std::string(vector.signature));
  }
}

} // namespace
} // namespace switchyard::providers
