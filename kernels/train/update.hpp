// Moves policies along the mean of their rollouts' gradients: gradient descent or Adam (Kingma and
// Ba, 2015), each policy's gradient clipped by its norm. To the bits of host/train/optimiser.cpp.
#pragma once

#include "kernels/batch/team.hpp"
#include "kernels/entry/update_arguments.hpp"
#include "kernels/math/doubles.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// One call moves as many policies as a Real has lanes. On a GPU that is one, by a team of threads
/// which share its parameters and rollouts.
template <class Real, int Threads>
struct Update {
  using S = scalar_t<Real>;
  using D = doubles_t<Real>;
  static constexpr int width = width_v<Real>, lanes = width_v<D>, parts = width / lanes;
  static constexpr int threads = Threads;
  static constexpr int teams_at_once = 0;  // that registers are cut for; 0: not cut

  struct Shared {
    std::int32_t counted[threads][width];
    D squares[threads][parts];
    // Of each policy; 0 and 1 where it stays.
    double used[width], step[width], factor[width], bias1[width], bias2[width];
  };

  UpdateArgs<S> a;

  PHI_HD void operator()(std::int64_t index, Shared& s) const {
    const Group group{a, a.first / width + index, index};
    const std::int32_t iteration = a.count->current;
    each([&](int thread) {
      if (group.index == 0 && thread == 0) a.count->next = iteration + 1;
      for (int lane = 0; lane < width; ++lane) {
        s.counted[thread][lane] = keep_scores(group.policy(lane), iteration, thread);
      }
    });
    each([&](int thread) {
      if (thread > 0) return;
      for (int lane = 0; lane < width; ++lane) {
        std::int32_t used = 0;
        for (int i = 0; i < threads; ++i) used += s.counted[i][lane];
        s.used[lane] = used;
      }
    });
    D norm[parts];
    take_norms(group, s, norm);
    each([&](int thread) {
      if (thread > 0) return;
      for (int lane = 0; lane < width; ++lane) {
        begin_update(group.policy(lane), Doubles<D>::lane(norm[lane / lanes], lane % lanes),
                     iteration, lane, s);
      }
    });
    each([&](int thread) {
      for (int i = thread; i < a.parameters; i += threads) {
        PHI_UNROLL
        for (int part = 0; part < parts; ++part) move(group, i, part, s);
      }
    });
  }

 private:
  template <class F>
  PHI_HD static void each(const F& f) {
    Team<threads>().each(f);
  }

  /// Policies group · W to group · W + W − 1, the index-th of the launch.
  struct Group {
    const UpdateArgs<S>& a;
    std::int64_t group, index;

    PHI_HD std::int64_t policy(int lane) const { return group * width + lane; }
    /// Where number `row` of `rows` of the policies of a part lies.
    PHI_HD std::int64_t at(std::int64_t row, std::int64_t rows, int part) const {
      return (group * rows + row) * width + part * lanes;
    }
  };

  PHI_HD static const S& in_slot(const Rows<S>& rows, std::int64_t slot) {
    return rows.at(0, slot / width)[slot % width];
  }

  /// Keeps what a thread's share of a policy's rollouts cost; returns how many of them have a
  /// gradient.
  PHI_HD std::int32_t keep_scores(std::int64_t policy, std::int32_t iteration, int thread) const {
    std::int32_t counted = 0;
    if (policy >= a.policies) return counted;
    for (std::int64_t r = thread; r < a.rollouts; r += threads) {
      const std::int64_t slot = policy * a.slots_per_policy + r;
      a.losses[iteration * a.slots + slot] = in_slot(a.loss, slot);
      a.path_errors[iteration * a.slots + slot] = in_slot(a.path_error, slot);
      counted += in_slot(a.status, slot) == S(-1) ? 1 : 0;
    }
    return counted;
  }

  /// Mean gradient of the policies of a part.
  PHI_HD D mean(const Group& group, int i, int part, const Shared& s) const {
    const D used = load<D>(s.used + part * lanes);
    D g(0.0);
    if (a.rollouts == 1) {
      g = Doubles<D>::load(row_at<Real>(a.theta_bar, i, group.index) + part * lanes);
      return select(used > D(0.0), g, D(0.0));
    }
    double sums[lanes];
    for (int lane = 0; lane < lanes; ++lane) {
      const std::int64_t policy = group.policy(part * lanes + lane);
      const std::int64_t at = policy * a.parameters + i;
      sums[lane] = policy >= a.policies  ? 0
                   : a.totals != nullptr ? a.totals[at]
                                         : total(a.sums[at]);
    }
    return select(used > D(0.0), load<D>(sums) / used, D(0.0));
  }
  PHI_HD static double total(const GradientSum& sum) {
    const Double2 value = value_of(sum.sum);
    return value.high + value.low;
  }

