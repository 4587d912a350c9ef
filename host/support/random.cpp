#include "host/support/random.hpp"

#include <Random123/philox.h>

namespace phigrad {

double RandomStream::uniform(double low, double high) {
  using Philox = r123::Philox4x32;
  const Philox::ctr_type counter = {{count_++, iteration_, index_, draw_}};
  const Philox::key_type key = {{key_[0], key_[1]}};
  const Philox::ctr_type bits = Philox()(counter, key);
  // 52 bits and a half, so that neither 0 nor 1 comes out.
  const std::uint64_t whole = (std::uint64_t{bits[0]} << 20) | (bits[1] >> 12);
  const double unit = (static_cast<double>(whole) + 0.5) * 0x1p-52;
  return low + (high - low) * unit;
}

}  // namespace phigrad
