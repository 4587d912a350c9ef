// Simulates and differentiates the trajectories of one launch, part by part.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/experiment/simulated_start.hpp"
#include "host/study/launches.hpp"
#include "host/study/study_sums.hpp"

namespace phigrad {

class Measurement {
 public:
  /// `theta`: the policy [np] of each of the launch's cells.
  Measurement(const StudyPlan& plan, const Launch& launch, std::vector<std::vector<double>> theta,
              std::string backend);

  /// Adds the trajectories begin … begin + count − 1 of every group to `sums`. Trajectory r of
  /// group g is number r·groups + g of its cell.
  void add(int begin, int count, StudySums& sums);

  /// What it runs on; empty before the first part.
  const std::string& description() const { return description_; }

 private:
  void prepare(int count);
  void add_costs(StudySums& sums);
  void measure_growth();
  /// What measure_growth() left, as that of one loop.
  void add_growth(Derivatives of, StudySums& sums);
  void add_suprema(StudySums& sums);
  std::size_t cell_of(std::int64_t trajectory) const;

  const StudyPlan& plan_;
  const Launch& launch_;
  std::vector<std::vector<double>> theta_;
  std::string backend_, description_;
  std::unique_ptr<Engine> engine_;  // for the part simulated last
  bool model_is_plant_ = false;     // number for number, in every cell: one loop is both
  SimulatedStarts starts_;
  Scores scores_;
  std::vector<GrowthCurve> curves_;  // [B]
  GrowthCounts counts_;              // of each cell
};

}  // namespace phigrad
