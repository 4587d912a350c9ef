// Adds the gradients of a chunk of trajectories to the exact sums of their policies.
#pragma once

#include "kernels/entry/update_arguments.hpp"
#include "kernels/reduce/lane_sum.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// One call takes as many parameters of one policy of the chunk as a Real has lanes: index =
/// policy · reduce_groups + group. Trajectories whose adjoint left the numbers are left out;
/// padding is no trajectory.
template <class Real>
struct Reduce {
  using S = scalar_t<Real>;
  using D = doubles_t<Real>;

  ReduceArgs<S> a;

  PHI_HD void operator()(std::int64_t index) const {
    const std::int64_t groups = reduce_groups(a.parameters, width);
    const std::int64_t policy = a.first_policy + index / groups;
    const std::int64_t parameter = index % groups * width;
    const std::int64_t first = policy * a.slots_per_policy;
    Column column{a, parameter, first < a.first ? a.first : first, first + a.rollouts_per_policy};
    if (column.end > a.first + a.count) column.end = a.first + a.count;
    const std::int64_t at = policy * a.parameters + parameter;
    const std::int64_t left = a.parameters - parameter;
    if constexpr (width > 1) {
      if (left >= width && a.totals != nullptr && is_few(column)) {
        return add_side_by_side(column, at);
      }
    }
    for (int i = 0; i < (left < width ? left : width); ++i, ++column.parameter) {
      reduce_one(column, at + i);
    }
  }

 private:
  static constexpr int width = width_v<Real>;  // every layout's

  /// Slots begin … end of one parameter's gradients.
  struct Column {
    const ReduceArgs<S>& a;
    std::int64_t parameter, begin, end;

    PHI_HD const S* at(std::int64_t slot) const {
      const std::int64_t local = slot - a.first;
      return a.theta_bar.at(parameter, local / width) + local % width;
    }
    PHI_HD const S* status(std::int64_t slot) const {
      return a.status.at(0, slot / width) + slot % width;
    }
    /// Of the slots from `slot` on; 0 where there is no trajectory or no gradient.
    PHI_HD D values(std::int64_t slot) const {
      const mask_t<D> counts = (Doubles<D>::load(status(slot)) == D(-1.0)) &
                               (Doubles<D>::numbers() < D(static_cast<double>(end - slot)));
      return select(counts, Doubles<D>::load(at(slot)), D(0.0));
    }
  };

  PHI_HD void add_to(Column column, GradientSum& sum) const {
    constexpr std::int64_t most = std::int64_t{1} << 20;  // of a LaneSum
    for (; column.begin < column.end; column.begin += most) {
      Column part = column;
      if (part.end > part.begin + most) part.end = part.begin + most;
      if (!add_lanes(part, sum)) add_each(part, sum);
    }
  }

  PHI_HD void reduce_one(const Column& column, std::int64_t at) const {
    if (a.totals == nullptr) {
      add_to(column, a.sums[at]);
    } else if (!is_few(column) || !add_plainly(column, a.totals[at])) {
      GradientSum sum{};
      add_to(column, sum);
      const Double2 value = value_of(sum.sum);
      a.totals[at] = value.high + value.low;
    }
  }

  /// Few floats within 2^22 of one another are multiples of one number, of which a double counts
  /// as many as their sum can be: no rounding, whatever their order.
  PHI_HD static bool is_few(const Column& c) { return sizeof(S) == 4 && c.end - c.begin <= 64; }
  static constexpr S apart = S(4194304);

  /// False where they are further apart.
  PHI_HD bool add_plainly(const Column& c, double& total) const {
    double sum = 0;
    S most = 0, least = 0;
    for (std::int64_t slot = c.begin; slot < c.end; ++slot) {
      const S g = *c.at(slot);
      if (*c.status(slot) != S(-1) || g == S(0)) continue;
      sum += static_cast<double>(g);
      const S magnitude = abs(g);
      most = max(magnitude, most);
      least = least == S(0) ? magnitude : min(magnitude, least);
    }
    total = sum;
    return most <= apart * least;
  }

  /// The same of as many parameters as there are lanes, those that lie further apart one by one.
  PHI_HD void add_side_by_side(Column c, std::int64_t at) const {
    constexpr int lanes = width_v<D>, parts = width / lanes;
    D sum[parts];
    for (D& part : sum) part = D(0.0);
    Real most(S(0)), least(S(0));
    for (std::int64_t slot = c.begin; slot < c.end; ++slot) {
      if (*c.status(slot) != S(-1)) continue;
      const S* from = c.at(slot);
      S g[width];
      for (int i = 0; i < width; ++i) g[i] = from[i * row_stride<Real>(a.theta_bar.layout)];
      for (int i = 0; i < parts; ++i) sum[i] = sum[i] + Doubles<D>::load(g + i * lanes);
      const Real magnitude = abs(load<Real>(g));
      most = max(magnitude, most);
      const Real nearer = select(least == Real(S(0)), magnitude, min(magnitude, least));
      least = select(magnitude == Real(S(0)), least, nearer);
    }
    for (int i = 0; i < parts; ++i) store(sum[i], a.totals + at + i * lanes);
    const mask_t<Real> exact = most <= Real(apart) * least;
    if (all(exact)) return;
    for (int i = 0; i < width; ++i, ++c.parameter) {
      if (!exact[i]) reduce_one(c, at + i);
    }
  }

  PHI_HD static double largest(const D& magnitudes) {
    double top = 0;
    for (int lane = 0; lane < width_v<D>; ++lane)
      top = max(Doubles<D>::lane(magnitudes, lane), top);
    return top;
  }

  /// The square that was rounded off, 0 in single precision, whose squares are doubles.
  PHI_HD static D lost_of(const D& g, const D& square) {
    if constexpr (sizeof(S) == 4) return D(0.0);
    return square_error(g, square);
  }

  /// False where there are no lanes, or the column is not made of whole blocks, or its magnitudes
  /// are out of a LaneSum's reach; nothing was added then.
  PHI_HD bool add_lanes(const Column& c, GradientSum& sum) const {
    if (width_v<D> == 1 || c.begin % width_v<Real> != 0) return false;
    D top(0.0), top_lost(0.0);
    for (std::int64_t slot = c.begin; slot < c.end; slot += width_v<D>) {
      const D g = c.values(slot);
      top = max(abs(g), top);
      if (a.squares) top_lost = max(abs(lost_of(g, g * g)), top_lost);
    }
    const double most = largest(top);
    LaneSum<D> values(most), squares(most * most), lost(largest(top_lost));
    if (!values.plain() || (a.squares && !(squares.plain() && lost.plain()))) return false;
    for (std::int64_t slot = c.begin; slot < c.end; slot += width_v<D>) {
      const D g = c.values(slot);
      values.add(g);
      if (!a.squares) continue;
      const D square = g * g;
      squares.add(square);
      if constexpr (sizeof(S) == 8) lost.add(lost_of(g, square));
    }
    if (most > 0) values.add_to(sum.sum);
    if (a.squares && most > 0) squares.add_to(sum.squares);
    if (a.squares && largest(top_lost) > 0) lost.add_to(sum.squares);
    return true;
  }

  PHI_HD void add_each(const Column& c, GradientSum& sum) const {
    for (std::int64_t slot = c.begin; slot < c.end; ++slot) {
      if (*c.status(slot) != S(-1)) continue;
      const S g = *c.at(slot);
      if (a.squares) {
        add(sum, g);
      } else {
        add(sum.sum, g);
      }
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
