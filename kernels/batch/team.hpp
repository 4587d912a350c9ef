// Threads of a GPU that work on one trajectory together. Off the GPU one thread does what they do,
// in turn, so that what a team computes is tested without one.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

#include "kernels/math/scalar.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Whether each of a team's threads is there, or one stands for all of them.
#if defined(__CUDA_ARCH__)
inline constexpr bool team_is_threads = true;
#else
inline constexpr bool team_is_threads = false;
#endif

inline constexpr int warp_size = 32;  // threads

/// Bytes that every GPU has for a team without being asked.
inline constexpr std::size_t bytes_of_a_block = 48 << 10;

template <int Size>
struct Team {
  /// f(thread) for every thread of the team; what they wrote is there for all of them afterwards.
  /// Within f none may read what another one writes.
  template <class F>
  PHI_HD void each(const F& f) const {
#if defined(__CUDA_ARCH__)
    f(static_cast<int>(threadIdx.x));
    __syncthreads();
#else
    for (int thread = Size; thread-- > 0;) f(thread);
#endif
  }

  /// As each(); whether f(thread) is true for any, which all of them are told.
  template <class F>
  PHI_HD bool any(const F& f) const {
#if defined(__CUDA_ARCH__)
    return __syncthreads_or(f(static_cast<int>(threadIdx.x))) != 0;
#else
    bool is = false;
    for (int thread = Size; thread-- > 0;) is = f(thread) || is;
    return is;
#endif
  }

  /// As each(), for every warp of the team: f(warp), which its threads work on together.
  template <class F>
  PHI_HD void each_warp(const F& f) const {
    each_warp_apart(f);
    wait();
  }
  /// The same without waiting for the others: warps that share nothing go on.
  template <class F>
  PHI_HD void each_warp_apart(const F& f) const {
    static_assert(Size % warp_size == 0, "whole warps");
#if defined(__CUDA_ARCH__)
    f(static_cast<int>(threadIdx.x) / warp_size);
#else
    for (int warp = Size / warp_size; warp-- > 0;) f(warp);
#endif
  }
  /// For all of the team.
  PHI_HD void wait() const {
#if defined(__CUDA_ARCH__)
    __syncthreads();
#endif
  }
};

/// For all of a warp.
PHI_HD void wait_for_warp() {
#if defined(__CUDA_ARCH__)
  __syncwarp();
#endif
}

/// f(lane) for every thread of a warp, as Team::each() for a team.
template <class F>
PHI_HD void each_lane(const F& f) {
#if defined(__CUDA_ARCH__)
  f(static_cast<int>(threadIdx.x) % warp_size);
  __syncwarp();
#else
  for (int lane = warp_size; lane-- > 0;) f(lane);
#endif
}

/// What each thread of a team, or each warp, keeps to itself from one each() to the next: on a GPU
/// in registers. Nothing is done to what is left of it at the end.
template <class T, int Size>
class OfEach {
 public:
  PHI_HD OfEach() {}
  PHI_HD T& operator[](int thread) { return places_[team_is_threads ? 0 : thread].value; }

  /// For a T that is made of something.
  template <class... From>
  PHI_HD void make(int thread, From&&... from) {
    new (&(*this)[thread]) T(std::forward<From>(from)...);
  }

 private:
  union Place {
    T value;
    PHI_HD Place() {}
  };
  Place places_[team_is_threads ? 1 : Size];
};

}  // namespace PHI_ISA
}  // namespace phigrad
