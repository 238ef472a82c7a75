// simple-shuffle (spec router.md 2.2): random by weight, else rpm, else tpm, else uniform; the first healthy
// row says which. The next candidates are drawn from the rest in the same way. Pure.
#include "actors/roster.hpp"

#include <cmath>
#include <utility>

namespace switchyard::actors::strategies {

namespace {

constexpr std::size_t k_uniform = 3; ///< past the last kind of share

std::size_t kind_of(const Seat& first) {
  std::size_t kind = 0;
  while (kind < k_uniform && !first.shares[kind]) ++kind;
  return kind;
}

/// A row without the value, or with a senseless one, counts 0.
double share(const Seat& seat, std::size_t kind) {
  const double value = seat.shares[kind].value_or(0);
  return std::isfinite(value) && value > 0 ? value : 0;
}

/// Position in `order`, from `from` on, drawn by share; uniform when the shares say nothing.
std::size_t draw(const Roster& roster, Candidates order, std::size_t from, std::size_t kind, Random& random) {
  const double unit = random.unit();
  double sum = 0;
  if (kind != k_uniform)
    for (auto i = from; i < order.size(); ++i) sum += share(roster.seats[order[i]], kind);
  if (sum <= 0) return from + static_cast<std::size_t>(unit * static_cast<double>(order.size() - from));
  double left = unit * sum;
  auto last = from;
  for (auto i = from; i < order.size(); ++i) {
    const double part = share(roster.seats[order[i]], kind);
    if (part <= 0) continue;
    last = i; // rounding may leave a crumb after the last share
    if ((left -= part) < 0) break;
  }
  return last;
}

} // namespace

void simple_shuffle(const Roster& roster, const PickQuery& query, Candidates order) {
  Random random(query.random);
  const auto kind = kind_of(roster.seats[order.front()]);
  for (std::size_t i = 0; i + 1 < order.size() && i < k_drawn; ++i)
    std::swap(order[i], order[draw(roster, order, i, kind, random)]);
}

} // namespace switchyard::actors::strategies
