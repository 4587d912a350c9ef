#include "host/records/recordings.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/host/records/julia_fixture.hpp"

namespace phigrad {
namespace {

using fixture::contains;
using fixture::input_error;
using fixture::Json;

RecordedLog log_of(const Json& document) {
  const fixture::Bytes bytes = fixture::to_bytes(document);
  const JuliaFile file(bytes.data(), bytes.size(), "run.bson");
  return read_log(file);
}

DenseNetwork network_of(const Json& document) {
  const fixture::Bytes bytes = fixture::to_bytes(document);
  const JuliaFile file(bytes.data(), bytes.size(), "policy.bson");
  return read_network(file);
}

MismatchLosses losses_of(const Json& document) {
  const fixture::Bytes bytes = fixture::to_bytes(document);
  const JuliaFile file(bytes.data(), bytes.size(), "losses.bson");
  return read_mismatch_losses(file);
}

// Breaks when two fields are swapped, a matrix is transposed or an index still counts from 1.
TEST(Recordings, ReadsEveryFieldOfARollout) {
  const RecordedLog log = log_of({{"r", fixture::rollout(2.5)}});
  ASSERT_EQ(log.rollouts.size(), 1u);
  EXPECT_EQ(log.recorded_losses, (std::vector<double>{2.5}));
  const RecordedRollout& r = log.rollouts.front();
  EXPECT_EQ(r.samples(), 5u);
  EXPECT_EQ(r.segments(), 3u);
  EXPECT_EQ(r.ts, (std::vector<double>{0.5, 0.75, 1, 1.25, 1.5}));
  EXPECT_EQ(r.xs(0, 0), 10);
  EXPECT_EQ(r.xs(3, 0), 10.75);  // down a column first
  EXPECT_EQ(r.xs(0, 4), 14);
  EXPECT_EQ(r.xs.column(4)[0], 14);
  EXPECT_EQ(r.us(1, 2), 21.25);
  EXPECT_EQ(r.task_t0, 1.5);
  EXPECT_EQ(r.idx_segs, (std::vector<int>{0, 2, 4}));
  EXPECT_EQ(r.t0_segs, (std::vector<double>{30, 30.25, 30.5}));
  EXPECT_EQ(r.x0_segs(0, 1), 41);
  EXPECT_EQ(r.setpoints(0, 1), 51);
  EXPECT_EQ(r.gain_adjs(0, 1), 61.5);
  EXPECT_EQ(r.ctrl_setpoints(5, 4), 77.25);
  EXPECT_EQ(r.xf, (std::vector<double>{80, 80.25, 80.5, 80.75}));
  EXPECT_EQ(r.loss, 2.5);
  EXPECT_TRUE(find_faults(r).empty());
}

// Breaks when losses are taken from the rollouts (0) and not from the file's own list.
TEST(Recordings, ReadsTrainingFiles) {
  const RecordedLog log = log_of(fixture::training(3));
  EXPECT_EQ(log.rollouts.size(), 3u);
  EXPECT_EQ(log.recorded_losses, (std::vector<double>{100, 100.25, 100.5}));
  // A hardware evaluation records no loss.
  EXPECT_TRUE(std::isnan(log_of({{"r", fixture::rollout(0)}}).recorded_losses.at(0)));
}

// Breaks when fields that disagree are accepted, or the message hides which and where.
TEST(Recordings, RefusesFieldsThatDisagree) {
  const auto error_of = [](int field, const Json& value) {
    Json document = fixture::training(2);
    document["data"]["data"][1][1]["data"][static_cast<std::size_t>(field)] = value;
    return input_error([&document] { log_of(document); });
  };
  const auto says = [](const std::string& text, const char* name) {
    return contains(text, std::string("[run.bson, rollout 1, field ") + name + "]");
  };
  using fixture::floats;
  EXPECT_TRUE(says(error_of(fixture::ts, floats(1, 6, 0)), "xs"));
  EXPECT_TRUE(says(error_of(fixture::ts, floats(2, 5, 0)), "ts"));
  EXPECT_TRUE(says(error_of(fixture::ts, fixture::numbers<double>("Float64", {0}, {})), "ts"));
  EXPECT_TRUE(says(error_of(fixture::xs, floats(4, 6, 0)), "xs"));
  EXPECT_TRUE(says(error_of(fixture::xs, floats(5, 4, 0)), "xs"));
  EXPECT_TRUE(says(error_of(fixture::us, floats(2, 4, 0)), "us"));
  EXPECT_TRUE(says(error_of(fixture::task_t0, "now"), "task_t0"));
  EXPECT_TRUE(says(error_of(fixture::idx_segs, floats(1, 3, 1)), "idx_segs"));
  EXPECT_TRUE(says(error_of(fixture::t0_segs, fixture::rollout()), "t0_segs"));
  EXPECT_TRUE(says(error_of(fixture::x0_segs, floats(4, 4, 0)), "x0_segs"));
  EXPECT_TRUE(says(error_of(fixture::setpoints, floats(4, 2, 0)), "setpoints"));
  EXPECT_TRUE(says(error_of(fixture::gain_adjs, floats(4, 3, 0)), "gain_adjs"));
  EXPECT_TRUE(says(error_of(fixture::ctrl, floats(6, 3, 0)), "ctrl_setpoints"));
  EXPECT_TRUE(says(error_of(fixture::xf, floats(1, 3, 0)), "xf"));
  EXPECT_TRUE(says(error_of(fixture::loss, Json::array()), "loss"));
  const Json far = fixture::numbers<std::int64_t>("Int64", {1}, {std::int64_t{1} << 40});
  EXPECT_TRUE(says(error_of(fixture::idx_segs, far), "idx_segs"));
  const Json least =
      fixture::numbers<std::int64_t>("Int64", {1}, {std::numeric_limits<std::int64_t>::min()});
  EXPECT_TRUE(says(error_of(fixture::idx_segs, least), "idx_segs"));
}

// Breaks when a log of the wrong outer form is accepted.
TEST(Recordings, RefusesBrokenTrainingFiles) {
  Json document = fixture::training(2);
  document["data"]["data"][0] = fixture::floats(1, 3, 0);
  EXPECT_TRUE(contains(input_error([&] { log_of(document); }), "there are 2 rollouts"));
  document["data"]["data"].push_back(1);
  EXPECT_TRUE(contains(input_error([&] { log_of(document); }), "3 fields"));
  document = fixture::training(1);
  document["data"]["data"][1] = Json::array();
  EXPECT_TRUE(contains(input_error([&] { log_of(document); }), "a list of 0 items"));
  document["data"]["data"][1] = Json::array({7});
  EXPECT_TRUE(contains(input_error([&] { log_of(document); }), "holds an integer"));
  document = fixture::training(1);
  document["data"]["data"][1][0]["data"].push_back(1);
  EXPECT_TRUE(contains(input_error([&] { log_of(document); }), "of 12 fields is needed"));
}

// Breaks when a file given in the wrong place is only called damaged.
TEST(Recordings, SaysWhatAMisplacedFileIs) {
  const Json policy = fixture::chain(Json::array({fixture::dense(2, 3, 1)}));
  const Json log = fixture::training(1);
  const Json losses = {{"losses", fixture::floats(2, 3, 0)}};
  const std::string as_log = input_error([&] { log_of(policy); });
  EXPECT_TRUE(contains(as_log, "this is a policy")) << as_log;
  EXPECT_TRUE(contains(as_log, "pass it with --policy")) << as_log;
  const std::string as_policy = input_error([&] { network_of(log); });
  EXPECT_TRUE(contains(as_policy, "this is a recorded log")) << as_policy;
  EXPECT_TRUE(contains(as_policy, "pass it as a LOG")) << as_policy;
  EXPECT_TRUE(contains(input_error([&] {
                         network_of({{"r", fixture::rollout()}});
                       }),
                       "this is a recorded log"));
  EXPECT_TRUE(contains(input_error([&] { log_of(losses); }), "bare table of numbers"));
  EXPECT_TRUE(contains(input_error([&] { network_of(losses); }), "bare table of numbers"));
  EXPECT_TRUE(contains(input_error([&] { losses_of(log); }), "this is a recorded log"));
  EXPECT_TRUE(contains(input_error([&] { losses_of(policy); }), "this is a policy"));
  EXPECT_TRUE(contains(input_error([&] { log_of({{"x", "hello"}}); }), "holds a text"));
  EXPECT_TRUE(contains(input_error([&] {
                         log_of({{"x", fixture::structure({"Main", "Other"}, Json::array())}});
                       }),
                       "a struct Main.Other"));
}

// Breaks when weights are transposed, layers reordered, or Float32 is read as Float64.
TEST(Recordings, ReadsNetworks) {
  const Json half = fixture::structure(
      {"Flux", "Dense"},
      Json::array({fixture::numbers<float>("Float32", {1, 2}, {0.5f, -0.25f}),
                   fixture::numbers<float>("Float32", {1}, {0.125f}), fixture::tanh_function()}));
  const DenseNetwork network =
      network_of(fixture::chain(Json::array({fixture::dense(2, 3, 1), half})));
  ASSERT_EQ(network.layers.size(), 2u);
  EXPECT_EQ(network.inputs(), 3u);
  EXPECT_EQ(network.outputs(), 1u);
  EXPECT_EQ(network.layers[0].weights.rows, 2u);
  EXPECT_EQ(network.layers[0].weights(1, 0), 1.25);
  EXPECT_EQ(network.layers[0].weights(0, 2), 2);
  EXPECT_EQ(network.layers[0].bias, (std::vector<double>{-1, -0.75}));
  EXPECT_EQ(network.layers[0].activation, "tanh");
  EXPECT_EQ(network.layers[1].weights(0, 1), -0.25);
  EXPECT_EQ(network.layers[1].bias.front(), 0.125);
}

// Breaks when a network that cannot be evaluated, or would steer with NaN, is accepted.
TEST(Recordings, RefusesBadNetworks) {
  const auto error_of = [](const std::function<void(Json&)>& damage) {
    Json layers = Json::array({fixture::dense(2, 3, 1), fixture::dense(4, 2, 2)});
    damage(layers);
    return input_error([&layers] { network_of(fixture::chain(layers)); });
  };
  EXPECT_TRUE(
      contains(error_of([](Json& l) { l[1] = fixture::dense(4, 3, 2); }),
               "takes 3 inputs, and the layer before has 2 outputs [policy.bson, layer 1]"));
  EXPECT_TRUE(contains(error_of([](Json& l) { l[0]["data"][1] = fixture::floats(1, 3, 0); }),
                       "layer 0, bias"));
  EXPECT_TRUE(contains(error_of([](Json& l) { l[0]["data"][1] = false; }), "layer 0, bias"));
  EXPECT_TRUE(contains(error_of([](Json& l) { l[0]["data"][0] = fixture::floats(1, 6, 0); }),
                       "where a matrix is needed"));
  EXPECT_TRUE(contains(error_of([](Json& l) {
                         l[0]["data"][2] = fixture::structure({"NNlib", "#relu"}, Json::array());
                       }),
                       "a struct NNlib.#relu where #tanh is needed"));
  EXPECT_TRUE(contains(error_of([](Json& l) {
                         l[0]["data"][1] = fixture::numbers<double>("Float64", {2}, {1, NAN});
                       }),
                       "not finite [policy.bson, layer 0, bias]"));
  EXPECT_TRUE(contains(error_of([](Json& l) {
                         l[0]["data"][0] = fixture::numbers<std::int64_t>("Int64", {1, 1}, {1});
                       }),
                       "where Float32 or Float64 are needed"));
  EXPECT_TRUE(contains(error_of([](Json& l) { l = Json::array(); }), "a tuple of 0 items"));
  EXPECT_TRUE(contains(error_of([](Json& l) { l[1] = 3; }), "where a Dense layer is needed"));
}

// Breaks when the three axes are confused.
TEST(Recordings, ReadsMismatchLosses) {
  std::vector<double> values(24);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = double(i);
  const MismatchLosses losses =
      losses_of({{"losses", fixture::numbers<double>("Float64", {2, 3, 4}, values)}});
  EXPECT_EQ(losses.scales, 2u);
  EXPECT_EQ(losses.seeds, 3u);
  EXPECT_EQ(losses.iterations, 4u);
  EXPECT_EQ(losses(1, 0, 0), 1);
  EXPECT_EQ(losses(0, 1, 0), 2);
  EXPECT_EQ(losses(0, 0, 1), 6);
  EXPECT_EQ(losses(1, 2, 3), 23);
  EXPECT_TRUE(contains(input_error([] {
                         losses_of({{"losses", fixture::floats(2, 3, 0)}});
                       }),
                       "scales x seeds x iterations"));
}

// Breaks when a structure that contains itself is followed without end.
TEST(Recordings, RefusesAStructureThatContainsItself) {
  const Json again = {{"tag", "backref"}, {"ref", 1}};
  const Json loop = fixture::structure(
      {"M", "TrainingData"}, Json::array({fixture::floats(1, 1, 0), Json::array({again})}));
  const Json document = {{"data", again}, {"_backrefs", Json::array({loop})}};
  EXPECT_TRUE(contains(input_error([&] { log_of(document); }), "a struct M.TrainingData where"));
}

// Breaks when the file readers lose the path from the message.
TEST(Recordings, ReadsFromDisk) {
  const fixture::TempFile good("log.bson", fixture::to_bytes(fixture::training(2)));
  EXPECT_EQ(read_log(good.path()).rollouts.size(), 2u);
  EXPECT_TRUE(contains(input_error([&] { read_network(good.path()); }), "phigrad_log.bson"));
  EXPECT_TRUE(
      contains(input_error([&] { read_mismatch_losses(good.path()); }), "phigrad_log.bson"));
  EXPECT_TRUE(contains(input_error([] { read_log(std::filesystem::path("absent.bson")); }),
                       "no such file [absent.bson]"));
}

}  // namespace
}  // namespace phigrad
