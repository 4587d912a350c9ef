// `phigrad learn CONFIG --listen ENDPOINT`.
#pragma once

namespace CLI {
class App;
}

namespace phigrad {

/// Adds the command to the app; its callback leaves the exit code in `exit_code`.
void add_learn(CLI::App& app, int& exit_code);

}  // namespace phigrad
