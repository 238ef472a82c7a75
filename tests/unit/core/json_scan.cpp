// scan_object: what is accepted, what is refused and with which words, and where the fields lie.
#include <switchyard/json_scan.hpp>

#include <gtest/gtest.h>

namespace switchyard {
namespace {

const ScanOptions k_strict{.lenient_commas = false};

std::string nested(std::size_t depth, const char* open, const char* close, const char* core = "") {
  std::string out = "{\"a\":";
  for (std::size_t i = 1; i < depth; ++i) out += open;
  out += core;
  for (std::size_t i = 1; i < depth; ++i) out += close;
  return out + "}";
}

TEST(JsonScan, AcceptsEveryFormOfRfc8259) {
  const std::string_view texts[] = {
      "{}",
      " \t\r\n{ } \n",
      R"({"a":0})",
      R"({"a":-0})",
      R"({"a":-0.0e-0})",
      R"({"a":1E+2})",
      R"({"a":1e5})",
      R"({"a":123456789012345678901234567890})",
      R"({"a":1e999})",
      R"({"a":0.1})",
      R"({"a":true,"b":false,"c":null})",
      R"({"a":""})",
      R"({"":""})",
      R"({"a":"\"\\\/\b\f\n\r\t"})",
      R"({"a":"\u0000\uFFFF\uabCD"})",
      R"({"a":"\ud83d\ude00"})",
      R"({"a":"\ud83d"})",
      R"({"a":"\udc00\ud800"})",
      R"({"\ud800":1})",
      "{\"a\":\"\x7F\"}",
      "{\"a\":\"\xC2\x80\xE0\xA0\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"}",
      R"({"a":[]})",
      R"({"a":[ ]})",
      R"({"a":[1,"b",null,[],{}]})",
      R"({"a":{"a":{"a":1}}})",
      R"({"a":{"b":1,"b":2}})",
      R"({ "a" : [ 1 , 2 ] , "b" : { } })",
      R"({"a":"0123456789abcdef0123456789abcdef"})",
      R"({"A":1,"a":2})",
  };
  ObjectScan scan;
  for (const auto text : texts) {
    const Result<void> result = scan_object(text, scan, k_strict);
    EXPECT_TRUE(result) << text << ": " << result.error().message;
  }
}

struct Refusal {
  std::string_view text, problem;
};

const Refusal k_refusals[] = {
    {"", "the body is empty, expected a JSON object at byte 0"},
    {"  ", "the body is empty, expected a JSON object at byte 2"},
    {"\xEF\xBB\xBF{}", "unexpected UTF-8 byte order mark at byte 0"},
    {"[]", "expected a JSON object at byte 0"},
    {"\"a\"", "expected a JSON object at byte 0"},
    {"{", "unexpected end of the body at byte 1"},
    {"{\"a", "unterminated string at byte 3"},
    {"{\"a\"", "expected ':' at byte 4"},
    {"{\"a\" 1}", "expected ':' at byte 5"},
    {"{\"a\":", "unexpected end of the body at byte 5"},
    {"{\"a\":}", "expected a value at byte 5"},
    {"{\"a\":1", "unexpected end of the body at byte 6"},
    {"{\"a\":1]", "expected ',' or '}' at byte 6"},
    {"{\"a\":[1}", "expected ',' or ']' at byte 7"},
    {"{\"a\":[1 2]}", "expected ',' or ']' at byte 8"},
    {"{\"a\":1 \"b\":2}", "expected ',' or '}' at byte 7"},
    {"{a:1}", "expected a string key or '}' at byte 1"},
    {"{'a':1}", "expected a string key or '}' at byte 1"},
    {"{1:1}", "expected a string key or '}' at byte 1"},
    {"{,}", "expected a string key or '}' at byte 1"},
    {"{\"a\":1,,\"b\":2}", "expected a string key at byte 7"},
    {"{\"a\":[,]}", "expected a value at byte 6"},
    {"{\"a\":[1,,]}", "expected a value at byte 8"},
    {"{\"a\":tru}", "expected a value at byte 5"},
    {"{\"a\":True}", "expected a value at byte 5"},
    {"{\"a\":NaN}", "expected a value at byte 5"},
    {"{\"a\":Infinity}", "expected a value at byte 5"},
    {"{\"a\":nullx}", "expected ',' or '}' at byte 9"},
    {"{\"a\":+1}", "expected a value at byte 5"},
    {"{\"a\":.5}", "expected a value at byte 5"},
    {"{\"a\":01}", "invalid number, leading zero at byte 7"},
    {"{\"a\":-}", "invalid number at byte 6"},
    {"{\"a\":-Infinity}", "invalid number at byte 6"},
    {"{\"a\":1.}", "invalid number at byte 7"},
    {"{\"a\":1e}", "invalid number at byte 7"},
    {"{\"a\":1e+}", "invalid number at byte 8"},
    {"{\"a\":0x1}", "expected ',' or '}' at byte 6"},
    {"{\"a\":\"\n\"}", "control character in a string at byte 6"},
    {"{\"a\":\"0123456789abcdef\x1F\"}", "control character in a string at byte 22"},
    {"{\"a\":\"\\x\"}", "invalid escape in a string at byte 6"},
    {"{\"a\":\"\\u12G4\"}", "invalid \\u escape in a string at byte 6"},
    {"{\"a\":\"\\u12", "invalid \\u escape in a string at byte 6"},
    {"{\"a\":\"\\", "unterminated string at byte 6"},
    {"{\"a\":1}x", "unexpected text after the object at byte 7"},
    {"{}{}", "unexpected text after the object at byte 2"},
    {"{} // c", "unexpected text after the object at byte 3"},
    {"{/* c */}", "expected a string key or '}' at byte 1"},
    {"{\"a\":1\x0C}", "expected ',' or '}' at byte 6"},
    {"{\"a\":\"\xFF\"}", "invalid UTF-8 at byte 6"},
    {"{\"a\":\"\xC0\xAF\"}", "invalid UTF-8 at byte 6"},
    {"{\"a\":\"x\xED\xA0\x80\"}", "invalid UTF-8 at byte 7"},
    {"{\"a\":\"\xF4\x90\x80\x80\"}", "invalid UTF-8 at byte 6"},
    {"{\"a\":\"\xE2\x82\"}", "invalid UTF-8 at byte 6"},
    {"{\"\xC3\":1}", "invalid UTF-8 at byte 2"},
};

