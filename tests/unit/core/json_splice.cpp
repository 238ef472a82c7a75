// JsonSplice: commas are right whatever is removed and added, and untouched bytes stay as they were.
#include <switchyard/json_scan.hpp>

#include <gtest/gtest.h>

namespace switchyard {
namespace {

struct Case {
  std::string_view text;
  std::vector<std::string_view> removed;
  std::vector<std::pair<std::string_view, std::string_view>> set;
  std::string_view expected;
};

TEST(JsonSplice, EditsMembers) {
  const std::string_view abc = R"({"a":1, "b" : 2,"c":3})";
  const Case cases[] = {
      {abc, {}, {}, abc},
      {abc, {"a"}, {}, R"({"b" : 2,"c":3})"},
      {abc, {"b"}, {}, R"({"a":1, "c":3})"},
      {abc, {"c"}, {}, R"({"a":1, "b" : 2})"},
      {abc, {"a", "b"}, {}, R"({"c":3})"},
      {abc, {"c", "b"}, {}, R"({"a":1})"},
      {abc, {"a", "c"}, {}, R"({"b" : 2})"},
      {abc, {"a", "b", "c"}, {}, "{}"},
      {abc, {"x"}, {}, abc},
      {abc, {}, {{"b", "\"y\""}}, R"({"a":1, "b" : "y","c":3})"},
      {abc, {}, {{"d", "4"}}, R"({"a":1, "b" : 2,"c":3,"d":4})"},
      {abc, {}, {{"d", "4"}, {"e", "5"}}, R"({"a":1, "b" : 2,"c":3,"d":4,"e":5})"},
      {abc, {}, {{"d", "4"}, {"d", "5"}}, R"({"a":1, "b" : 2,"c":3,"d":5})"},
      {abc, {"c"}, {{"a", "0"}, {"d", "4"}}, R"({"a":0, "b" : 2,"d":4})"},
      {abc, {"a", "b", "c"}, {{"d", "4"}, {"e", "5"}}, R"({"d":4,"e":5})"},
      {abc, {"b"}, {{"b", "7"}}, R"({"a":1, "b" : 7,"c":3})"},
      {"{}", {}, {{"a", "1"}}, R"({"a":1})"},
      {" { } ", {}, {{"a", "1"}}, R"( {"a":1 } )"},
      {" { \"a\":1 } ", {"a"}, {}, " { } "},
      {R"({"a":1})", {}, {{"q\"", "[]"}}, R"({"a":1,"q\"":[]})"},
      {R"({"mod\u0065l":"x"})", {}, {{"model", "\"y\""}}, R"({"mod\u0065l":"y"})"},
      {R"({"a":[1,],"b":2,})", {}, {{"c", "3"}}, R"({"a":[1],"b":2,"c":3})"},
      {R"({"a":[1,],"b":2 , })", {"b"}, {}, R"({"a":[1]  })"},
      {R"({"a":[1,],"b":[2,],})", {"a"}, {{"b", "0"}}, R"({"b":0})"},
      {R"({"a":1,})", {"a"}, {}, "{}"},
  };
  for (const Case& c : cases) {
    ObjectScan scan;
    ASSERT_TRUE(scan_object(c.text, scan));
    JsonSplice splice(scan);
    for (const auto key : c.removed) splice.remove(key);
    for (const auto& member : c.set) splice.set(member.first, member.second);
    EXPECT_EQ(splice.str(), c.expected) << c.text;
    EXPECT_EQ(splice.size(), c.expected.size());
  }
}

TEST(JsonSplice, RemoveTakesBackAnAddition) {
  ObjectScan scan;
  ASSERT_TRUE(scan_object(R"({"a":1})", scan));
  JsonSplice splice(scan);
  splice.set("b", "2");
  splice.remove("b");
  EXPECT_TRUE(splice.empty());
  splice.set("a", "3");
  splice.remove("a");
  EXPECT_FALSE(splice.empty());
  EXPECT_EQ(splice.str(), "{}");
}

TEST(JsonSplice, PiecesPointIntoTheTextWhereItIsUntouched) {
  const std::string text = R"({"model":"m","messages":[1,2,3],"user":"u"})";
  ObjectScan scan;
  ASSERT_TRUE(scan_object(text, scan));
  JsonSplice splice(scan);
  splice.set("model", "\"other\"");
  TextSlices pieces{"head"};
  splice.pieces(pieces);
  ASSERT_EQ(pieces.size(), 4u);
  EXPECT_EQ(pieces[0], "head");
  EXPECT_EQ(pieces[1], "{\"model\":");
  EXPECT_EQ(pieces[1].data(), text.data());
  EXPECT_EQ(pieces[2], "\"other\"");
  EXPECT_EQ(pieces[3].data(), text.data() + text.find(",\"messages\""));
  EXPECT_EQ(pieces[3].data() + pieces[3].size(), text.data() + text.size());
}

} // namespace
} // namespace switchyard
