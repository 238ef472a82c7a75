// Virtual keys through the whole App: from the shard's records, or asked from a store that answers, answers
// late, or is down.
#include "../access/records.hpp"
#include "app_fixture.hpp"
#include "http/access/authenticate.hpp"
#include "http/access/key_hash.hpp"
#include "http/access/llm_access.hpp"
#include "http/route_table.hpp"

#include <boost/asio/post.hpp>

namespace switchyard::http::testing {

namespace {

using access::testing::entity;
using access::testing::World;

/// The store: what it knows, and whether it can be asked.
struct FakeStore {
  std::map<std::string, std::shared_ptr<const KeyRecord>> keys;
  std::map<std::string, std::shared_ptr<const CustomerRecord>> customers;
  bool down = false;
  int asked = 0, asked_customers = 0;
  asio::io_context* later = nullptr; ///< answers come from the loop instead of at once

  template <class Message, class Answer>
  void give(const Message& message, Answer answer) {
    if (!later) {
      message.duty.answer(std::move(answer));
      return;
    }
    asio::post(*later, [duty = message.duty, answer = std::move(answer)] { duty.answer(answer); });
  }
};

struct KeySink final : Mailbox<KeyLookup>::Sink {
  explicit KeySink(FakeStore& s) : store(s) {}
  void send(KeyLookup message) const override {
    ++store.asked;
    FoundKey answer;
    if (!store.down) {
      auto found = store.keys.find(message.query.hash);
      answer.error = found == store.keys.end() ? Errc::wrong_key : Errc::none;
      if (found != store.keys.end()) answer.key = found->second;
    }
    store.give(message, answer);
  }
  FakeStore& store;
};

struct CustomerSink final : Mailbox<CustomerLookup>::Sink {
  explicit CustomerSink(FakeStore& s) : store(s) {}
  void send(CustomerLookup message) const override {
    ++store.asked_customers;
    FoundCustomer answer;
    answer.error = store.down ? Errc::unavailable : Errc::none;
    if (auto found = store.customers.find(message.query.id); found != store.customers.end())
      answer.customer = found->second;
    store.give(message, answer);
  }
  FakeStore& store;
};

class KeysTest : public AppTest {
 protected:
  KeysTest() {
    auto plane = std::make_shared<ServingPlane>();
    plane->keys = Mailbox<KeyLookup>(std::make_shared<KeySink>(store_));
    plane->customers = Mailbox<CustomerLookup>(std::make_shared<CustomerSink>(store_));
    shard_.plane = plane;
    start();
  }
  void start() {
    Config config;
    config.general.master_key = Secret("sk-1234");
    config.plane = std::make_shared<const PlaneSettings>(settings_);
    auto routing = std::make_shared<FakeRouting>(std::move(config));
    routing->add("gpt", "hello");
    routing->add("dear", "hello").row.model_info = {
        {"access_groups", Value(ValueList{Value(std::string("beta"))})}};
    routing->finish(reports_);
    use(routing);
  }
  KeyRecord& key(const std::string& text) {
    auto hash = std::string(access::hash_key(text).text());
    auto& record = world_.key(hash);
    record.entity = entity(EntityKind::key, hash);
    return record;
  }
  void publish(bool complete = true) { access::apply(shard_, world_.delta(complete)); }

  Answer call(std::string method, std::string path, std::string with, std::string body = {},
              std::vector<std::pair<std::string, std::string>> headers = {}) {
    FakeExchange exchange(shard_, std::move(method), std::move(path), std::move(body));
    if (!with.empty()) exchange.header("Authorization", "Bearer " + with);
    for (auto& [name, value] : headers) exchange.header(name, value);
    run(exchange);
    EXPECT_EQ(exchange.answers, 1);
    return exchange;
  }
  Answer chat(std::string with, std::string model = "gpt", std::string more = {}) {
    return call("POST", "/chat/completions", std::move(with),
                R"({"messages":[],"model":")" + model + "\"" + more + "}");
  }