TEST(JsonScan, RefusesWithProblemAndOffset) {
  ObjectScan scan;
  for (const auto& [text, problem] : k_refusals) {
    const Result<void> result = scan_object(text, scan);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, Errc::invalid_request);
    EXPECT_EQ(result.error().message, "Invalid JSON: " + std::string(problem)) << text;
  }
}

TEST(JsonScan, RefusesNulBytes) {
  ObjectScan scan;
  for (const auto text :
       {std::string_view("{}\0", 3), std::string_view("{\"a\0\":1}", 8), std::string_view("\0{}", 3)})
    EXPECT_FALSE(scan_object(text, scan));
}

TEST(JsonScan, ReadsNoByteBehindTheText) {
  // Every prefix in a buffer of its exact size: the sanitizers watch the end.
  const std::string text =
      R"({"key\u0041":"a string of more than sixteen bytes\n","b":[-1.5e3,true,null,{"c":false}]})";
  ObjectScan scan;
  for (std::size_t n = 0; n < text.size(); ++n) {
    const std::vector<char> exact(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(n));
    EXPECT_FALSE(scan_object({exact.data(), exact.size()}, scan)) << n;
  }
  EXPECT_TRUE(scan_object(text, scan));
}

TEST(JsonScan, FieldsPointIntoTheText) {
  ObjectScan scan;
  const std::string_view text =
      R"( { "model" : "m" , "messages":[{"a":[]}], "n" :-1.5 ,"o":{"x":1},"t":true,"z":null} )";
  ASSERT_TRUE(scan_object(text, scan));
  const std::pair<std::string_view, JsonKind> expected[] = {
      {"\"m\"", JsonKind::string},     {"[{\"a\":[]}]", JsonKind::array}, {"-1.5", JsonKind::number},
      {"{\"x\":1}", JsonKind::object}, {"true", JsonKind::boolean},       {"null", JsonKind::null}};
  ASSERT_EQ(scan.fields.size(), std::size(expected));
  for (std::size_t i = 0; i < scan.fields.size(); ++i) {
    EXPECT_EQ(scan.raw(scan.fields[i]), expected[i].first);
    EXPECT_EQ(scan.fields[i].kind, expected[i].second);
    EXPECT_EQ(text.substr(scan.fields[i].key_begin + 1, scan.fields[i].key.size()), scan.fields[i].key);
  }
  EXPECT_EQ(text[scan.open], '{');
  EXPECT_EQ(scan.close, text.size() - 2);
  EXPECT_EQ(scan.find("n"), &scan.fields[2]);
  EXPECT_EQ(scan.find("x"), nullptr);
}

