// A study's rows as tables, and the lines fitted through them.
#include <cmath>
#include <map>
#include <sstream>

#include "host/statistics/line_fit.hpp"
#include "host/study/study.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

constexpr const char* fitted[] = {
    "variance",  "update_variance",    "bias",         "likelihood_ratio_variance",
    "curvature", "gradient_lipschitz", "step_observed"};

std::string csv_field(const ordered_json& value) {
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string number_field(const ordered_json& value) { return value.is_null() ? "" : value.dump(); }

/// "cell,keys…" of a row or, for the header, the keys' names.
std::string leading(const StudyPlan& plan, const ordered_json* row) {
  std::string line = row == nullptr ? "cell" : row->at("cell").dump();
  for (const auto& [key, ignored] : plan.cells.front().keys.items()) {
    line += "," + csv_field(row == nullptr ? ordered_json(key) : row->at("keys").at(key));
  }
  return line;
}

/// Points of one line: x and y by what is held.
using Lines = std::map<std::string, std::pair<std::vector<double>, std::vector<double>>>;

Lines lines_of(const std::vector<ordered_json>& rows, const std::string& quantity,
               const Abscissa& abscissa) {
  Lines lines;
  for (const ordered_json& row : rows) {
    const ordered_json& x = row.at("keys").at(abscissa.key);
    if (!x.is_number() || !row.contains("quantities")) continue;
    const auto found = row["quantities"].find(quantity);
    if (found == row["quantities"].end() || found->at("value").is_null()) continue;
    const double y = found->at("value").get<double>();
    if (!(y > 0)) continue;
    auto& line = lines[abscissa.held_of(row["keys"]).dump()];
    line.first.push_back(x.get<double>());
    line.second.push_back(std::log(y));
  }
  return lines;
}

}  // namespace

std::vector<StudyFit> study_fits(const StudyPlan& plan, const std::vector<ordered_json>& rows) {
  std::vector<StudyFit> fits;
  for (const Abscissa& abscissa : abscissae(plan)) {
    for (const char* quantity : fitted) {
      for (const auto& [held, line] : lines_of(rows, quantity, abscissa)) {
        if (line.first.size() < 3) continue;
        std::vector<double> logs;
        for (const double x : line.first) logs.push_back(std::log(x));
        const LineFit of_logs = fit_line(logs, line.second, plan.settings.confidence);
        const LineFit of_key = fit_line(line.first, line.second, plan.settings.confidence);
        const bool power = of_logs.r_squared >= of_key.r_squared;
        for (const bool exponential : {false, true}) {
          const LineFit& fit = exponential ? of_key : of_logs;
          if (!std::isfinite(fit.slope.value)) continue;
          fits.push_back({quantity, abscissa.key, ordered_json::parse(held), exponential, fit.slope,
                          fit.r_squared, power != exponential});
        }
      }
    }
  }
  return fits;
}

std::string study_csv(const StudyPlan& plan, const std::vector<ordered_json>& rows) {
  std::ostringstream out;
  out << leading(plan, nullptr) << ",quantity,value,low,high\n";
  for (const ordered_json& row : rows) {
    if (!row.contains("quantities")) continue;
    for (const auto& [name, e] : row["quantities"].items()) {
      out << leading(plan, &row) << ',' << name << ',' << number_field(e.at("value")) << ','
          << number_field(e.at("low")) << ',' << number_field(e.at("high")) << '\n';
    }
  }
  return out.str();
}

std::string growth_csv(const StudyPlan& plan, const std::vector<ordered_json>& rows) {
  std::ostringstream out;
  for (const ordered_json& row : rows) {
    if (!row.contains("growth")) continue;
    for (const auto& [loop, curve] : row["growth"].items()) {
      for (const ordered_json& point : curve) {
        out << leading(plan, &row) << ',' << loop;
        for (const ordered_json& number : point) out << ',' << number_field(number);
        out << '\n';
      }
    }
  }
  const std::string lines = out.str();
  if (lines.empty()) return "";
  return leading(plan, nullptr) + ",loop,lag,log_mean,log_max,log_q05,log_q50,log_q95\n" + lines;
}

std::string training_csv(const StudyPlan& plan, const std::vector<ordered_json>& rows) {
  std::ostringstream out;
  for (const ordered_json& row : rows) {
    if (!row.contains("training")) continue;
    const ordered_json& training = row["training"];
    const auto first = row.at("seed").get<std::uint64_t>();
    for (std::size_t i = 0; i < training.at("cost").size(); ++i) {
      for (std::size_t s = 0; s < training["cost"][i].size(); ++s) {
        out << leading(plan, &row) << ',' << first + s << ',' << i;
        for (const char* quantity : {"cost", "path_error", "gradient_norm"}) {
          out << ',' << (training.contains(quantity) ? number_field(training[quantity][i][s]) : "");
        }
        out << '\n';
      }
    }
  }
  const std::string lines = out.str();
  if (lines.empty()) return "";
  return leading(plan, nullptr) + ",seed,iteration,cost,path_error,gradient_norm\n" + lines;
}

}  // namespace phigrad
