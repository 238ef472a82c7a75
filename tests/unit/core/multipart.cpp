// multipart/form-data reading.
#include <switchyard/multipart.hpp>

#include <gtest/gtest.h>

namespace switchyard {

namespace {

constexpr auto k_type = "multipart/form-data; boundary=XX";

std::string part(const std::string& head, const std::string& content) {
  return "--XX\r\n" + head + "\r\n\r\n" + content + "\r\n";
}
std::string field(const std::string& name, const std::string& content) {
  return part("Content-Disposition: form-data; name=\"" + name + "\"", content);
}

TEST(Multipart, ReadsFieldsAndFiles) {
  auto body =
      field("model", "whisper-1") +
      part("Content-Type: audio/wav\r\ncontent-disposition: form-data; filename=\"a;b.wav\"; name=file",
           "RI\r\nFF") +
      field("empty", "") + "--XX--\r\n";
  auto parts = parse_multipart(body, k_type);
  ASSERT_TRUE(parts) << parts.error().message;
  ASSERT_EQ(parts->size(), 3u);
  EXPECT_EQ((*parts)[0].name, "model");
  EXPECT_EQ((*parts)[0].content, "whisper-1");
  EXPECT_FALSE((*parts)[0].file);
  EXPECT_EQ((*parts)[1].name, "file");
  EXPECT_EQ((*parts)[1].content, "RI\r\nFF");
  EXPECT_TRUE((*parts)[1].file);
  EXPECT_EQ((*parts)[2].content, "");
}

TEST(Multipart, TheWholePartsMakeTheBody) {
  auto body = field("a", "1") + field("b", "--X") + "--XX--\r\n";
  auto parts = parse_multipart(body, k_type);
  ASSERT_TRUE(parts);
  std::string again;
  for (auto& p : *parts) again += p.whole;
  EXPECT_EQ(again + "--XX--\r\n", body);
}

TEST(Multipart, PreambleAndEpilogueAreIgnored) {
  const auto body = "hello\r\n" + field("a", "1") + "--XX--trailing"; // the parts are views into it
  auto parts = parse_multipart(body, k_type);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->at(0).content, "1");
}

TEST(Multipart, Boundaries) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(multipart_boundary("multipart/form-data; charset=utf-8; Boundary=\"a b\""), "a b");
  EXPECT_EQ(multipart_boundary("multipart/form-data"), "");
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'x')), "");
}

TEST(Multipart, MalformedBodiesAreErrors) {
  const std::string good = field("a", "1");
  for (auto& body : std::vector<std::string>{"", "no boundary", "--XX", "--XX\r\n", good,
                                             "--XXgarbage\r\n\r\n", part("X: y", "1") + "--XX--",
                                             "--XX\r\nContent-Disposition: form-data; name=a"}) {
    auto parts = parse_multipart(body, k_type);
    ASSERT_FALSE(parts) << body;
    EXPECT_EQ(parts.error().code, Errc::invalid_request);
  }
  EXPECT_FALSE(parse_multipart(good + "--XX--", "multipart/form-data"));
}

TEST(Multipart, TooManyParts) {
  std::string body;
  for (int i = 0; i < 1001; ++i) body += field("a", "1");
  EXPECT_FALSE(parse_multipart(body + "--XX--", k_type));
}

} // namespace

} // namespace switchyard
