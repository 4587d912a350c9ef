// Shipped studies of training with fewer seeds and iterations.
#pragma once

#include "host/study/training_study.hpp"
#include "tests/host/study/study_fixture.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {

/// A shipped study with so many seeds and iterations.
inline nlohmann::ordered_json shortened_training(const std::string& name, int seeds,
                                                 int iterations) {
  auto document = read_json(config_path(name));
  document["study"]["training"]["seeds"] = seeds;
  document["optimiser"]["iterations"] = iterations;
  return document;
}

/// Its rows.
struct Shortened {
  StudyPlan plan;
  std::vector<nlohmann::ordered_json> rows;

  Shortened(const std::string& name, int seeds, int iterations)
      : Shortened(shortened_training(name, seeds, iterations)) {}
  explicit Shortened(const nlohmann::ordered_json& document)
      : plan(read_study(document, "test.json")), rows(rows_of(document)) {}

  /// Mean cost of a cell at its n-th shown iteration.
  double cost_at(std::size_t cell, std::size_t n) const {
    return shown_costs(plan, rows.at(cell)).at(n).cost.mean;
  }
};

}  // namespace phigrad