  /// 2-norms, their squares added up in the order of the parameters by the first thread.
  PHI_HD void take_norms(const Group& group, Shared& s, D (&norm)[parts]) const {
    for (D& part : norm) part = D(0.0);
    for (int first = 0; first < a.parameters; first += threads) {
      each([&](int thread) {
        for (int part = 0; part < parts; ++part) {
          const D g = first + thread < a.parameters ? mean(group, first + thread, part, s) : D(0.0);
          s.squares[thread][part] = g * g;
        }
      });
      each([&](int thread) {
        if (thread > 0) return;
        for (int i = 0; i < threads && first + i < a.parameters; ++i) {
          for (int part = 0; part < parts; ++part) norm[part] = norm[part] + s.squares[i][part];
        }
      });
    }
    for (D& part : norm) part = sqrt(part);
  }

  /// What of a policy's update is the same for all of its parameters.
  PHI_HD void begin_update(std::int64_t policy, double norm, std::int32_t iteration, int lane,
                           Shared& s) const {
    s.step[lane] = s.factor[lane] = 0;
    s.bias1[lane] = s.bias2[lane] = 1;
    if (policy >= a.policies) return;
    const bool moves = s.used[lane] > 0;
    a.norms[std::int64_t{iteration} * a.policies + policy] =
        moves ? norm : FloatLimits<double>::nan;
    a.used[std::int64_t{iteration} * a.policies + policy] = static_cast<std::int32_t>(s.used[lane]);
    if (!moves) return;
    const std::int64_t number = policy / a.policies_per_rule;
    const UpdateRule& rule = a.rules[number];
    s.factor[lane] = rule.clip_norm > 0 && norm > rule.clip_norm ? rule.clip_norm / norm : 1;
    s.step[lane] = rule.adam ? rule.step : rule.step * s.factor[lane];
    if (!rule.adam) return;
    const double* const bias = a.bias + (number * a.most_updates + a.updates[policy]) * 2;
    s.bias1[lane] = bias[0];
    s.bias2[lane] = bias[1];
    ++a.updates[policy];
  }

  PHI_HD void move(const Group& group, int i, int part, const Shared& s) const {
    double* const at = a.theta + group.at(i, a.parameters, part);
    const mask_t<D> moves = load<D>(s.used + part * lanes) > D(0.0);
    const D g = mean(group, i, part, s);
    const D theta = load<D>(at);
    const D step = load<D>(s.step + part * lanes);
    D moved;
    if (a.moments == nullptr) {
      moved = theta - step * g;
    } else {
      moved = theta - adam(group, i, part, moves, g * load<D>(s.factor + part * lanes), step, s);
    }
    moved = select(moves, moved, theta);
    store(moved, at);
    write(group, i, part, moved);
  }

  PHI_HD D adam(const Group& group, int i, int part, const mask_t<D>& moves, const D& g,
                const D& step, const Shared& s) const {
    double* const mean_at = a.moments + group.at(i, 2 * a.parameters, part);
    double* const square_at = a.moments + group.at(a.parameters + i, 2 * a.parameters, part);
    D beta1(0.0), beta2(0.0), epsilon(0.0);
    rule_numbers(group, part, beta1, beta2, epsilon);
    const D mean_before = load<D>(mean_at), square_before = load<D>(square_at);
    const D mean = beta1 * mean_before + (D(1.0) - beta1) * g;
    const D square = beta2 * square_before + (D(1.0) - beta2) * g * g;
    store(select(moves, mean, mean_before), mean_at);
    store(select(moves, square, square_before), square_at);
    return step * (mean / load<D>(s.bias1 + part * lanes)) /
           (sqrt(square / load<D>(s.bias2 + part * lanes)) + epsilon);
  }
  PHI_HD void rule_numbers(const Group& group, int part, D& beta1, D& beta2, D& epsilon) const {
    double numbers[3][lanes];
    for (int lane = 0; lane < lanes; ++lane) {
      const std::int64_t policy = group.policy(part * lanes + lane);
      const std::int64_t last = a.policies - 1;
      const UpdateRule& rule = a.rules[(policy < last ? policy : last) / a.policies_per_rule];
      numbers[0][lane] = rule.beta1;
      numbers[1][lane] = rule.beta2;
      numbers[2][lane] = rule.epsilon;
    }
    beta1 = load<D>(numbers[0]);
    beta2 = load<D>(numbers[1]);
    epsilon = load<D>(numbers[2]);
  }

  /// θ in the precision and the places that the other kernels read it in; padding repeats the last
  /// policy.
  PHI_HD void write(const Group& group, int i, int part, const D& theta) const {
    const bool lane_is_policy = !a.policy.shared && a.rollouts == 1;
    if (lane_is_policy && group.policy(width - 1) < a.policies) {
      return Doubles<D>::store(theta, row_at<Real>(a.policy.theta, i, group.group) + part * lanes);
    }
    for (int lane = 0; lane < lanes; ++lane) {
      const std::int64_t policy = group.policy(part * lanes + lane);
      if (policy >= a.policies) return;
      const S value = static_cast<S>(Doubles<D>::lane(theta, lane));
      if (a.policy.shared) {
        a.theta_shared[policy * a.parameters + i] = value;
        continue;
      }
      const std::int64_t begin = policy * a.slots_per_policy;
      const std::int64_t end = policy == a.policies - 1 ? a.slots : begin + a.slots_per_policy;
      for (std::int64_t slot = begin; slot < end; ++slot) {
        a.policy.theta.at(i, slot / width)[slot % width] = value;
      }
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
