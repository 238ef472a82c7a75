// One request's money: reserved before the first try, journaled, settled at the end with what was used. Lives
// in the call's frame; does nothing on a gateway without a store. Shard code.
#pragma once

#include "http/bill_bound.hpp"
#include "http/llm_request.hpp"
#include "http/request.hpp"
#include "http/stream_answer.hpp"

#include <switchyard/ledger.hpp>
#include <switchyard/provider.hpp>
#include <switchyard/spend.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http {

class Bill {
 public:
  Bill(RequestContext& context, LlmRequest& request);
  /// What nobody closed is closed as a failure, so that no reservation and no begun record stays behind.
  ~Bill();
  Bill(const Bill&) = delete;
  Bill& operator=(const Bill&) = delete;

  bool on() const noexcept { return state_ != nullptr; }
  /// Only when on(). Reserves and journals; none = go on. Budgets and limits refuse in LiteLLM's words.
  aw<Error> open();
  /// What is reserved is enough for this group's rows, as far as is known without asking.
  bool covers(const Group& group) const noexcept {
    return !open_now() || !state_->admission || state_->covered == &group;
  }
  /// Before a try of a group that it does not cover: reserves what its rows may cost more; none = go on.
  aw<Error> cover(const Group& group);
  /// What budget_policy clamp leaves of the output, as the parameter to send; empty = as the client said.
  const std::vector<JsonParam>& clamped() const noexcept {
    static const std::vector<JsonParam> none;
    return state_ ? state_->clamped : none;
  }

  /// A row answered (or broke off behind content) with this usage: it is paid for.
  void add(const Deployment& row, std::string_view upstream_model, const providers::Usage& usage,
           Micros upstream_time);
  /// The id of the answer, when it has one.
  void set_response_id(std::string_view id);
  /// With store_prompts_in_spend_logs: the answer as the client gets it, when it is one JSON text.
  void keep_answer(const TextSlices& body);
  /// A call that goes on after add(), as a session does: settles what was used so far and admits what may
  /// come. Counts as one request and ends in one record. None = go on.
  aw<Error> renew();
  /// The same for a part of a stream.
  void keep_frames(const TextSlices& frames);
  /// Before the last bytes leave: the record is written, the reservation settled. Later calls do nothing.
  void close();
  /// The same for a request that failed; what rows were paid for stays paid.
  void close_failed(const Error& error, int status);

  /// x-litellm-response-cost (once add() was called), -key-spend, -key-max-budget, x-ratelimit-*.
  void append_headers(std::string& out) const;

 private:
  aw<Error> admit(Settle renews);
  WorstCase worst_of(const Group& group, const Bound& bound) const;
  Settle settlement() const;
  AdmitQuery query(std::uint32_t output_bound) const;
  bool clamp(const AdmitQuery& asked, Money allowed, std::uint32_t output_bound);
  Error begin_record();
  void finish(std::string_view status);

  /// Apart, so that a gateway without a store pays one pointer for all of this.
  struct State {
    bool open = false, used = false;
    Admission admission;
    Money told_cost;                ///< what renew() has settled already
    std::uint32_t told_tokens = 0;  ///< likewise
    Money worst;                    ///< reserved
    bool free = false;              ///< no budget was looked at
    const Group* covered = nullptr; ///< the group that it is enough for; the request's routing keeps it
    JournalTicket ticket;
    SpendEvent event;
    CostBreakdown breakdown;
    std::vector<JsonParam> clamped;
    std::string problem; ///< error_information, JSON
    std::unique_ptr<StreamAnswer> streamed;
  };
  bool open_now() const noexcept { return state_ && state_->open; }

  RequestContext& context_;
  LlmRequest& request_;
  std::unique_ptr<State> state_;
};

} // namespace switchyard::http
