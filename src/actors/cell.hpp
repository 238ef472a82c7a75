// Cells of a DeploymentView from the side of their single writer: a plain load and store instead of a locked
// instruction. Only in the actor that owns the view.
#pragma once

#include <atomic>

namespace switchyard::actors {

template <class T>
T get(const std::atomic<T>& cell) noexcept {
  return cell.load(std::memory_order_relaxed);
}
template <class T, class Value>
void put(std::atomic<T>& cell, Value value) noexcept {
  cell.store(static_cast<T>(value), std::memory_order_relaxed);
}
template <class T, class Delta>
void add(std::atomic<T>& cell, Delta delta) noexcept {
  put(cell, get(cell) + delta);
}

} // namespace switchyard::actors
