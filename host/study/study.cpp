#include "host/study/study.hpp"

#include <chrono>
#include <utility>

#include "host/experiment/cohort.hpp"
#include "host/study/measurement.hpp"
#include "host/study/training_study.hpp"
#include "host/support/build_info.hpp"
#include "host/support/error.hpp"
#include "host/support/machine.hpp"

namespace phigrad {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto checkpoint_interval = std::chrono::seconds(20);

class Running {
 public:
  Running(const StudyPlan& plan, const StudyOptions& options, Ranks& ranks, StudyStore* store)
      : plan_(plan),
        options_(options),
        ranks_(ranks),
        store_(store),
        launches_(plan_launches(plan, options.backend)),
        per_group_(plan.settings.trajectories / plan.settings.groups) {
    progress_.all =
        std::int64_t{plan.settings.trajectories} * static_cast<std::int64_t>(plan.cells.size());
  }

  bool run() {
    std::vector<bool> finished;
    for (const Launch& launch : launches_) {
      finished.push_back(ranks_.decided(first() && is_finished(launch)));
      if (finished.back()) count(launch, per_group_);
    }
    progress_.at_start = progress_.done;
    for (std::size_t l = 0; l < launches_.size(); ++l) {
      if (!finished[l] && !run_launch(static_cast<int>(l))) return false;
    }
    return true;
  }

 private:
  bool first() const { return ranks_.rank() == 0; }

  bool is_finished(const Launch& launch) const {
    return store_->row(launch.cells.back()).has_value();
  }

  void count(const Launch& launch, int trajectories_of_group) {
    progress_.done += std::int64_t{trajectories_of_group} * plan_.settings.groups *
                      static_cast<std::int64_t>(launch.cells.size());
  }

  /// Parts go to the ranks in turn. What has been done is in rank 0's sums at every checkpoint.
  bool run_launch(int number) {
    const Launch& launch = launches_[static_cast<std::size_t>(number)];
    const std::vector<std::vector<double>> theta = policies(launch);
    Measurement measurement(plan_, launch, theta, options_.backend);
    StudySums sums;
    int begin = taken_up(number, launch, sums);
    auto saved = Clock::now();
    while (begin < per_group_) {
      const bool stop = ranks_.decided(options_.stop != nullptr && options_.stop->load());
      const bool save = ranks_.decided(stop || Clock::now() - saved > checkpoint_interval);
      if (save) {
        ranks_.gather(sums);
        if (first()) store_->put_checkpoint(number, {begin, sums.bytes()});
        saved = Clock::now();
      }
      if (stop) return false;
      for (int r = 0; r < ranks_.size() && begin < per_group_; ++r) {
        const int part = next_part(launch, begin);
        if (r == ranks_.rank()) measurement.add(begin, part, sums);
        begin += part;
        count(launch, part);
      }
      progress_.backend = measurement.description();
      if (first() && options_.on_part) options_.on_part(progress_);
    }
    ranks_.gather(sums);
    if (first()) finish(number, launch, theta, sums, measurement.description());
    return true;
  }

  /// Where a launch goes on, from its checkpoint.
  int taken_up(int number, const Launch& launch, StudySums& sums) {
    int begin = 0;
    if (first()) {
      if (const auto there = store_->checkpoint(number)) {
        sums = StudySums::from_bytes(there->sums);
        begin = there->begin;
      }
    }
    begin = ranks_.from_first(begin);
    const std::int64_t before = progress_.done;
    count(launch, begin);
    progress_.at_start += progress_.done - before;
    return begin;
  }

  int next_part(const Launch& launch, int begin) const {
    // The first parts are small: how long the rest will take is said before it is begun.
    const int wanted = begin == 0 ? std::min(launch.part, 64) : launch.part;
    const int left = per_group_ - begin;
    if (wanted >= left) return left;
    // A last part of one trajectory would have no sums.
    return left - wanted == 1 ? wanted - 1 : wanted;
  }

  std::vector<std::vector<double>> policies(const Launch& launch) const {
    std::vector<std::vector<double>> all;
    for (const int c : launch.cells) {
      const Cell& cell = plan_.cells[static_cast<std::size_t>(c)];
      const int parameters =
          Engine::create(cell_spec(cell, "cpu"), cell_shape(cell, 1, 1))->parameters();
      std::vector<double> theta = plan_.settings.policy.empty()
                                      ? initial_policies({{&cell.experiment}, 1}, parameters)
                                      : options_.read_policy(plan_.settings.policy);
      if (theta.size() != static_cast<std::size_t>(parameters)) {
        throw Error(Exit::input,
                    "the policy has " + std::to_string(theta.size()) + " parameters, cell " +
                        std::to_string(c) + " needs " + std::to_string(parameters),
                    "study.policy", "use a policy that was trained for this config");
      }
      all.push_back(std::move(theta));
    }
    return all;
  }

  void finish(int number, const Launch& launch, const std::vector<std::vector<double>>& theta,
              const StudySums& sums, const std::string& backend) const {
    std::vector<nlohmann::ordered_json> rows;
    for (std::size_t i = 0; i < launch.cells.size(); ++i) {
      const Cell& cell = plan_.cells[static_cast<std::size_t>(launch.cells[i])];
      CellResult result = cell_result(cell, plan_.settings, sums, static_cast<int>(i));
      if (plan_.settings.smoothness) {
        add_smoothness(measure_smoothness(cell, plan_.settings, theta[i], options_.backend),
                       result);
      }
      rows.push_back(row_of(cell, result));
      rows.back()["commit"] = build_info().commit;
      rows.back()["machine"] = machine_name() + "; " + backend;
    }
    store_->finish(number, rows);
  }

  const StudyPlan& plan_;
  const StudyOptions& options_;
  Ranks& ranks_;
  StudyStore* store_;
  std::vector<Launch> launches_;
  int per_group_;
  StudyProgress progress_{};
};

}  // namespace

bool run_study(const StudyPlan& plan, const StudyOptions& options, Ranks& ranks,
               StudyStore* store) {
  if (plan.settings.training) return run_training_study(plan, options, *store);
  return Running(plan, options, ranks, store).run();
}

std::vector<nlohmann::ordered_json> study_rows(const StudyPlan& plan, const StudyStore& store) {
  std::vector<nlohmann::ordered_json> rows;
  for (const Cell& cell : plan.cells) {
    const auto row = store.row(cell.index);
    if (!row) {
      throw Error(Exit::input, "cell " + std::to_string(cell.index) + " is not finished",
                  store.directory().string(), "go on with `phigrad study --resume DIR`");
    }
    rows.push_back(*row);
  }
  return rows;
}

}  // namespace phigrad
