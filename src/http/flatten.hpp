// Small gather writes as one piece: below a page a copy costs less than what the kernel does per slice. Pure.
#pragma once

#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <cstring>

namespace switchyard::http {

class Flattened {
 public:
  /// Copies `parts` (const_buffers) when there are several and they are small; else is empty.
  template <class Parts>
  explicit Flattened(const Parts& parts) {
    std::size_t total = boost::asio::buffer_size(parts);
    if (parts.size() < 2 || total > bytes_.size()) return;
    for (const auto& part : parts) {
      std::memcpy(bytes_.data() + size_, part.data(), part.size());
      size_ += part.size();
    }
  }
  bool empty() const noexcept { return size_ == 0; }
  boost::asio::const_buffer piece() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<char, 4096> bytes_;
  std::size_t size_ = 0;
};

} // namespace switchyard::http
