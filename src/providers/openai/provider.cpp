// The one provider of all OpenAI-compatible rows. Immutable, any thread.
#include "providers/openai/provider.hpp"

#include "providers/local/local.hpp"
#include "providers/openai/decode.hpp"
#include "providers/openai/encode.hpp"
#include "providers/openai/errors.hpp"

namespace switchyard::providers {

bool OpenAiProvider::supports(const Target& target, Endpoint endpoint) const {
  if (endpoint >= Endpoint::messages)
    return (as_openai(target).row->endpoints & set_of(endpoint)) != 0; // else bridged
  return target.answers_locally || (as_openai(target).row->endpoints & set_of(endpoint)) != 0;
}

Result<void> OpenAiProvider::encode(const Target& target, const Call& call, Wire& out) const {
  out.clear();
  return call.json ? encode_json(as_openai(target), call, out)
                   : encode_multipart(as_openai(target), call, out);
}

Result<void> OpenAiProvider::decode(const Target& target, const Call& call, const UpstreamAnswer& answer,
                                    std::string_view client_model, Decoded& out) const {
  return decode_answer(as_openai(target), call, answer, client_model, out);
}

std::unique_ptr<StreamDecoder> OpenAiProvider::stream(const Target& target, const Call& call,
                                                      std::string_view client_model) const {
  return make_stream_decoder(as_openai(target), call, client_model);
}

Result<void> OpenAiProvider::forward(const Target& target, const Call&, const Forwarded& asked,
                                     Wire& out) const {
  return encode_forwarded(as_openai(target), asked, out);
}

Error OpenAiProvider::map_error(const Target& target, const UpstreamAnswer& answer) const {
  auto error = make_upstream_error(as_openai(target), answer.status, answer.body);
  error.retry_after = parse_retry_after(answer.headers);
  error.extra().upstream_headers = answer.headers;
  return error;
}

LocalAnswer OpenAiProvider::local_answer(const Target& target, const Call& call,
                                         std::string_view client_model, std::string_view id,
                                         std::int64_t created) const {
  return answer_locally(as_openai(target), LocalCall{call, client_model, id, created});
}

const Provider& openai_provider() noexcept {
  static const OpenAiProvider provider;
  return provider;
}

} // namespace switchyard::providers
