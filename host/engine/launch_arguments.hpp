// All that a sequence of launches depends on, byte by byte: how a device knows that it is the same
// sequence again.
#pragma once

#include <type_traits>
#include <vector>

namespace phigrad {

class LaunchArguments {
 public:
  /// Begins anew, in the memory that it has.
  void start() { bytes_.clear(); }

  /// Padding is made zero where the compiler can; elsewhere it may make the same look different,
  /// never the different the same.
  template <class T>
  void add(T value) {
    static_assert(std::is_trivially_copyable_v<T>, "kernels take plain bytes");
#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
    __builtin_clear_padding(&value);
#endif
#endif
    const auto* const first = reinterpret_cast<const unsigned char*>(&value);
    bytes_.insert(bytes_.end(), first, first + sizeof value);
  }

  const std::vector<unsigned char>& bytes() const { return bytes_; }

 private:
  std::vector<unsigned char> bytes_;
};

}  // namespace phigrad
