// The responses API over chat: what its request, its answer and its stream share. Pure, any thread.
#pragma once

#include "providers/inbound/blocks.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::providers::inbound {

/// What `encrypted_content` of a reasoning item begins with when it holds thinking blocks as JSON: a client
/// that sends the item back gives the model its signed thoughts again.
inline constexpr std::string_view k_sealed_thinking = "switchyard:thinking_blocks:";
/// The function that stands for the local_shell tool.
inline constexpr std::string_view k_local_shell = "local_shell";

Result<Value> responses_request(const Side& side);
std::unique_ptr<Writer> responses_writer(const Side& side);

/// Writes items and the response object; knows the client's tools.
class ResponseForm {
 public:
  explicit ResponseForm(const Side& side);
  /// The response object around `output` (items, comma separated) in the state `status`.
  std::string response(std::string_view status, std::string_view model, const std::string& output,
                       const std::string& usage, std::string_view finish) const;
  static std::string usage(const Usage& usage);
  static std::string_view status(std::string_view finish) noexcept; ///< completed or incomplete
  /// "rs_...", "msg_...", "fc_...", "ctc_...", "lsh_..." of the item at `index`.
  std::string item_id(const Piece& piece, std::size_t index) const;
  /// The item of a piece; `status` = in_progress or completed.
  std::string item(const Piece& piece, std::size_t index, std::string_view status) const;
  static std::string text_part(const Piece& piece);
  bool is_custom(std::string_view tool) const noexcept;
  /// What a custom tool gets: the one argument of the function that stands for it.
  static std::string custom_input(const std::string& arguments);

 private:
  std::string call_item(const Piece& piece, const std::string& head, std::string_view status) const;
  std::string id_, model_;
  std::string echo_; ///< the request's members that a response repeats, as JSON members
  std::int64_t created_;
  std::vector<std::string> custom_;
  bool local_shell_ = false;
};

} // namespace switchyard::providers::inbound
