// The YAML reader against PyYAML's answers, and its bounds.
#include "config/yaml.hpp"
#include "config/yaml_scalar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace switchyard::config {
namespace {

using testing::HasSubstr;

struct Parsed {
  std::optional<Value> value;
  Report report;
  std::string json() const { return value ? to_json(*value) : "error: " + errors(); }
  std::string errors() const { return report.errors.empty() ? "" : report.errors.front(); }
};

Parsed parse(const std::string& text) {
  Parsed out;
  out.report.files = {"f.yaml"};
  out.value = parse_yaml(text, 0, out.report);
  return out;
}

TEST(YamlScalar, HasPyYamlsType) {
  const std::pair<const char*, const char*> cases[] = {
      {"yes", "true"},
      {"Yes", "true"},
      {"YES", "true"},
      {"yEs", "\"yEs\""},
      {"no", "false"},
      {"On", "true"},
      {"off", "false"},
      {"True", "true"},
      {"FALSE", "false"},
      {"tRue", "\"tRue\""},
      {"y", "\"y\""},
      {"n", "\"n\""},
      {"~", "null"},
      {"null", "null"},
      {"Null", "null"},
      {"nULL", "\"nULL\""},
      {"5", "5"},
      {"-5", "-5"},
      {"+5", "5"},
      {"0", "0"},
      {"00", "0"},
      {"010", "8"},
      {"08", "\"08\""},
      {"0b101", "5"},
      {"0x1F", "31"},
      {"0x", "\"0x\""},
      {"1_000", "1000"},
      {"_1", "\"_1\""},
      {"1:30", "90"},
      {"1:30:05", "5405"},
      {"0:30", "\"0:30\""},
      {"1:60", "\"1:60\""},
      {"3:5", "185"},
      {"1.5", "1.5"},
      {".5", "0.5"},
      {"1.", "1"},
      {"1.5e+3", "1500"},
      {"1e3", "1000"},
      {"1e-6", "1e-06"},
      {".inf", "null"},
      {".", "\".\""},
      {"1.2.3", "\"1.2.3\""},
      {"1:30.5", "90.5"},
      {"1_0.5", "10.5"},
      {"1e", "\"1e\""},
      {"e3", "\"e3\""},
      {"+", "\"+\""},
      {"::1", "\"::1\""},
      {"gpt-4", "\"gpt-4\""},
      {"0.0.0.0", "\"0.0.0.0\""},
      {"2023-05-15", "\"2023-05-15\""},
      {"2023-07-01-preview", "\"2023-07-01-preview\""},
      {"127.0.0.1:8000", "\"127.0.0.1:8000\""},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775807", "-9223372036854775807"},
      {"9223372036854775808", "9223372036854775808"},
  };
  for (const auto& [text, json] : cases)
    EXPECT_EQ(parse(std::string("a: ") + text).json(), std::string("{\"a\":") + json + "}") << text;
}

TEST(YamlScalar, QuotesMakeStrings) {
  for (const char* text : {"'yes'", "\"5\"", "'1.5'", "\"null\"", "'~'", "!!str 5", "|-\n  yes", ">-\n  5"})
    EXPECT_TRUE(parse(std::string("a: ") + text).value->find("a")->as_string()) << text;
}

TEST(YamlScalar, TagsDecide) {
  EXPECT_EQ(parse("a: !!int '5'").json(), "{\"a\":5}");
  EXPECT_EQ(parse("a: !!float 5").json(), "{\"a\":5}");
  EXPECT_EQ(parse("a: !!bool 'yes'").json(), "{\"a\":true}");
  EXPECT_THAT(parse("a: !!python/object:os.system x").errors(), HasSubstr("f.yaml:1: the tag"));
  EXPECT_THAT(parse("a: !mine {b: 1}").errors(), HasSubstr("not supported"));
  EXPECT_THAT(parse("a: !!int six").errors(), HasSubstr("not supported for this value"));
}

TEST(Yaml, KeepsOrderAndLines) {
  const auto parsed = parse("z: 1\na:\n  - x\n  - y: 2\n");
  EXPECT_EQ(parsed.json(), R"({"z":1,"a":["x",{"y":2}]})");
  EXPECT_EQ(parsed.value->find("z")->place().line, 1u);
  EXPECT_EQ(parsed.value->find("a")->place().line, 2u);
  EXPECT_EQ((*parsed.value->find("a")->as_list())[1].find("y")->place().line, 4u);
}

TEST(Yaml, ReadsTheSameTextAsPyYaml) {
  const std::pair<const char*, const char*> cases[] = {
      {"{a: 1, 'b': [2, 3,], \"c\": {}}", R"({"a":1,"b":[2,3],"c":{}})"},
      {"a: |\n  one\n  two\n", R"({"a":"one\ntwo\n"})"},
      {"a: >\n  one\n  two\n", R"({"a":"one two\n"})"},
      {"a: # comment\n  b: 1 # more\n", R"({"a":{"b":1}})"},
      {"\xEF\xBB\xBF"
       "a: 1",
       R"({"a":1})"},
      {"---\na: 1\n...\n", R"({"a":1})"},
      {"a: \"\\u00e9\\n\"", "{\"a\":\"\xC3\xA9\\n\"}"},
      {"yes: 1\n5: 2\n~: 3", R"({"yes":1,"5":2,"null":3})"},
      {"{\"a\": {\"b\": [true, null, 1.5e+3, \"x\"]}}", R"({"a":{"b":[true,null,1500,"x"]}})"},
      {"a: &x [1, 2]\nb: *x", R"({"a":[1,2],"b":[1,2]})"},
      {"a: &x yes\n*x : 1", R"({"a":true,"true":1})"},
  };
  for (const auto& [text, json] : cases) EXPECT_EQ(parse(text).json(), json) << text;
}

TEST(Yaml, MergesLikePyYaml) {
  const std::pair<const char*, const char*> cases[] = {
      {"x: &x {a: 1, b: 2}\ny: {b: 3, <<: *x}", R"({"x":{"a":1,"b":2},"y":{"a":1,"b":3}})"},
      {"x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz: {<<: [*x, *y], c: 3}",
       R"({"x":{"a":1},"y":{"a":2,"b":2},"z":{"a":1,"b":2,"c":3}})"},
      {"x: &x {a: 1}\ny: &y {<<: *x, b: 2}\nz: {<<: *y}",
       R"({"x":{"a":1},"y":{"a":1,"b":2},"z":{"a":1,"b":2}})"},
      {"x: {'<<': 1}", R"({"x":{"<<":1}})"},
  };
  for (const auto& [text, json] : cases) {
    EXPECT_EQ(parse(text).json(), json) << text;
    EXPECT_TRUE(parse(text).report.warnings.empty()) << text;
  }
  EXPECT_THAT(parse("a: {<<: 5}").errors(), HasSubstr("`<<` takes a mapping"));
  EXPECT_THAT(parse("a: {<<: [5]}").errors(), HasSubstr("`<<` takes a mapping"));
}

TEST(Yaml, LastDuplicateWinsInTheFirstPlaceWithAWarning) {
  const auto parsed = parse("a: 1\nb: 2\na: 3\n");
  EXPECT_EQ(parsed.json(), R"({"a":3,"b":2})");
  ASSERT_EQ(parsed.report.warnings.size(), 1u);
  EXPECT_EQ(parsed.report.warnings[0], "f.yaml:3: a: given twice, on lines 1 and 3; the last one counts");
}

TEST(Yaml, RefusesWhatIsNoYaml) {
  const std::pair<std::string, const char*> cases[] = {
      {"a: [1", "f.yaml:"},
      {"a: {b: 1", "not valid YAML"},
      {"a: 1\n b: 2", "f.yaml:2"},
      {"a: 'x", "not valid YAML"},
      {"- model_name: *\n", "write the asterisk in quotes"},
      {"a: *missing", "f.yaml:1"},
      {"a: &x [*x]", "contains it"},
      {"? [a, b]\n: 1", "must be plain text"},
      {"a: 1\n---\nb: 2", "more than one YAML document"},
      {std::string("a: \x01", 4), "control character"},
      {std::string("a\0b", 3), "control character"},
      {"a: 1\nb: \xFF", "f.yaml:2: the file is not UTF-8"},
      {"a: \xC0\xAF", "not UTF-8"},
  };
  for (const auto& [text, words] : cases) {
    const auto parsed = parse(text);
    EXPECT_FALSE(parsed.value) << text;
    EXPECT_THAT(parsed.errors(), HasSubstr(words)) << text;
  }
}

TEST(Yaml, EmptyTextIsNull) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n"}) {
    const auto parsed = parse(text);
    ASSERT_TRUE(parsed.value) << text;
    EXPECT_TRUE(parsed.value->is_null()) << text;
  }
}

