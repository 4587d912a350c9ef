// Bad input on the real command line: one line with problem, place and remedy, and the exit code.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "host/store/run_store.hpp"
#include "tests/support/shipped_config.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

struct Outcome {
  int code;
  std::string said;  // stdout and stderr
};

Outcome phigrad_says(const std::string& arguments) {
  const std::string command = std::string(PHIGRAD_PROGRAM) + " " + arguments + " 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  Outcome o{-1, {}};
  std::array<char, 4096> buffer;
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr) {
    o.said += buffer.data();
  }
  const int status = ::pclose(pipe);
  o.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return o;
}

const std::string car = config_path("car");

class CommandLine : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text) const {
    std::string path = (directory_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::string out(const std::string& name) const { return (directory_ / name).string(); }

  /// One line on failure, with the code and a word that names the trouble.
  static void refuses(const std::string& arguments, int code, const std::string& word) {
    const Outcome o = phigrad_says(arguments);
    EXPECT_EQ(o.code, code) << arguments << "\n" << o.said;
    EXPECT_NE(o.said.find(word), std::string::npos) << arguments << "\n" << o.said;
    EXPECT_EQ(std::count(o.said.begin(), o.said.end(), '\n'), 1) << o.said;
    EXPECT_NE(o.said.find("; "), std::string::npos) << "no remedy: " << o.said;
  }

  const TemporaryDirectory own_;
  const std::filesystem::path directory_ = own_.path();
};

// Breaks when a key that nothing reads is accepted, or the key meant is not named.
TEST_F(CommandLine, RefusesBadConfigs) {
  const std::string train = "train " + car + " --out " + out("run") + " --set ";
  refuses(train + "rollout.segmets=3", 3, "did you mean 'segments'");
  refuses(train + "rollout.dt=0.02", 3, "dt_s");
  refuses(train + "rollout.dt_s=fast", 3, "expected a number");
  refuses(train + "rollout.segments=0", 3, "rollout.segments");
  refuses(train + "rollout.per_update=0", 3, "rollout.per_update");
  refuses(train + "gradient.drop_segments=200", 3, "no window fits");
  refuses(train + "robot=cat", 3, "car");
  refuses("train " + file("broken.json", "{\"robot\": ") + " --out " + out("run"), 3,
          "broken.json");
  refuses("train " + out("missing.json"), 3, "missing.json");
  EXPECT_FALSE(std::filesystem::exists(out("run"))) << "a refused run left a directory";
}

// Breaks when a wrong command line is taken for a wrong config, or the other way round.
TEST_F(CommandLine, RefusesBadUsage) {
  refuses("train", 2, "nothing to train");
  refuses("dance", 2, "dance");
  refuses("evaluate " + car, 2, "which policy");
  refuses("train " + car + " --seeds 0", 2, "--seeds");
  refuses("diagnose " + car + " --backend cuda", 2, "on the CPU");
  refuses("diagnose " + out("") + " " + car, 2, "logs beside a run directory");
  refuses("train " + car + " --backend tpu --out " + out("run"), 2, "tpu");
}

// Breaks when a benchmark of something else than was asked for is made.
TEST_F(CommandLine, RefusesBadBenchmarks) {
  const std::string quick = " --repetitions 1 --sets 1 ";
  refuses("bench", 2, "nothing to measure");
  refuses("bench --robot cat", 2, "double_pendulum");
  refuses("bench " + car + " --robot car", 2, "a CONFIG beside --robot");
  refuses("bench --what rollout --batch 1,2 --steps 7 " + out("missing.json"), 3, "missing.json");
  refuses("bench " + car + quick + "--steps 16", 2, "use 14 or 21");
  refuses("bench " + car + quick + "--steps 14", 3, "no window fits");
  refuses("bench " + car + quick + "--batch 0", 2, "--batch");
  refuses("bench " + car + quick + "--what dance", 2, "dance");
  refuses("bench " + car + quick + "--precision half", 2, "half");
  refuses("bench " + car + quick + "--threads 0", 2, "--threads");
  refuses("bench " + car + quick + "--repetitions 0", 2, "--repetitions");
  refuses("bench " + car + quick + "--batch 1,2 --dump " + out("dump"), 2, "--dump");
  refuses("bench " + car + quick + "--set 'rollout.logs=[\"a.bson\"]'", 3, "logs");
  refuses("bench " + car + quick + "--set rollout.segmets=3", 3, "did you mean 'segments'");
  refuses("bench --growth", 2, "nothing to measure");
  refuses("bench --growth --batch 3 " + car, 2, "--growth");
  refuses("bench --growth --dump " + out("dump") + " " + car, 2, "--dump");
  refuses("bench --seconds 3 " + car, 2, "--growth");
}

// Breaks when a plan is made of no config, or a batch that cannot fit is tried, or named wrongly.
TEST_F(CommandLine, RefusesWhatCannotBePlanned) {
  const std::string tight = " --set rollout.memory_mib=1 --set rollout.segments=20000";
  refuses("info --seeds 2", 2, "--plan");
  refuses("info --set seed=1", 2, "--plan");
  refuses("info --plan " + out("missing.json"), 3, "missing.json");
  refuses("info --plan " + car + " --set rollout.segmets=3", 3, "did you mean 'segments'");
  refuses("info --plan " + car + " --seeds 0", 2, "--seeds");
  refuses("info --plan " + car + " --set rollout.memory_mib=-1", 3, "memory_mib");
  refuses("info --plan " + car + tight, 4, "rollout.memory_mib");
  refuses("train " + car + tight + " --out " + out("run"), 4, "rollout.memory_mib");
}

// Breaks when a plan says other numbers than it adds up to, or another cut than training makes.
TEST_F(CommandLine, PlansAnIteration) {
  const std::string small = " --set rollout.memory_mib=2 --seeds 64";  // two blocks of AVX-512
  const Outcome whole = phigrad_says("info --json --plan " + car + " --seeds 64");
  const Outcome parts = phigrad_says("info --json --plan " + car + small);
  ASSERT_EQ(whole.code, 0) << whole.said;
  ASSERT_EQ(parts.code, 0) << parts.said;
  const auto plan = nlohmann::json::parse(whole.said), cut = nlohmann::json::parse(parts.said);
  std::int64_t sum = 0;
  for (const auto& group : plan.at("groups")) sum += group.at("bytes").get<std::int64_t>();
  EXPECT_EQ(plan.at("iteration_bytes"), sum);
  EXPECT_EQ(plan.at("parts"), 1);
  EXPECT_EQ(cut.at("batch_bytes"), plan.at("batch_bytes"));
  EXPECT_LE(cut.at("held_bytes").get<std::int64_t>(), 2 << 20);
  const Outcome text = phigrad_says("info --plan " + car + small);
  EXPECT_NE(text.said.find("4 ((T + 1) n + n) B"), std::string::npos) << text.said;
  EXPECT_NE(text.said.find("in " + cut.at("parts").dump() + " parts"), std::string::npos);
  const Outcome run = phigrad_says("train " + car + small + " --iterations 1 --out " + out("run"));
  EXPECT_NE(run.said.find("in " + cut.at("parts").dump() + " parts"), std::string::npos)
      << run.said;
}

// Breaks when a run with a growing loop ends without saying which loop, at which step, and what
// helps in numbers; or when the remedy is not what is trained on with.
TEST_F(CommandLine, SaysWhichLoopGrowsAndMendsIt) {
  const std::string unstable = "train " + config_path("double_pendulum_mismatch") +
                               " --set gradient.chain=rollout --iterations 3 --out " + out("run");
  const Outcome stopped = phigrad_says(unstable);
  EXPECT_EQ(stopped.code, 7) << stopped.said;
  for (const char* part : {"at step 1", "the model's loop", "alpha of the model's loop 2.24",
                           "rollout.dt_s=0.005", "controller.type=lqr_discrete",
                           "gradient.truncate_steps=2", "--auto-remedy goes on with"}) {
    EXPECT_NE(stopped.said.find(part), std::string::npos) << part << " in " << stopped.said;
  }
  const Outcome mended = phigrad_says(
      "train " + config_path("double_pendulum_mismatch") +
      " --set gradient.chain=rollout --iterations 3 --auto-remedy --out " + out("mended"));
  EXPECT_EQ(mended.code, 0) << mended.said;
  const auto config = read_json(out("mended-remedied") + "/config.json");
  EXPECT_EQ(config.at("controller").at("type"), "lqr_discrete");
  EXPECT_EQ(config.at("gradient").at("chain"), "rollout");
  // An update that would be finite and absurd stops too: doubles reach further than floats.
  const Outcome doubles = phigrad_says(
      "train " + config_path("double_pendulum_mismatch") +
      " --set gradient.chain=rollout --set precision=double --iterations 3 --out " + out("double"));
  EXPECT_EQ(doubles.code, 7) << doubles.said;
  EXPECT_NE(doubles.said.find("times its own length"), std::string::npos) << doubles.said;
}

// Breaks when foreign bytes crash the reader, or pass for a log or a policy.
TEST_F(CommandLine, RefusesForeignFiles) {
  const std::string config = config_path("jetracer");
  refuses("replay " + config + " " + file("text.bson", "this is no BSON"), 3, "text.bson");
  refuses("replay " + config + " " + file("short.bson", std::string("\x40\0\0\0\x03", 5)), 3,
          "short.bson");
  refuses("evaluate " + car + " --policy " + file("policy.bson", "{}"), 3, "policy.bson");
}

// Breaks when proposals are not those of the decisions on record, or the table's rows miss what
// gradient descent did: all ten corrections moved as proposed, twice.
TEST_F(CommandLine, ShowsProposals) {
  const std::string config = config_path("car_corrections"), run = out("run");
  ASSERT_EQ(phigrad_says("train " + config +
                         " --iterations 3 --set store.rollouts=all --set "
                         "rollout.per_update=1 --set optimiser.type=gradient_descent --set "
                         "optimiser.step=1e-6 --out " +
                         run)
                .code,
            0);
  const Outcome shown = phigrad_says("replay " + config + " " + run + " --proposals");
  EXPECT_EQ(shown.code, 0) << shown.said;
  std::size_t same = 0, at = shown.said.find("same sign");
  while ((at = shown.said.find("2 of    2", at)) != std::string::npos) ++same, ++at;
  EXPECT_EQ(same, 10U) << shown.said;
  refuses("replay " + config + " " + run + " --proposals --policy " + run, 2, "--policy");
}

// Breaks when a log without rollouts, or of another robot, makes an identification.
TEST_F(CommandLine, RefusesToIdentifyFromNothing) {
  const std::string run = out("run");
  ASSERT_EQ(
      phigrad_says("train " + car + " --iterations 1 --set store.rollouts=none --out " + run).code,
      0);
  refuses("identify " + car + " " + run, 3, "keeps no rollouts");
  refuses("identify " + car + " " + file("empty.bson", ""), 3, "empty");
  refuses("identify " + car, 2, "LOG");
  refuses("identify " + config_path("scalar") + " " + run, 3, "keeps no rollouts");
  const std::string kept = out("kept");
  ASSERT_EQ(phigrad_says("train " + car + " --iterations 1 --out " + kept).code, 0);
  refuses("identify " + config_path("scalar") + " " + kept, 3, "1 and 1");
  refuses("identify " + config_path("go1") + " " + kept, 3, "rollout.dt_s");
}

// Breaks when a program without a GPU falls back in silence though it was told not to.
TEST_F(CommandLine, RefusesCudaWithoutADevice) {
  const Outcome info = phigrad_says("info --json");
  if (info.said.find("\"usable\":true") != std::string::npos) GTEST_SKIP() << "there is a GPU";
  refuses("evaluate " + car + " --no-policy --backend cuda", 4, "no CUDA");
}

// Breaks when two processes may write one run, or a run is started over another.
TEST_F(CommandLine, GuardsRunDirectories) {
  const std::string train = "train " + car + " --iterations 1 --out " + out("run");
  ASSERT_EQ(phigrad_says(train).code, 0);
  refuses(train, 3, "--resume");
  {
    const RunStore held = RunStore::resume(out("run"));
    refuses("train --resume " + out("run"), 3, "held");
  }
  EXPECT_EQ(phigrad_says("train --iterations 2 --resume " + out("run")).code, 0);
}

// Breaks when the keys that other programs rely on change.
TEST_F(CommandLine, JsonHasTheKeysPromised) {
  const Outcome o =
      phigrad_says("train " + car + " --iterations 1 --json --out " + out("run") + " 2>/dev/null");
  for (const char* key : {"cost_first", "cost_last", "path_error_first", "path_error_last",
                          "iterations", "seeds", "wall_s", "out", "curve", "troubles"}) {
    EXPECT_NE(o.said.find("\"" + std::string(key) + "\":"), std::string::npos) << key;
  }
  const Outcome identified =
      phigrad_says("identify " + car + " " + out("run") + " --json 2>/dev/null");
  EXPECT_EQ(identified.code, 0) << identified.said;
  for (const char* key : {"seed", "commit", "machine", "rows", "lag_s", "r2", "condition", "terms",
                          "unique_share", "poor", "derivative_error", "delta", "suggested"}) {
    EXPECT_NE(identified.said.find("\"" + std::string(key) + "\":"), std::string::npos) << key;
  }
  const Outcome diagnosed = phigrad_says("diagnose " + out("run") + " --json 2>/dev/null");
  EXPECT_EQ(diagnosed.code, 0) << diagnosed.said;
  for (const char* key :
       {"verdicts", "gathered_from", "alpha_model", "alpha_plant", "cosine", "saturated_inputs",
        "output_slopes", "line", "stream", "carriers", "channel", "state", "unknown"}) {
    EXPECT_NE(diagnosed.said.find("\"" + std::string(key) + "\":"), std::string::npos) << key;
  }
  EXPECT_TRUE(std::filesystem::exists(out("run") + "/report.html"));
  EXPECT_TRUE(std::filesystem::exists(out("run") + "/summary.json"));
}

}  // namespace
}  // namespace phigrad
