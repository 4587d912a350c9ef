// Studies of the scalar system, small enough to run many times.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/cli/policy_file.hpp"
#include "host/config/json_document.hpp"
#include "host/study/study.hpp"
#include "host/study/study_report.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {

/// The config of a study of the scalar system whose sections "sweep" and "study" are these.
inline nlohmann::ordered_json scalar_study(const std::string& sweep, const std::string& study) {
  return parse_json(R"({"name": "test", "robot": "scalar", "seed": 3, "precision": "double",
    "plant": {"a": 1.2, "b": 1}, "controller": {"type": "given", "gain": 0.5},
    "policy": {"type": "setpoint_feedback", "setpoint": 0.4},
    "objective": {"type": "quadratic"}, "rollout": {"dt_s": 1, "segments": 12, "noise": {"state": [1]},
                "start": {"half_width": [0.5]}},
    "gradient": {"chain": "rollout"}, "optimiser": {"step": 0.01},
    "sweep": )" + sweep +
                        R"(, "study": )" + study + "}",
                    "test.json");
}

/// Runs a study to its end and returns its rows.
inline std::vector<nlohmann::ordered_json> rows_of(const nlohmann::ordered_json& document) {
  const TemporaryDirectory folder;
  const StudyPlan plan = read_study(document, "test.json");
  StudyStore store = StudyStore::create(folder.path() / "study", plan.document.dump());
  StudyOptions options;
  options.backend = "cpu";
  options.read_policy = &load_policy;
  EXPECT_TRUE(run_study(plan, options, *one_rank(), &store));
  return study_rows(plan, store);
}

inline double value_of(const nlohmann::ordered_json& row, const std::string& quantity,
                       const char* of = "value") {
  return row.at("quantities").at(quantity).at(of).get<double>();
}

/// A study that ran to its end, with what is made of it.
struct FinishedStudy {
  StudyPlan plan;
  std::vector<nlohmann::ordered_json> rows;
  std::vector<StudyFit> fits;

  explicit FinishedStudy(const nlohmann::ordered_json& document)
      : plan(read_study(document, "test.json")),
        rows(rows_of(document)),
        fits(study_fits(plan, rows)) {}
  std::string html() const { return study_report_html(plan, rows, fits, 1.5); }
};

/// A page less its scripts and styles.
inline std::string body_of(const std::string& html) {
  return html.substr(html.find("<main>"), html.find("</main>") - html.find("<main>"));
}

}  // namespace phigrad