TEST(YamlBounds, DeepNestingIsAnError) {
  for (const std::size_t depth : {101u, 1000u, 100000u}) {
    EXPECT_FALSE(parse(std::string(depth, '[')).value) << depth;
    EXPECT_FALSE(parse("a: " + std::string(depth, '[') + std::string(depth, ']')).value) << depth;
  }
  std::string blocks;
  for (int i = 0; i < 300; ++i) blocks += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(parse(blocks).errors(), HasSubstr("nested too deeply"));
  EXPECT_TRUE(parse(std::string(99, '[') + std::string(99, ']')).value);
}

TEST(YamlBounds, AliasesDoNotDeepenTheTree) {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 200; ++i)
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  EXPECT_THAT(parse(text).errors(), HasSubstr("nested too deeply"));
}

TEST(YamlBounds, AliasBombIsAnError) {
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 9; ++j) text += "," + before;
    text += "]\n";
  }
  EXPECT_THAT(parse(text).errors(), HasSubstr("too big once its aliases are expanded"));
}

TEST(YamlBounds, BigFileIsAnError) {
  EXPECT_THAT(parse(std::string(k_max_file_bytes + 1, ' ')).errors(), HasSubstr("bigger than 16 MB"));
}

} // namespace
} // namespace switchyard::config
