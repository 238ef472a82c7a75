// Any bytes as a cost map: no crash, no price below zero, and what is read survives being written and read
// again. libFuzzer, one thread.
#include <switchyard/json.hpp>
#include <switchyard/pricing.hpp>

#include <cstdint>
#include <cstdlib>

namespace {

using namespace switchyard;

void check(const ModelPrice& price) {
  Usage usage;
  usage.prompt_tokens = 300'000, usage.completion_tokens = 5'000, usage.cache_read_tokens = 10;
  const auto cost = cost_of(price, usage, {}, 1000);
  if (cost.total < Money{}) std::abort();
  if (cost_of(price, usage).total > worst_case(price, usage.prompt_tokens, usage.completion_tokens).total)
    std::abort();
  read_price(price.name, price_fields(price));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  class Empty final : public PriceBook {
    ModelPricePtr find(std::string_view, std::string_view, std::string_view) const override {
      return nullptr;
    }
    std::size_t size() const override { return 0; }
    std::string_view date() const override { return {}; }
  };
  static const PriceBookPtr below = std::make_shared<Empty>();
  std::vector<std::string> warnings;
  auto book = with_cost_map(below, {reinterpret_cast<const char*>(data), size}, warnings);
  if (book) (*book)->each(check);
  return 0;
}
