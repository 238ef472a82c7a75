// Flights: one list of waiting requests per digest, on the shard that owns it. Messages go by asio::post.
#include "http/coalesce.hpp"

#include "http/auth.hpp"
#include "http/shard.hpp"

#include <boost/asio/post.hpp>
#include <openssl/evp.h>

#include <cstring>

namespace switchyard::http {

namespace {

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }
  /// Length first: no two lists of parts run into each other.
  void add(std::string_view part) {
    const std::uint64_t size = part.size();
    EVP_DigestUpdate(context_.get(), &size, sizeof size);
    EVP_DigestUpdate(context_.get(), part.data(), part.size());
  }
  Digest finish() {
    Digest digest{};
    EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

/// Headers that change how a request is served.
constexpr std::array<std::string_view, 5> k_headers = {
    "x-litellm-timeout", "x-litellm-num-retries", "x-litellm-tags", "x-litellm-session-id", "user-agent"};

Digest digest_of(const RequestContext& context, const LlmRequest& request) {
  auto& head = context.exchange.head;
  Sha256 hash;
  hash.add(context.path);
  hash.add(presented_key(head, context.config.general.litellm_key_header_name).value);
  hash.add(request.body);
  for (auto name : k_headers) hash.add(head.find(name));
  for (auto& header : request.forward_headers) hash.add(header.name), hash.add(header.value);
  return hash.finish();
}

Shard& owner_of(const RequestContext& context, const Digest& digest) {
  std::uint32_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  auto& shards = context.process.shards;
  return *shards[number % shards.size()];
}

Flights& flights_of(Shard& shard) {
  if (!shard.flights) shard.flights = std::make_shared<Flights>();
  return *shard.flights;
}

/// Of an asker whose client has left: it takes no further part. Posted behind the question, so that it finds
/// it.
struct Departure {
  Join join;
  Shard* owner = nullptr;

  static void leave(void* self) {
    auto& departure = *static_cast<Departure*>(self);
    asio::post(departure.owner->context,
               [&owner = *departure.owner, join = departure.join] { flights_of(owner).leave(join); });
  }
};

/// Carries a question to the owner's thread. A duty that is dropped on the way answers "ask for yourself".
struct Door final : Mailbox<Ask<Join, Joined>>::Sink {
  Shard& owner;
  explicit Door(Shard& shard) : owner(shard) {}
  void send(Ask<Join, Joined> message) const override {
    asio::post(owner.context, [&shard = owner, message = std::move(message)] {
      flights_of(shard).join(shard, message.query, message.duty);
    });
  }
};

} // namespace

void SharedAnswer::keep(int response_status, std::string_view response_headers, Slices slices) {
  status = response_status;
  headers = response_headers;
  body.clear();
  for (auto slice : slices) body += slice;
}

Leadership::Leadership(Shard& owner, const Digest& digest)
    : owner_(&owner), home_(owner.flights), digest_(digest) {}

Leadership::~Leadership() {
  if (!landed_) land(nullptr);
}

void Leadership::land(SharedAnswerPtr answer) {
  landed_ = true;
  const auto alive = home_.lock();
  if (!alive) return;
  asio::post(owner_->context, [&owner = *owner_, digest = digest_, answer = std::move(answer)] {
    flights_of(owner).land(owner, digest, answer);
  });
}

/// An asker that is gone drops the lead it is given, which lands here again.
bool Flights::give_lead(Shard& owner, const Digest& digest, Waiters& waiters) {
  if (waiters.empty()) return false;
  const auto waiter = std::move(waiters.front());
  waiters.pop_front();
  waiter.duty.answer(Joined{nullptr, std::make_shared<Leadership>(owner, digest)});
  return true;
}

void Flights::join(Shard& owner, const Join& join, Duty<Joined> duty) {
  auto [flight, fresh] = open_.try_emplace(join.digest);
  flight->second.push_back({join.who, std::move(duty)});
  if (fresh) give_lead(owner, join.digest, flight->second);
}

/// A duty that is dropped answers with neither answer nor lead.
void Flights::leave(const Join& join) {
  auto flight = open_.find(join.digest);
  if (flight != open_.end())
    std::erase_if(flight->second, [&](const Waiter& waiter) { return waiter.who == join.who; });
}

void Flights::land(Shard& owner, const Digest& digest, const SharedAnswerPtr& answer) {
  auto flight = open_.find(digest);
  if (flight == open_.end()) return;
  if (!answer && give_lead(owner, digest, flight->second)) return;
  auto waiters = std::move(flight->second);
  open_.erase(flight);
  if (answer)
    for (auto& waiter : waiters) waiter.duty.answer(Joined{answer, nullptr});
}

bool may_coalesce(const RequestContext& context, const LlmRequest& request) {
  return context.config.router.coalesce_requests && request.json && !request.stream && !is_session(request) &&
         request.endpoint != Endpoint::speech;
}

aw<Joined> join_flight(RequestContext& context, const LlmRequest& request) {
  Departure departure{Join{digest_of(context, request), context.shard.random.next()}};
  departure.owner = &owner_of(context, departure.join.digest);
  const Mailbox<Ask<Join, Joined>> door(std::make_shared<Door>(*departure.owner));
  Pending<Joined> pending(door, departure.join, context.shard.executor());
  auto& cancel = context.exchange.cancel;
  CancelScope::Waiter waiter(cancel, Departure::leave, &departure);
  if (cancel.cancelled()) Departure::leave(&departure);
  if (!pending.ready()) co_await pending.wait();
  co_return pending.take();
}

} // namespace switchyard::http