  FakeStore store_;
  PlaneSettings settings_;
  World world_;
};

TEST_F(KeysTest, AKnownKeyIsNotAskedFor) {
  key("sk-a");
  publish();
  EXPECT_EQ(chat("sk-a").status, 200);
  EXPECT_EQ(store_.asked, 0);
  EXPECT_EQ(chat("sk-1234").status, 200) << "the master key";
  EXPECT_EQ(store_.asked, 0);
}

TEST_F(KeysTest, AnUnknownKeyIsAskedForAtOnceOrLater) {
  auto record = std::make_shared<KeyRecord>();
  record->hash = access::hash_key("sk-new").text();
  store_.keys[record->hash] = record;
  publish();
  EXPECT_EQ(chat("sk-new").status, 200);
  store_.later = &shard_.context;
  EXPECT_EQ(chat("sk-new").status, 200);
  EXPECT_EQ(store_.asked, 2);
}

TEST_F(KeysTest, AKeyThatNobodyHasIs401) {
  publish();
  auto refused = chat("sk-nobody-has-this-one");
  EXPECT_EQ(refused.status, 401);
  EXPECT_NE(refused.body.find("token_not_found_in_db"), std::string::npos) << refused.body;
  EXPECT_NE(refused.body.find("Received API Key = sk-...-one, Key Hash (Token) =" +
                              std::string(access::hash_key("sk-nobody-has-this-one").text())),
            std::string::npos)
      << refused.body;
  EXPECT_EQ(refused.body.find("nobody-has"), std::string::npos);
  EXPECT_EQ(chat("no-sk").status, 401);
  EXPECT_EQ(chat("").status, 401);
  EXPECT_EQ(store_.asked, 1);
}

TEST_F(KeysTest, WithoutTheStoreKnownKeysWorkAndOthersAre503) {
  key("sk-a");
  publish();
  store_.down = true;
  EXPECT_EQ(chat("sk-a").status, 200);
  auto refused = chat("sk-b");
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.body.find("no_db_connection"), std::string::npos) << refused.body;
}

TEST_F(KeysTest, AllowRequestsOnDbUnavailableOpensLlmRoutesOnly) {
  settings_.allow_requests_on_db_unavailable = true;
  start();
  publish();
  store_.down = true;
  EXPECT_EQ(chat("sk-b").status, 200);
  EXPECT_EQ(call("GET", "/v1/models", "sk-b").status, 200);
  EXPECT_EQ(call("GET", "/model/info", "sk-b").status, 503);
  EXPECT_EQ(chat("no-sk").status, 401);
}

TEST_F(KeysTest, ChangesCountFromTheNextRequestOn) {
  auto& record = key("sk-a");
  publish();
  EXPECT_EQ(chat("sk-a").status, 200);
  record.blocked = true;
  publish();
  auto blocked = chat("sk-a");
  EXPECT_EQ(blocked.status, 401);
  EXPECT_NE(blocked.body.find("Key is blocked"), std::string::npos);
  IdentityDelta gone;
  auto changes = std::make_shared<IdentitySet>();
  changes->keys[record.hash] = nullptr;
  gone.changes = changes;
  access::apply(shard_, gone);
  EXPECT_NE(chat("sk-a").body.find("token_not_found_in_db"), std::string::npos);
}

TEST_F(KeysTest, ModelsOfTheKeyAndWhatItSees) {
  key("sk-a").models = {"gpt"};
  key("sk-b").models = {"beta"};
  key("sk-c").aliases = {{"nick", "gpt"}};
  publish();
  EXPECT_EQ(chat("sk-a").status, 200);
  auto denied = chat("sk-a", "dear");
  EXPECT_EQ(denied.status, 403);
  EXPECT_NE(denied.body.find("key_model_access_denied"), std::string::npos) << denied.body;
  EXPECT_EQ(chat("sk-b", "dear").status, 200) << "through model_info.access_groups";
  EXPECT_EQ(chat("sk-b").status, 403);
  EXPECT_EQ(chat("sk-c", "nick").status, 200);
  EXPECT_EQ(chat("sk-a", "gpt", R"(,"fallbacks":["dear"])").status, 403);
  auto list = call("GET", "/v1/models", "sk-a").body;
  EXPECT_NE(list.find("\"gpt\""), std::string::npos);
  EXPECT_EQ(list.find("\"dear\""), std::string::npos) << list;
  EXPECT_EQ(call("GET", "/v1/models/dear", "sk-a").status, 404);
  EXPECT_EQ(call("GET", "/model/info", "sk-a").body.find("dear#0"), std::string::npos);
  EXPECT_EQ(call("GET", "/model_group/info", "sk-a").body.find("dear"), std::string::npos);
}

