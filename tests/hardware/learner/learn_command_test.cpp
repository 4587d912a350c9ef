// `phigrad keygen` and `phigrad learn` as a user runs them, with a robot at the other end of a real
// socket.
#include "hardware/learner/learn_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <zmq.hpp>

#include "hardware/agent/agent_command.hpp"
#include "host/experiment/training.hpp"
#include "host/store/run_store.hpp"
#include "host/support/error.hpp"
#include "tests/hardware/learner/robot_thread.hpp"
#include "tests/support/shipped_config.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

using fixture::RobotScript;
using fixture::RobotThread;
using ::testing::HasSubstr;

/// Runs one command; its exit code.
int run(const std::vector<std::string>& arguments) {
  CLI::App app("phigrad");
  int exit_code = 0;
  add_learn(app, exit_code);
  add_keygen(app, exit_code);
  app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  return exit_code;
}

std::pair<Exit, std::string> error_of(const std::vector<std::string>& arguments) {
  try {
    run(arguments);
  } catch (const Error& e) {
    return {e.code(), e.what()};
  }
  ADD_FAILURE() << "no error";
  return {Exit::ok, ""};
}

class LearnCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(run({"keygen", "--out", file("keys"), "learner", "car1"}), 0);
    keygen_text_ = ::testing::internal::GetCapturedStdout();
  }

  std::string file(const std::string& name) const { return (directory_ / name).string(); }
  static std::string config() { return config_path("jetracer"); }
  std::string endpoint() const { return "ipc://" + file("socket"); }

  const TemporaryDirectory own_;
  const std::filesystem::path directory_ = own_.path();
  std::string keygen_text_;
};

// Breaks when a secret key can be read by others, is overwritten, or the two files do not belong
// together.
TEST_F(LearnCommand, KeygenMakesKeys) {
  for (const char* name : {"learner", "car1"}) {
    const std::string secret = file(std::string("keys/") + name + ".secret.json");
    struct stat status {};
    ASSERT_EQ(::stat(secret.c_str(), &status), 0) << secret;
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(
        link::public_part(link::read_secret_keys(secret), name).curve_public,
        link::read_public_keys(file(std::string("keys/") + name + ".public.json")).curve_public);
    EXPECT_THAT(keygen_text_, HasSubstr(secret));
  }
  EXPECT_EQ(error_of({"keygen", "--out", file("keys"), "car1"}).first, Exit::input);
}

// Breaks when a run that cannot start listens, leaves a directory behind, or is not told why.
TEST_F(LearnCommand, RefusesWhatCannotWork) {
  const std::string keys = file("keys/learner.secret.json");
  const std::vector<std::string> common = {"--listen", endpoint(), "--out", file("run")};
  const auto refusal = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), common.begin(), common.end());
    arguments.insert(arguments.begin(), "learn");
    return error_of(arguments);
  };
  using ::testing::Pair;
  EXPECT_THAT(refusal({config()}), Pair(Exit::usage, HasSubstr("no keys, no listening")));
  EXPECT_THAT(refusal({config(), "--keys", keys}), Pair(Exit::usage, HasSubstr("nobody may")));
  EXPECT_THAT(refusal({"--keys", keys}), Pair(Exit::usage, HasSubstr("nothing to learn")));
  EXPECT_THAT(refusal({"--resume", file("run"), "--keys", keys}),
              Pair(Exit::usage, HasSubstr("change what a run is")));
  EXPECT_THAT(refusal({config(), "--keys", file("none.json"), "--allow", file("keys")}),
              Pair(Exit::input, HasSubstr("none.json")));
  EXPECT_THAT(
      refusal({config(), "--keys", keys, "--allow", file("keys"), "--set", "live.segment_slack=0"}),
      Pair(Exit::input, HasSubstr("live.segment_slack")));
  EXPECT_THAT(refusal({config(), "--keys", keys, "--allow", file("keys"), "--set",
                       "live.rollback_after=0"}),
              Pair(Exit::input, HasSubstr("live.rollback_after")));
  EXPECT_FALSE(std::filesystem::exists(file("run")));
}

