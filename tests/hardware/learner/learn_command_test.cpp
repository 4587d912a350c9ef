// `phigrad keygen` and `phigrad learn` as a user runs them, with a robot at the other end of a real
// socket.
#include "hardware/learner/learn_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>
#include <zmq.hpp>

#include "hardware/agent/policy_slot.hpp"
#include "hardware/link/robot_link.hpp"
#include "host/experiment/training.hpp"
#include "host/store/run_store.hpp"
#include "host/support/error.hpp"
#include "tests/hardware/learner/streamed_rollout.hpp"
#include "tests/support/shipped_config.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

using fixture::StreamedRollout;
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

constexpr std::size_t network_parameters =
    (6 + 1) * 64 + (64 + 1) * 64 + (64 + 1) * 10;  // of the network
constexpr std::chrono::seconds patience{10};

/// A robot in a thread of its own: drives a recorded rollout for every policy that comes, `each` of
/// them, and sends it through the real link.
class RobotThread : public link::RobotLinkListener {
 public:
  RobotThread(const link::RobotLinkSettings& settings, std::vector<StreamedRollout> script,
              std::uint64_t first, const link::PublicKeys& learner)
      : script_(std::move(script)),
        next_(first),
        slot_("car", network_parameters, learner.sign_public),
        thread_([this, settings] { drive(settings); }) {}
  ~RobotThread() override { finish(); }
  RobotThread(const RobotThread&) = delete;
  RobotThread& operator=(const RobotThread&) = delete;

  void finish() {
    done_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::uint64_t next() const { return next_; }
  std::atomic<std::uint64_t> interrupt_after{0};  // rollouts sent, then Ctrl-C at the learner

  void connected(const link::Welcome&) override {}
  void lost() override {}
  void control(link::Command) override {}
  void pose(const link::Pose&) override {}
  void policy(const link::ReceivedPolicy& p) override {
    const link::Policy& a = p.announcement;
    refusal_ = slot_.offer({{a.robot_kind, a.version, a.parameters, a.hash},
                            a.signature,
                            p.parameters.data(),
                            p.parameters.size()});
    EXPECT_EQ(refusal_, PolicyRefusal::none) << text(refusal_);
    slot_.at_boundary();
  }

 private:
  void drive(const link::RobotLinkSettings& settings) {
    link::Hello hello;
    hello.robot_kind = "car";
    hello.nx = 4;
    hello.nu = 2;
    hello.nz = 10;
    hello.period_s = 0.02;
    hello.nonce = next_;
    link::RobotLink link(settings, hello, *this);
    std::uint64_t driven = 0;
    const auto begin = std::chrono::steady_clock::now();
    bool patient = true;
    while (!done_) {
      if (patient && std::chrono::steady_clock::now() - begin > patience) {
        patient = false;
        ADD_FAILURE() << "nothing has happened for long; connected: " << link.is_connected() << ' '
                      << link.obstacle();
        ::kill(::getpid(), SIGINT);
      }
      link.poll(std::chrono::milliseconds(5));
      // The next only when the learner has the one before, and has made of it another policy.
      if (!link.is_connected() || !link.all_acknowledged()) continue;
      if (slot_.in_use().version == driven) continue;
      driven = slot_.in_use().version;
      send(link);
    }
  }

  void send(link::RobotLink& link) {
    StreamedRollout s = script_.at(static_cast<std::size_t>(next_ - 1));
    s.begin.rollout = next_++;
    s.begin.policy_version = slot_.in_use().version;
    s.begin.policy_hash = slot_.in_use().hash;
    EXPECT_TRUE(link.begin(s.begin));
    s.in_time_order([&](bool of_samples, std::size_t row) {
      EXPECT_TRUE(of_samples ? link.samples(row, s.samples[row].data(), 1)
                             : link.segments(row, s.segments[row].data(), 1));
    });
    if (next_ - 1 == interrupt_after) ::kill(::getpid(), SIGINT);
    link.end(link::EndReason::complete, {});
  }

  std::vector<StreamedRollout> script_;
  std::uint64_t next_;
  PolicySlot slot_;
  PolicyRefusal refusal_ = PolicyRefusal::none;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

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

  std::vector<StreamedRollout> script;
  for (const RecordedRollout& r : read_log(log).rollouts) script.emplace_back(r);
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
    RobotThread robot(settings, script, 1, settings.learner);
    robot.interrupt_after = 3;
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
    RobotThread robot(settings, script, stored + 1, settings.learner);
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
