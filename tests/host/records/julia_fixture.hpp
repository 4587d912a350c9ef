// Small recordings in BSON.jl's form, made by hand, so that the readers are tested without the
// authors' files.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/support/error.hpp"

namespace phigrad::fixture {

using Json = nlohmann::ordered_json;  // keeps the order of keys, as a file does
using Bytes = std::vector<std::uint8_t>;

inline Json list() { return Json::array(); }

inline Json datatype(const std::vector<std::string>& name) {
  return {{"tag", "datatype"}, {"params", list()}, {"name", name}};
}

/// A number array whose raw bytes are those of `values`; the machine is little-endian.
template <class T>
Json numbers(const std::string& type, const std::vector<std::int64_t>& size,
             const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return {{"tag", "array"},
          {"type", datatype({"Core", type})},
          {"size", size},
          {"data", Json::binary(bytes)}};
}

/// Distinct values: `start`, `start` + 0.25, …
inline Json floats(std::int64_t rows, std::int64_t cols, double start) {
  std::vector<double> values(static_cast<std::size_t>(rows * cols));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = start + 0.25 * double(i);
  if (rows == 1) return numbers<double>("Float64", {cols}, values);
  return numbers<double>("Float64", {rows, cols}, values);
}

inline Json structure(const std::vector<std::string>& name, Json fields) {
  return {{"tag", "struct"}, {"type", datatype(name)}, {"data", std::move(fields)}};
}

enum Field {
  ts,
  xs,
  us,
  task_t0,
  idx_segs,
  t0_segs,
  x0_segs,
  setpoints,
  gain_adjs,
  ctrl,
  xf,
  loss
};

/// A rollout of N samples and S segments, which start at every second sample: 1, 3, 5, … in the
/// file.
inline Json rollout(double loss_value = 0, std::int64_t n = 5, std::int64_t s = 3) {
  std::vector<std::int64_t> starts;
  for (std::int64_t j = 0; j < s; ++j) starts.push_back(1 + 2 * j);
  Json fields = list();
  fields.push_back(floats(1, n, 0.5));
  fields.push_back(floats(4, n, 10));
  fields.push_back(floats(2, n, 20));
  fields.push_back(1.5);
  fields.push_back(numbers<std::int64_t>("Int64", {s}, starts));
  fields.push_back(floats(1, s, 30));
  fields.push_back(floats(4, s, 40));
  fields.push_back(floats(4, s, 50));
  fields.push_back(floats(6, s, 60));
  fields.push_back(floats(6, n, 70));
  fields.push_back(floats(1, 4, 80));
  fields.push_back(loss_value);
  return structure({"LearningWithSimpleModels", "RolloutData"}, fields);
}

inline Json training(int rollouts) {
  Json runs = list();
  for (int i = 0; i < rollouts; ++i) runs.push_back(rollout());
  const Json root = structure({"LearningWithSimpleModels", "TrainingData"},
                              Json::array({floats(1, rollouts, 100), runs}));
  return {{"data", root}};
}

inline Json tanh_function() { return structure({"Main", "Base", "#tanh"}, list()); }

inline Json dense(std::int64_t out, std::int64_t in, double start) {
  return structure({"Flux", "Dense"},
                   Json::array({floats(out, in, start), floats(1, out, -start), tanh_function()}));
}

inline Json chain(Json layers) {
  const Json tuple = {{"tag", "tuple"}, {"data", std::move(layers)}};
  return {{"model", structure({"Flux", "Chain"}, Json::array({tuple}))}};
}

inline Bytes to_bytes(const Json& document) { return Json::to_bson(document); }

/// A file in the test's temporary folder, removed at the end.
class TempFile {
 public:
  TempFile(const std::string& name, const Bytes& bytes)
      : path_(std::filesystem::path(::testing::TempDir()) / ("phigrad_" + name)) {
    std::ofstream stream(path_, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
  }
  ~TempFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The message of the input error that `action` throws; a failure when it throws none, another
/// kind, or more than one line.
inline std::string input_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    std::string text = error.what();
    EXPECT_EQ(error.code(), Exit::input) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return text;
  }
  ADD_FAILURE() << "no error";
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace phigrad::fixture