TEST_F(KeysTest, RoutesOfTheKey) {
  key("sk-a").allowed_routes = {"info_routes"};
  key("sk-b");
  publish();
  EXPECT_EQ(chat("sk-a").status, 403);
  EXPECT_EQ(call("GET", "/model/info", "sk-a").status, 200);
  EXPECT_EQ(call("GET", "/router/state", "sk-b").status, 401) << "not for keys without a role";
  EXPECT_EQ(call("GET", "/router/state", "sk-1234").status, 200);
}

TEST_F(KeysTest, EnforcedParamsAndTheUserParam) {
  settings_.enforced_params = {"metadata.generation_name"};
  settings_.service_account_enforced_params = {"user"};
  start();
  key("sk-a");
  key("sk-s").service_account = true;
  publish();
  const std::string named = R"(,"metadata":{"generation_name":"x"})";
  EXPECT_EQ(chat("sk-a").status, 401);
  EXPECT_EQ(chat("sk-1234").status, 401) << "for everybody";
  EXPECT_EQ(chat("sk-a", "gpt", named).status, 200);
  EXPECT_EQ(chat("sk-s", "gpt", named).status, 401);
  EXPECT_EQ(chat("sk-s", "gpt", named + R"(,"user":"u")").status, 200);
  settings_ = {};
  settings_.enforce_user_param = true;
  start();
  EXPECT_NE(chat("sk-a").body.find("'enforce_user_param'=True"), std::string::npos);
  EXPECT_EQ(chat("sk-a", "gpt", R"(,"user":"u")").status, 200);
}

TEST_F(KeysTest, CustomersAreAskedForOnceAndOnlyWhenTheyMayBeLimited) {
  key("sk-a");
  publish();
  EXPECT_EQ(chat("sk-a", "gpt", R"(,"user":"c")").status, 200);
  EXPECT_EQ(store_.asked_customers, 0) << "all those with limits are known";
  publish(false);
  EXPECT_EQ(chat("sk-a", "gpt", R"(,"user":"c")").status, 200);
  EXPECT_EQ(chat("sk-a", "gpt", R"(,"user":"c")").status, 200);
  EXPECT_EQ(store_.asked_customers, 1);
  auto blocked = std::make_shared<CustomerRecord>();
  blocked->id = "bad", blocked->blocked = true;
  store_.customers["bad"] = blocked;
  auto refused = chat("sk-a", "gpt", R"(,"user":"bad")");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("User blocked from making LLM API Calls. User=bad"), std::string::npos);
}

TEST_F(KeysTest, WhoCallsAndWhoPays) {
  auto& record = key("sk-a");
  record.user_id = "u", record.team_id = "t";
  world_.user("u").role = "internal_user";
  world_.team("t").entity = entity(EntityKind::team, "t", 1);
  publish();
  FakeExchange exchange(shard_, "POST", "/chat/completions");
  exchange.header("Authorization", "Bearer sk-a");
  CallIds ids;
  auto& telemetry = process_.telemetry->add_shard();
  RequestContext context(exchange, process_, telemetry, ids);
  context.path = "/chat/completions", context.route = find_route("POST", context.path).route;
  ASSERT_TRUE(access::authenticate(context));
  auto caller = access::caller_of(context);
  EXPECT_EQ(caller.role, "internal_user");
  EXPECT_EQ(caller.key_hash, record.hash);
  EXPECT_EQ(caller.team_id, "t");
  EXPECT_FALSE(caller.is_master);
  LlmRequest request;
  request.model = "gpt";
  auto who = access::payers_of(context, request);
  ASSERT_EQ(who.size(), 2u);
  EXPECT_EQ(who[0]->kind, EntityKind::key);
  EXPECT_EQ(who[1]->kind, EntityKind::team);
}

} // namespace

} // namespace switchyard::http::testing