// Breaks when the run directory is made before the endpoint is known to be free.
TEST_F(LearnCommand, ATakenEndpointLeavesNothingBehind) {
  zmq::context_t context;
  zmq::socket_t other(context, zmq::socket_type::router);
  other.bind("tcp://127.0.0.1:*");
  const std::string taken = other.get(zmq::sockopt::last_endpoint);
  using ::testing::Pair;
  EXPECT_THAT(error_of({"learn", config(), "--listen", taken, "--out", file("run"), "--keys",
                        file("keys/learner.secret.json"), "--allow", file("keys")}),
              Pair(Exit::robot, HasSubstr("cannot listen")));
  EXPECT_FALSE(std::filesystem::exists(file("run")));
}

// Breaks when anything between a robot's rows and the committed policies fails: sockets, keys,
// signatures, acknowledgements, Ctrl-C in the middle of a rollout, resuming, summary and report.
TEST_F(LearnCommand, LearnsFromARobotThroughAnInterruption) {
  REQUIRE_RECORDINGS();
  const auto log = recorded_file("jetracer_training_1.bson");
  const Experiment e = experiment_of(
      "jetracer", {"optimiser.iterations=4", "rollout.logs=[\"" + log.string() + "\"]"});
  RunStore reference = RunStore::create(directory_ / "file", e.resolved.dump());
  TrainingOptions options;
  options.backend = "cpu";
  train(e, options, reference);

  RobotScript script;
  script.patience = std::chrono::seconds(10);
  for (const RecordedRollout& r : read_log(log).rollouts) script.rollouts.emplace_back(r);
  link::RobotLinkSettings settings;
  settings.endpoint = endpoint();
  settings.own = link::read_secret_keys(file("keys/car1.secret.json"));
  settings.learner = link::read_public_keys(file("keys/learner.public.json"));
  const std::vector<std::string> link_options = {
      "--listen",  endpoint(), "--keys", file("keys/learner.secret.json"), "--allow", file("keys"),
      "--backend", "cpu",      "--json"};
  const auto learn = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "learn");
    arguments.insert(arguments.end(), link_options.begin(), link_options.end());
    return run(arguments);
  };

  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  int first = 0, second = 0;
  {
    RobotScript until_interrupted = script;
    until_interrupted.interrupt_after = 3;
    RobotThread robot(settings, until_interrupted);
    first = learn({config(), "--set", "optimiser.iterations=4", "--set", "live.rollback=false",
                   "--out", file("run")});
  }
  // The third rollout came in before the learner was gone, or did not: then it is driven again.
  std::uint64_t stored = 0;
  {
    const RunStore store = RunStore::open_readonly(file("run"));
    for (int i = 0; i < 4; ++i) stored += store.rollouts(i).size();
    EXPECT_GE(stored, 2U);
    EXPECT_LE(stored, 3U);
  }
  {
    script.first = stored + 1;
    RobotThread robot(settings, script);
    second = learn({"--resume", file("run")});
  }
  const std::string shown = ::testing::internal::GetCapturedStderr();
  const std::string json = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(first, 130);
  EXPECT_EQ(second, 0);
  const RunStore store = RunStore::open_readonly(file("run"));
  EXPECT_EQ(store.next_iteration(), 4);
  EXPECT_TRUE(store.latest()->policies == reference.latest()->policies);
  const auto resolved = read_json(file("run/config.json"));
  EXPECT_GT(resolved["live"]["first_version"].get<std::uint64_t>(), 1'700'000'000'000U);
  EXPECT_THAT(shown, HasSubstr("car1 joined"));
  EXPECT_THAT(shown, HasSubstr("phigrad learn --resume"));
  const auto summary = nlohmann::json::parse(json.substr(json.find('\n') + 1));
  EXPECT_EQ(summary["iterations"], 4);
  EXPECT_EQ(summary["cost_last"]["mean"], reference.metrics()[3][0].cost);
  for (const char* name : {"summary.json", "report.html"}) {
    EXPECT_TRUE(std::filesystem::exists(directory_ / "run" / name)) << name;
  }
}

}  // namespace
}  // namespace phigrad
