// JSON text of configuration values.
#include <switchyard/value.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace switchyard {
namespace {

TEST(ValueJson, Scalars) {
  const std::pair<Value::Data, std::string_view> cases[] = {
      {std::monostate{}, "null"},
      {true, "true"},
      {std::int64_t{-7}, "-7"},
      {0.1, "0.1"},
      {1e300, "1e+300"},
      {std::numeric_limits<double>::infinity(), "null"},
      {std::numeric_limits<double>::quiet_NaN(), "null"},
      {std::string("a\"b"), "\"a\\\"b\""}};
  for (const auto& [data, json] : cases) EXPECT_EQ(to_json(Value(data)), json);
}

TEST(ValueJson, NestsInFileOrder) {
  ValueMap inner;
  inner.emplace_back("z", Value(std::int64_t{1}));
  inner.emplace_back("a", Value(ValueList{Value(), Value(false)}));
  ValueMap outer;
  outer.emplace_back("m", Value(inner));
  outer.emplace_back("e", Value(ValueList{}));
  EXPECT_EQ(to_json(Value(outer)), R"({"m":{"z":1,"a":[null,false]},"e":[]})");
  EXPECT_EQ(to_json(Value(ValueMap{})), "{}");
}

} // namespace
} // namespace switchyard
