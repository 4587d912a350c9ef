// What a study measures: the sections "study" and "sweep" of its config, beside those of the
// experiment that it varies.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/config/fields.hpp"
#include "host/study/training_settings.hpp"

namespace phigrad {

struct StudySettings {
  int trajectories = 4096;
  int groups = 32;
  double confidence = 0.95;
  int memory_mib = 1024;
  std::string policy;
  bool bias = false;
  bool likelihood_ratio = false;
  bool growth = false;
  bool bounds = false;
  bool smoothness = false;
  int smoothness_trajectories = 64;
  double smoothness_radius = 1e-2;
  std::optional<TrainingStudySettings> training;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("trajectories", trajectories, v.optional,
            "trajectories of a cell, a multiple of groups", v.between(2, 1000000000));
    v.field("groups", groups, v.optional,
            "groups of trajectories that the intervals come from (jackknife)", v.between(2, 4096));
    v.field("confidence", confidence, v.optional, "probability that an interval holds the truth",
            v.above(0).below(1));
    v.field("memory_mib", memory_mib, v.optional,
            "MiB that trajectories may take; what does not fit is simulated in parts",
            v.between(1, 1 << 24));
    v.field("policy", policy, v.optional,
            "run directory or .bson of the policy; empty: as it is before learning");
    v.field("bias", bias, v.optional,
            "the gradient's error against the plant's own gradient along the same trajectories");
    v.field("likelihood_ratio", likelihood_ratio, v.optional,
            "the zeroth-order estimate (REINFORCE) from the noise of the inputs beside ours");
    v.field(
        "growth", growth, v.optional,
        "growth of the state-transition matrices, of the model's loop and the plant's: spectral "
        "norms, exact to rounding");
    v.field("bounds", bounds, v.optional,
            "the bounds of Theorem 1 with measured constants; measures bias and growth too");
    v.field(
        "smoothness", smoothness, v.optional,
        "curvature and Lipschitz constant of the cost's gradient, and the step sizes they allow");
    v.field("smoothness_trajectories", smoothness_trajectories, v.optional,
            "trajectories that smoothness is measured over, a multiple of 8",
            v.between(16, 1000000));
    v.field("smoothness_radius", smoothness_radius, v.optional,
            "length of the changes of theta that the Lipschitz constant is measured with",
            v.above(0));
    v.section("training", training,
              "trains the policies of every cell, in place of measuring their gradients");
  }

  void check(const Place& at) const {
    if (training && (bias || likelihood_ratio || growth || bounds || smoothness)) {
      at.key("training")
          .fail("a study measures gradients or trains, not both",
                "leave study.bias, likelihood_ratio, growth, bounds and smoothness "
                "out, or study.training");
    }
    if (smoothness_trajectories % 8 != 0) {
      at.key("smoothness_trajectories").fail("no multiple of 8", "they are cut into 8 groups");
    }
    if (trajectories % groups != 0 || trajectories < 2 * groups) {
      at.key("trajectories")
          .fail(std::to_string(trajectories) + " trajectories in " + std::to_string(groups) +
                    " groups",
                "write a multiple of study.groups, two a group at least: a variance needs them");
    }
  }
};

/// JSON Schema of the section "sweep".
inline nlohmann::ordered_json sweep_schema() {
  using nlohmann::ordered_json;
  const ordered_json number = {{"type", "number"}};
  const ordered_json range = {{"type", "object"},
                              {"properties",
                               {{"from", number},
                                {"to", number},
                                {"count", {{"type", "integer"}, {"minimum", 2}}},
                                {"spacing", {{"enum", {"linear", "log"}}}}}},
                              {"required", {"from", "to", "count"}},
                              {"additionalProperties", false}};
  const ordered_json values = {{"oneOf", {{{"type", "array"}, {"minItems", 1}}, range}}};
  return {{"type", "array"},
          {"description",
           "axes of the grid; an axis gives one key its values, or several keys side by side"},
          {"items", {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", values}}}};
}

}  // namespace phigrad
