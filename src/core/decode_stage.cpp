// The content codings: zlib (gzip, deflate), brotli and zstd behind one step function. One object per
// request.
#include "core/decode_stage.hpp"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>

namespace switchyard::core {
namespace {

constexpr int k_zstd_window_log = 23; // 8 MB, RFC 9659's bound for Content-Encoding

class ZlibStage : public DecodeStage {
 public:
  ~ZlibStage() override {
    if (open_) inflateEnd(&z_);
  }
  bool complete() const noexcept override { return ended_; }

  bool step(std::string_view& in, std::span<char> out, std::size_t& produced) override {
    produced = 0;
    if (in.empty() && (ended_ || !open_)) return true;
    if (!open_ && !(open_ = inflateInit2(&z_, window_bits(in.front())) == Z_OK)) return false;
    // RFC 1952 lets gzip members follow one another.
    if (ended_ && (!members_ || inflateReset(&z_) != Z_OK)) return false;
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    z_.avail_in = static_cast<uInt>(std::min<std::size_t>(in.size(), 1u << 30));
    z_.next_out = reinterpret_cast<Bytef*>(out.data());
    z_.avail_out = static_cast<uInt>(out.size());
    const uInt offered = z_.avail_in;
    const int code = inflate(&z_, Z_NO_FLUSH);
    in.remove_prefix(offered - z_.avail_in);
    produced = out.size() - z_.avail_out;
    ended_ = code == Z_STREAM_END;
    return code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR;
  }

 protected:
  explicit ZlibStage(bool members) : members_(members) {}
  virtual int window_bits(char first) const = 0;

 private:
  z_stream z_{};
  const bool members_;
  bool open_ = false, ended_ = false;
};

class GzipStage final : public ZlibStage {
 public:
  GzipStage() : ZlibStage(true) {}

 private:
  int window_bits(char) const override { return 15 + 16; }
};

class DeflateStage final : public ZlibStage {
 public:
  DeflateStage() : ZlibStage(false) {}

 private:
  // RFC 9110 means zlib's format; many clients send the bare one. A zlib header starts with method 8 and a
  // window of at most 7, which as a bare block would be a stored one with padding bits set.
  int window_bits(char first) const override {
    const auto byte = static_cast<unsigned char>(first);
    return (byte & 15) == 8 && byte >> 4 <= 7 ? 15 : -15;
  }
};

class BrotliStage final : public DecodeStage {
 public:
  bool complete() const noexcept override { return ended_; }

  bool step(std::string_view& in, std::span<char> out, std::size_t& produced) override {
    produced = 0;
    if (ended_ || !state_) return in.empty() && state_;
    std::size_t left = in.size(), room = out.size();
    auto* next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    auto* next_out = reinterpret_cast<std::uint8_t*>(out.data());
    const auto code = BrotliDecoderDecompressStream(state_.get(), &left, &next_in, &room, &next_out, nullptr);
    in.remove_prefix(in.size() - left);
    produced = out.size() - room;
    ended_ = code == BROTLI_DECODER_RESULT_SUCCESS;
    return code != BROTLI_DECODER_RESULT_ERROR;
  }

 private:
  struct Free {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliDecoderState, Free> state_{BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)};
  bool ended_ = false;
};

class ZstdStage final : public DecodeStage {
 public:
  ZstdStage() {
    if (context_) ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, k_zstd_window_log);
  }
  bool complete() const noexcept override { return ended_; }

  bool step(std::string_view& in, std::span<char> out, std::size_t& produced) override {
    produced = 0;
    if (!context_) return false;
    // With nothing to read or to flush the call would count as the start of another frame.
    if (in.empty() && !full_) return true;
    ZSTD_inBuffer source{in.data(), in.size(), 0};
    ZSTD_outBuffer target{out.data(), out.size(), 0};
    const std::size_t code = ZSTD_decompressStream(context_.get(), &target, &source);
    if (ZSTD_isError(code)) return false;
    in.remove_prefix(source.pos);
    produced = target.pos;
    ended_ = code == 0;
    full_ = !ended_ && target.pos == target.size;
    return true;
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_{ZSTD_createDCtx()};
  bool ended_ = false, full_ = false;
};

template <class Stage>
std::unique_ptr<DecodeStage> make() {
  return std::make_unique<Stage>();
}

struct Coding {
  std::string_view name;
  MakeStage make;
};
constexpr Coding k_codings[] = {
    {"gzip", make<GzipStage>}, {"x-gzip", make<GzipStage>}, {"deflate", make<DeflateStage>},
    {"br", make<BrotliStage>}, {"zstd", make<ZstdStage>},
};

} // namespace

MakeStage find_coding(std::string_view name) noexcept {
  for (const Coding& coding : k_codings)
    if (coding.name == name) return coding.make;
  return nullptr;
}

} // namespace switchyard::core
