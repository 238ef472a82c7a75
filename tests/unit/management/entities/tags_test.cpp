// /tag/*: shapes, marked models, tags that requests carried.
#include "../touched.hpp"
#include "../world.hpp"

namespace switchyard::management {
namespace {

struct Tags : testing::Test {
  World world;
};

TEST_F(Tags, NewAndInfo) {
  expect_json(
      world.post("/tag/new", R"({"name":"t","description":"d","max_budget":1})"),
      R"({"message":"Tag t created successfully","tag":{"name":"t","description":"d","models":[],"model_info":{},
        "created_at":"2026-05-02T10:20:30.454000Z","updated_at":"2026-05-02T10:20:30.454000Z","created_by":"default_user_id"}})");
  EXPECT_EQ(touched_by(world.last), "tag:t");
  const auto info = world.post("/tag/info", R"({"names":["t"]})");
  EXPECT_EQ(to_json(*info.find("t")->find("spend")), "0");
  EXPECT_EQ(to_json(*info.find("t")->find("litellm_budget_table")->find("max_budget")), "1");
}

TEST_F(Tags, ATagMarksTheModelsThatItAllows) {
  world.insert("ProxyModelTable",
               R"({"model_id":"m1","model_name":"gpt","litellm_params":{"model":"x"},"model_info":{},
      "created_by":"a","updated_by":"a"})");
  const auto reply = world.post("/tag/new", R"({"name":"t","models":["gpt","m1","unknown"]})");
  EXPECT_EQ(to_json(*reply.find("tag")->find("model_info")), R"({"m1":"gpt"})");
  EXPECT_EQ(touched_by(world.last), "model:m1 tag:t");
  EXPECT_EQ(to_json(at(world.rows("ProxyModelTable")[0], "litellm_params")), R"({"model":"x","tags":["t"]})");
}

TEST_F(Tags, UpdateChangesWhatIsGiven) {
  world.post("/tag/new", R"({"name":"t","description":"d","max_budget":1})");
  const auto reply = world.post("/tag/update", R"({"name":"t","max_budget":2,"models":["a"]})");
  EXPECT_EQ(text_at(reply, "message"), "Tag t updated successfully");
  EXPECT_EQ(text_at(*reply.find("tag"), "description"), "d");
  EXPECT_EQ(to_json(*reply.find("tag")->find("models")), R"(["a"])");
  ASSERT_EQ(world.rows("BudgetTable").size(), 1u);
  EXPECT_EQ(number_of(world.rows("BudgetTable")[0], "max_budget"), 2);
}

TEST_F(Tags, ListHoldsStoredAndUsedTags) {
  world.post("/tag/new", R"({"name":"stored"})");
  for (const char* tag : {"stored", "used"})
    world.insert(
        "DailyTagSpend",
        std::string(R"({"id":")") + tag + R"(","tag":")" + tag +
            R"(","date":"2026-05-01","api_key":"hash-of-u","created_at":"2026-05-01T00:00:00.000000Z",
        "updated_at":"2026-05-01T00:00:00.000000Z"})");
  const auto list = world.get("/tag/list");
  ASSERT_EQ(list.as_list()->size(), 2u);
  EXPECT_EQ(text_at((*list.as_list())[1], "name"), "used");
  EXPECT_TRUE((*list.as_list())[1].find("models")->is_null());
  EXPECT_EQ(world.get("/tag/list?start_date=2026-04-01&end_date=2026-04-30").as_list()->size(), 1u);
  world.as_user("u");
  EXPECT_EQ(world.get("/tag/list").as_list()->size(), 2u) << "both were used by the caller's key";
  world.as_user("other");
  EXPECT_EQ(world.get("/tag/list").as_list()->size(), 0u);
}

TEST_F(Tags, Errors) {
  world.post("/tag/new", R"({"name":"t"})");
  expect_json(world.post("/tag/new", R"({"name":"t"})", 400), R"({"detail":"Tag t already exists"})");
  expect_json(world.post("/tag/update", R"({"name":"x"})", 404), R"({"detail":"Tag x not found"})");
  expect_json(world.post("/tag/delete", R"({"name":"x"})", 404), R"({"detail":"Tag x not found"})");
  expect_json(world.post("/tag/info", R"({"names":["t","x"]})", 404),
              R"({"detail":"Tags not found: ['x']"})");
  world.post("/tag/new", R"({"name":""})", 422);
  world.post("/tag/new", R"({"name":"n","models":"a"})", 422);
  world.post("/tag/new", R"({"name":"n","max_budget":-1})", 400);
  world.get("/tag/list?start_date=2026-04-01", 400);
  world.get("/tag/list?start_date=x&end_date=y", 400);
  world.get("/tag/list?start_date=2026-04-02&end_date=2026-04-01", 400);
  expect_json(world.post("/tag/delete", R"({"name":"t"})"), R"({"message":"Tag t deleted successfully"})");
  world.as_user("u");
  for (const char* path : {"/tag/new", "/tag/update", "/tag/delete", "/tag/info"})
    world.post(path, R"({"name":"t"})", 403);
}

} // namespace
} // namespace switchyard::management
