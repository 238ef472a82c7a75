// Streaming decoder of request bodies by their Content-Encoding. One per request, on its shard; bounded
// memory and no blocking. It stops at the caller's cap, so that a small body cannot become a large one.
#pragma once

#include <switchyard/error.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace switchyard {

namespace core {
class DecodeStage;
}

class ContentDecoder {
 public:
  /// From the header's value: gzip, x-gzip, deflate, br, zstd, identity or nothing; at most two codings in a
  /// list. Anything else is unsupported_encoding.
  static Result<ContentDecoder> make(std::string_view content_encoding);

  ContentDecoder(ContentDecoder&&) noexcept;
  ContentDecoder& operator=(ContentDecoder&&) noexcept;
  ~ContentDecoder();

  /// Nothing to decode: the body may be used as it arrives.
  bool identity() const noexcept { return !stages_[0]; }
  /// Appends what `in` decodes to. body_too_large when this decoder's whole output passes `cap`;
  /// invalid_request when the data is corrupt or goes on behind its end. After an error the decoder may only
  /// be destroyed.
  Result<void> feed(std::string_view in, std::string& out, std::size_t cap);
  /// The body has ended; invalid_request when the coded data had not.
  Result<void> finish() const;

 private:
  ContentDecoder();
  Result<void> run(std::size_t index, std::string_view in, std::string& out, std::size_t cap);

  std::array<std::unique_ptr<core::DecodeStage>, 2> stages_; ///< outermost coding first
  std::array<std::uint64_t, 3> total_{};                     ///< bytes out of each stage; [2]: identity
};

} // namespace switchyard