TEST(JsonScan, KeysCompareUnescaped) {
  ObjectScan scan;
  ASSERT_TRUE(scan_object(R"({"\u006dodel":1,"\ud83d\ude00":2,"\ud800":3})", scan));
  EXPECT_NE(scan.find("model"), nullptr);
  EXPECT_NE(scan.find("\xF0\x9F\x98\x80"), nullptr);
  EXPECT_EQ(scan.fields[2].key, "\xED\xA0\x80");
}

TEST(JsonScan, RefusesARepeatedKeyByName) {
  const std::string_view texts[] = {R"({"model":1,"x":2,"model":3})", R"({"model":1,"mod\u0065l":2})",
                                    R"({"mo\u0064el":1,"m\u006Fdel":2})"};
  ObjectScan scan;
  for (const auto text : texts) {
    const Result<void> result = scan_object(text, scan);
    ASSERT_FALSE(result) << text;
    EXPECT_NE(result.error().message.find("the key \"model\" appears twice"), std::string::npos);
  }
  EXPECT_TRUE(scan_object(R"({"":1,"a":{"":2}})", scan));
  EXPECT_FALSE(scan_object(R"({"":1,"":2})", scan));
}

TEST(JsonScan, FindsARepeatedKeyAmongMany) {
  std::string text = "{";
  for (int i = 0; i < 2000; ++i) text += "\"key" + std::to_string(i) + "\":1,";
  ObjectScan scan;
  EXPECT_TRUE(scan_object(text + "\"other\":1}", scan));
  const Result<void> result = scan_object(text + "\"key77\":1}", scan);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "Invalid JSON: the key \"key77\" appears twice, at byte " + std::to_string(text.size()));
}

TEST(JsonScan, LimitsDepthOverTheWholeBody) {
  ObjectScan scan;
  EXPECT_TRUE(scan_object(nested(256, "[", "]"), scan));
  EXPECT_FALSE(scan_object(nested(257, "[", "]"), scan));
  EXPECT_TRUE(scan_object(nested(3, "[", "]"), scan, {.max_depth = 3}));
  EXPECT_FALSE(scan_object(nested(4, "[", "]"), scan, {.max_depth = 3}));
  const Result<void> flood = scan_object(std::string(100000, '{'), scan);
  EXPECT_FALSE(flood);
  const Result<void> deep = scan_object("{\"a\":" + std::string(1 << 20, '['), scan);
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().message, "Invalid JSON: nested too deeply at byte 260");
}

TEST(JsonScan, ClosersMatchTheirOpenersAtEveryDepth) {
  // Mixed kinds across the 64-bit words of the bit stack.
  ObjectScan scan;
  for (const std::size_t depth : {2, 31, 32, 33, 63, 64, 65, 66, 127, 128}) {
    EXPECT_TRUE(scan_object(nested(depth, "[{\"k\":", "}]", "1"), scan)) << depth;
    std::string wrong = nested(depth, "[", "]");
    wrong[wrong.size() - 2] = '}';
    EXPECT_FALSE(scan_object(wrong, scan)) << depth;
  }
}

TEST(JsonScan, LimitsTheNumberOfMembers) {
  ObjectScan scan;
  EXPECT_TRUE(scan_object(R"({"a":1,"b":{"c":1,"d":2,"e":3}})", scan, {.max_fields = 2}));
  EXPECT_FALSE(scan_object(R"({"a":1,"b":2,"c":3})", scan, {.max_fields = 2}));
}

TEST(JsonScan, RecordsTrailingCommasWhenLenient) {
  const std::string_view text = R"({"a":[1,{"b":2,},[3 , ],],"c":"x,]", })";
  ObjectScan scan;
  EXPECT_FALSE(scan_object(text, scan, k_strict));
  ASSERT_TRUE(scan_object(text, scan));
  EXPECT_EQ(scan.trailing_commas.size(), 4u);
  EXPECT_EQ(remove_commas(scan), R"({"a":[1,{"b":2},[3  ]],"c":"x,]" })");
  const std::string clean = remove_commas(scan);
  ASSERT_TRUE(scan_object(clean, scan, k_strict));
  EXPECT_EQ(remove_commas(scan), clean);
}

TEST(JsonScan, ReusesItsOutput) {
  ObjectScan scan;
  ASSERT_TRUE(scan_object(R"({"a\n":1,"b":[1,],})", scan));
  EXPECT_FALSE(scan_object("{", scan));
  ASSERT_TRUE(scan_object(R"({"c":1})", scan));
  EXPECT_EQ(scan.fields.size(), 1u);
  EXPECT_TRUE(scan.trailing_commas.empty());
  EXPECT_TRUE(scan.scratch.empty());
  EXPECT_EQ(scan.fields[0].key, "c");
}

} // namespace
} // namespace switchyard
