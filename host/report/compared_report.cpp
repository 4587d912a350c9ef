#include "host/report/compared_report.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace phigrad {
namespace {

using nlohmann::ordered_json;

/// Both in one figure: the shorter is not drawn beyond its end.
std::vector<Series> beside(const NamedReport& a, const NamedReport& b,
                           std::vector<Series> ReportData::*quantity) {
  std::vector<Series> both;
  std::size_t length = 0;
  for (const NamedReport* run : {&a, &b}) {
    for (Series s : run->data.*quantity) {
      s.name = run->name;
      length = std::max(length, s.mean.size());
      both.push_back(std::move(s));
    }
  }
  for (Series& s : both) {
    for (std::vector<double>* values : {&s.mean, &s.low, &s.high}) {
      if (!values->empty()) values->resize(length, std::numeric_limits<double>::quiet_NaN());
    }
  }
  return both;
}

std::string text_at(const ordered_json& flat, const std::string& key) {
  const auto found = flat.find(key);
  return found == flat.end() ? "–" : found->dump();
}

/// Keys whose values differ, as facts: "optimiser.step": "0.006 | 0.012".
void add_differences(const std::string& a, const std::string& b, ReportData& data) {
  const ordered_json one = ordered_json::parse(a).flatten(),
                     other = ordered_json::parse(b).flatten();
  std::set<std::string> keys;
  for (const ordered_json* flat : {&one, &other}) {
    for (const auto& [key, ignored] : flat->items()) keys.insert(key);
  }
  for (const std::string& key : keys) {
    std::string values = text_at(one, key);
    const std::string after = text_at(other, key);
    if (values == after) continue;
    values.append(" | ").append(after);
    std::string name = key.substr(1);
    std::replace(name.begin(), name.end(), '/', '.');
    data.facts.emplace_back(name, values);
  }
}

}  // namespace

ReportData compared_report(const NamedReport& a, const NamedReport& b) {
  ReportData data;
  data.title = a.name + " | " + b.name;
  data.verdict_line =
      a.name + ": " + a.data.verdict_line + " " + b.name + ": " + b.data.verdict_line;
  data.cost = beside(a, b, &ReportData::cost);
  data.path_error = beside(a, b, &ReportData::path_error);
  data.gradient_norm = beside(a, b, &ReportData::gradient_norm);
  data.task = a.data.task;
  for (const NamedReport* run : {&a, &b}) {
    for (Change change : run->data.changes) {
      change.quantity = run->name + ", " + change.quantity;
      data.changes.push_back(std::move(change));
    }
    if (!run->data.driven.empty()) {
      data.driven.push_back(run->data.driven.back());
      data.driven.back().name.insert(0, run->name + ", ");
    }
    for (const auto& [name, value] : run->data.facts) {
      data.facts.emplace_back(run->name + ", " + name, value);
    }
  }
  add_differences(a.data.config_json, b.data.config_json, data);
  return data;
}

}  // namespace phigrad
