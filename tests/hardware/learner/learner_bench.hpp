// `phigrad learn` as a process of its own, with keys, an endpoint and a run directory.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "hardware/link/keys.hpp"
#include "hardware/link/robot_link.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/file_text.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad::fixture {

struct LearnerBench {
  TemporaryDirectory own;
  std::filesystem::path directory = own.path(), keys = directory / "keys", run = directory / "run";
  std::string endpoint = "ipc://" + (directory / "socket").string();

  LearnerBench() {
    std::filesystem::create_directory(keys);
    for (const char* name : {"learner", "car1"}) link::write_keys(keys, name, link::make_keys());
  }

  std::string key_file(const char* name) const { return (keys / name).string(); }

  link::RobotLinkSettings robot() const {
    link::RobotLinkSettings settings;
    settings.endpoint = endpoint;
    settings.own = link::read_secret_keys(key_file("car1.secret.json"));
    settings.learner = link::read_public_keys(key_file("learner.public.json"));
    settings.reconnect_s = 0.01;
    return settings;
  }

  /// A new run of the config, or on with the one that there is.
  std::unique_ptr<ChildProcess> learn(const std::string& config,
                                      const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"learn"};
    if (std::filesystem::exists(run / "run.db")) {
      arguments.insert(arguments.end(), {"--resume", run.string()});
    } else {
      arguments.insert(arguments.end(), {config, "--out", run.string()});
    }
    arguments.insert(arguments.end(),
                     {"--listen", endpoint, "--keys", key_file("learner.secret.json"), "--allow",
                      keys.string(), "--backend", "cpu"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return std::make_unique<ChildProcess>(arguments, says(), says());
  }

  std::filesystem::path says() const { return directory / "learner.txt"; }
  std::string said() const { return testing::read_text(says()); }
};

}  // namespace phigrad::fixture
