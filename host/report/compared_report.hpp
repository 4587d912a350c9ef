// Two runs on one page.
#pragma once

#include <string>

#include "host/report/report.hpp"

namespace phigrad {

/// A run's report, and what it is called beside another.
struct NamedReport {
  std::string name;
  ReportData data;
};

/// Both runs' curves in each figure, where they drove after training, their results, and the keys
/// in which their configs differ.
ReportData compared_report(const NamedReport& a, const NamedReport& b);

}  // namespace phigrad
