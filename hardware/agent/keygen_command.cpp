// `phigrad keygen --out DIR NAME…`.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "hardware/agent/agent_command.hpp"
#include "hardware/link/keys.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

struct KeygenOptions {
  std::string out;
  std::vector<std::string> names;
};

int run_keygen(const KeygenOptions& o) {
  std::error_code error;
  std::filesystem::create_directories(o.out, error);
  if (error) {
    throw Error(Exit::input, "the folder for keys cannot be made: " + error.message(), o.out,
                "choose another --out");
  }
  for (const std::string& name : o.names) {
    link::write_keys(o.out, name, link::make_keys());
    const std::filesystem::path stem = std::filesystem::path(o.out) / name;
    std::printf(
        "%s.secret.json   stays on the machine that is \"%s\"\n%s.public.json   goes to "
        "the other end\n",
        stem.c_str(), name.c_str(), stem.c_str());
  }
  return 0;
}

}  // namespace

void add_keygen(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("keygen", "make keys for the ends of a robot link");
  auto options = std::make_shared<KeygenOptions>();
  command->add_option("--out", options->out, "folder for the key files")->required();
  command->add_option("NAME", options->names, "ends, for example learner and car1")->required();
  command->callback([options, &exit_code] { exit_code = run_keygen(*options); });
}

}  // namespace phigrad
