// Replicate: what goldens cannot show, the questions whether a prediction is done.
#include "unit/providers/support.hpp"

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

struct Asked {
  Result<bool> more;
  std::string head;
  Millis wait{0};
};

Asked ask(bool stream, int round, const std::string& body) {
  Case c("replicate/meta/meta-llama-3-8b-instruct");
  c.call.stream = stream;
  Asked out{false, {}, {}};
  out.more = c.ready.provider->follow_up(*c.ready.target, c.call, {201, "application/json", {}, body}, round,
                                         c.wire, out.wait);
  out.head = c.wire.head;
  return out;
}

std::string prediction(const std::string& status, const std::string& url) {
  return R"({"id":"p1","status":")" + status + R"(","urls":{"get":")" + url + R"("},"output":null})";
}

constexpr auto k_url = "https://api.replicate.com/v1/predictions/p1";

} // namespace

TEST(Replicate, AsksAgainUntilAPredictionIsDone) {
  auto asked = ask(false, 0, prediction("starting", k_url));
  ASSERT_TRUE(asked.more.has_value()) << asked.more.error().message;
  EXPECT_TRUE(*asked.more);
  EXPECT_TRUE(asked.head.starts_with("GET /v1/predictions/p1 HTTP/1.1\r\n")) << asked.head;
  EXPECT_NE(asked.head.find("Authorization: Token sk-test\r\n"), std::string::npos);
  EXPECT_EQ(asked.wait, Millis{1000});
  EXPECT_EQ(ask(false, 2, prediction("processing", k_url)).wait, Millis{5000});
  EXPECT_EQ(ask(true, 2, prediction("processing", k_url)).wait, Millis{500});
}

TEST(Replicate, StopsAsking) {
  for (auto status : {"succeeded", "failed", "canceled", "aborted", ""})
    EXPECT_FALSE(*ask(false, 0, prediction(status, k_url)).more) << status;
  EXPECT_FALSE(*ask(false, 5, prediction("processing", k_url)).more);
  EXPECT_TRUE(*ask(true, 5, prediction("processing", k_url)).more);
}

TEST(Replicate, SendsTheKeyNowhereElse) {
  for (auto url : {"https://evil.example/v1/predictions/p1", "http://api.replicate.com/v1/predictions/p1",
                   "https://api.replicate.com:8443/p1", "not a url", ""}) {
    auto asked = ask(false, 0, prediction("processing", url));
    EXPECT_FALSE(asked.more.has_value()) << url;
    EXPECT_TRUE(asked.head.empty());
  }
  EXPECT_FALSE(ask(false, 0, "{").more.has_value());
}
