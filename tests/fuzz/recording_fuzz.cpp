// Fuzzing of the authors' recordings: from BSON to rollouts on the engine's grid.
#include <cstdint>
#include <vector>

#include "host/records/recordings.hpp"
#include "host/rollouts/logged_rollout.hpp"
#include "tests/fuzz/bson_input.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/grid_check.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer asks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phigrad;
  static const Experiment car = short_car();
  const auto bytes = bson_input(data, size);
  refuses([&] {
    const JuliaFile file(bytes.data(), bytes.size(), "fuzz");
    refuses([&] { read_mismatch_losses(file); });
    const RecordedLog log = read_log(file);
    require(log.recorded_losses.size() == log.rollouts.size());
    std::vector<LoggedRollout> rollouts;
    for (std::size_t i = 0; i < log.rollouts.size(); ++i) {
      rollouts.push_back(
          logged_rollout(log.rollouts[i], log.recorded_losses[i], "fuzz", static_cast<int>(i)));
    }
    lay_all_on_grid(rollouts, car);
  });
  return 0;
}
