// The bill of a call that is passed on: admitted like any other, priced by the usage that its answer tells
// where the format is known, one spend row in any case. Nothing of the answer is changed. Shard code; lives
// in the call's frame.
#pragma once

#include "http/bill.hpp"
#include "http/body_buffer.hpp"
#include "http/chunk_text.hpp"
#include "http/frames.hpp"
#include "http/llm_request.hpp"
#include "http/passed_call.hpp"
#include "http/upstream/client.hpp"

#include <switchyard/provider.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard::http {

/// What is not priced names models where nobody looks: who has a budget, or may call only some models, would
/// have neither. None = go on.
Error may_pass_unpriced(const RequestContext& context);

class PassMeter {
 public:
  /// `call` = what the path says; nothing = it is not priced. A null target = a URL of the configuration.
  PassMeter(RequestContext& context, std::shared_ptr<const providers::Target> target,
            std::optional<PassedCall> call);
  PassMeter(const PassMeter&) = delete;
  PassMeter& operator=(const PassMeter&) = delete;

  /// Before the upstream is called: models, customers, budgets and limits. None = go on. `body` outlives
  /// this.
  aw<Error> open(std::string_view body);
  /// The answer begins; afterwards its bytes.
  void begin(const upstream::Reply& reply);
  void take(std::string_view bytes);
  /// It is over, or broke off: what was received is paid for. Before the client has the end.
  void end(bool broken = false);
  void fail(const Error& error);
  /// x-litellm-key-spend and limits.
  void append_headers(std::string& out) const;

 private:
  Error check();
  void read_request(std::string_view body);
  void choose_row();
  void price_by(GroupPtr group);
  providers::Call make_call() const;
  void take_frame(std::string_view raw, std::string_view event, std::string_view data);
  void take_list(const std::string& list);
  Usage usage_of_whole();
  bool on() const noexcept { return bill_ && bill_->on(); }

  RequestContext& context_;
  std::shared_ptr<const providers::Target> target_; ///< null: a URL of the configuration
  std::optional<PassedCall> call_;                  ///< nothing = not priced
  std::string model_;                               ///< as the upstream calls it
  LlmRequest request_;
  DeploymentPtr row_;
  std::unique_ptr<Bill> bill_;
  // -- the answer
  Instant started_{};
  int status_ = 0;
  std::string headers_, whole_, decoded_model_;
  MemoryCharge charge_;
  bool readable_ = false;
  std::unique_ptr<providers::Call> decoded_as_; ///< as long as the decoder
  std::unique_ptr<providers::StreamDecoder> decoder_;
  std::optional<FrameReader> frames_;
  providers::StreamEvent event_;
  ChunkTextReader reader_;
  ChunkText said_;
  std::uint32_t events_ = 0; ///< with content
  std::size_t spelled_ = 0;  ///< bytes of text
};

} // namespace switchyard::http
