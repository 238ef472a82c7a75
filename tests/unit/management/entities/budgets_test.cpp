// /budget/*: shapes, windows, errors and what hangs on a deleted budget.
#include "../touched.hpp"
#include "../world.hpp"

namespace switchyard::management {
namespace {

struct Budgets : testing::Test {
  World world;
};

constexpr std::string_view k_full = R"({"budget_id":"b1","max_budget":10.5,"soft_budget":5.0,
  "max_parallel_requests":2,"tpm_limit":1000,"rpm_limit":10,"model_max_budget":{"gpt-4":{"budget_limit":1,"time_period":"1d"}},
  "budget_duration":"1d","budget_reset_at":"2026-05-03T00:00:00.000000Z","allowed_models":[],
  "created_at":"2026-05-02T10:20:30.454000Z","created_by":"default_user_id",
  "updated_at":"2026-05-02T10:20:30.454000Z","updated_by":"default_user_id"})";

TEST_F(Budgets, NewAnswersTheRow) {
  expect_json(world.post("/budget/new", R"({"budget_id":"b1","max_budget":10.5,"soft_budget":5,
    "max_parallel_requests":2,"tpm_limit":1000,"rpm_limit":10,"budget_duration":"1d",
    "model_max_budget":{"gpt-4":{"budget_limit":1,"time_period":"1d"}}})"),
              k_full);
  EXPECT_EQ(touched_by(world.last), "budget:b1");
  expect_json(world.post("/budget/info", R"({"budgets":["b1","none"]})"), "[" + std::string(k_full) + "]");
  expect_json(world.get("/budget/list"), "[" + std::string(k_full) + "]");
}

TEST_F(Budgets, AnIdIsMadeWhenNoneIsGivenAndTakenOnce) {
  EXPECT_EQ(text_at(world.post("/budget/new", "{}"), "budget_id").size(), 36u);
  world.post("/budget/new", R"({"budget_id":"x"})");
  expect_json(world.post("/budget/new", R"({"budget_id":"x"})", 400),
              R"({"detail":{"error":"Budget with id 'x' already exists."}})");
  EXPECT_EQ(world.rows("BudgetTable").size(), 2u);
}

TEST_F(Budgets, UpdateChangesWhatIsGivenAndNullClears) {
  world.post("/budget/new", R"({"budget_id":"b","max_budget":1,"rpm_limit":5,"budget_duration":"1d"})");
  const auto row =
      world.post("/budget/update", R"({"budget_id":"b","max_budget":null,"budget_duration":"30d"})");
  EXPECT_TRUE(row.find("max_budget")->is_null());
  EXPECT_EQ(to_json(*row.find("rpm_limit")), "5");
  EXPECT_EQ(text_at(row, "budget_reset_at"), "2026-06-01T00:00:00.000000Z");
  world.post("/budget/update", R"({"budget_id":"b","budget_reset_at":"2027-01-01"})");
  EXPECT_EQ(text_of(world.rows("BudgetTable")[0], "budget_reset_at"), "2027-01-01T00:00:00.000000Z");
}

TEST_F(Budgets, Settings) {
  world.post("/budget/new", R"({"budget_id":"b","max_budget":1})");
  const auto list = world.get("/budget/settings?budget_id=b");
  expect_json((*list.as_list())[0], R"({"field_name":"max_budget","field_type":"Float","field_description":"",
    "field_value":1.0,"stored_in_db":true,"field_default_value":null})");
  EXPECT_EQ(list.as_list()->size(), 7u);
}

TEST_F(Budgets, DeleteFreesWhatReferredToIt) {
  world.post("/budget/new", R"({"budget_id":"b"})");
  world.post("/customer/new", R"({"user_id":"c","budget_id":"b"})");
  EXPECT_EQ(text_at(world.post("/budget/delete", R"({"id":"b"})"), "budget_id"), "b");
  EXPECT_TRUE(at(world.rows("EndUserTable")[0], "budget_id").is_null());
  EXPECT_TRUE(world.rows("BudgetTable").empty());
  world.post("/organization/new", R"({"organization_id":"o","organization_alias":"O"})");
  const std::string owned = text_of(world.rows("BudgetTable")[0], "budget_id");
  world.post("/budget/delete", R"({"id":")" + owned + R"("})", 400);
}

TEST_F(Budgets, Errors) {
  const struct {
    const char *path, *body;
    int status;
    const char* part;
  } k_cases[] = {
      {"/budget/new", R"({"max_budget":-1})", 400, "max_budget cannot be negative. Received: -1"},
      {"/budget/new", R"({"max_budget":"a"})", 422, "max_budget"},
      {"/budget/new", R"({"rpm_limit":1.5})", 422, "rpm_limit"},
      {"/budget/new", R"({"budget_duration":"soon"})", 400, "budget_duration"},
      {"/budget/new", R"({"budget_reset_at":"soon"})", 400, "budget_reset_at"},
      {"/budget/new", R"({"model_max_budget":{"m":"x"}})", 400, "model_max_budget"},
      {"/budget/new", R"({"model_max_budget":{"m":{"budget_limit":-1}}})", 400, "model_max_budget"},
      {"/budget/new", "[]", 422, "dictionary"},
      {"/budget/new", "{", 422, "JSON decode error"},
      {"/budget/update", R"({"max_budget":1})", 400, "budget_id is required"},
      {"/budget/update", R"({"budget_id":"none"})", 404, "none"},
      {"/budget/info", R"({"budgets":[]})", 400, "Specify list of budget id's to query. Passed in=[]"},
      {"/budget/info", "{}", 422, "budgets"},
      {"/budget/delete", R"({"id":"none"})", 404, "none"},
      {"/budget/delete", "{}", 422, "Field required"},
  };
  for (const auto& one : k_cases) {
    const Reply reply = world.run("POST", one.path, one.body);
    EXPECT_EQ(reply.status, one.status) << one.path << one.body << reply.body;
    EXPECT_NE(reply.body.find(one.part), std::string::npos) << reply.body;
    EXPECT_TRUE(reply.touched.empty());
  }
  EXPECT_TRUE(world.rows("BudgetTable").empty()) << "a refused call leaves nothing behind";
  world.get("/budget/settings", 422);
}

TEST_F(Budgets, OnlyAdminsWriteAndViewersRead) {
  world.post("/budget/new", R"({"budget_id":"b"})");
  world.as_user("u");
  for (const char* path : {"/budget/new", "/budget/update", "/budget/info", "/budget/delete"})
    expect_json(
        world.post(path, R"({"budget_id":"b","budgets":["b"],"id":"b"})", 400),
        R"({"detail":{"error":"Admin-only endpoint. Not allowed to access this., your role=internal_user"}})");
  world.get("/budget/list", 400);
  world.as_user("v", "proxy_admin_viewer");
  world.get("/budget/list");
  world.get("/budget/settings?budget_id=b");
  world.post("/budget/info", R"({"budgets":["b"]})");
  world.post("/budget/update", R"({"budget_id":"b","max_budget":9})", 400);
}

} // namespace
} // namespace switchyard::management
