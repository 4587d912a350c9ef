// Fuzzing of the authors' policy files, up to the parameters.
#include <cmath>
#include <cstdint>

#include "host/cli/policy_file.hpp"
#include "tests/fuzz/bson_input.hpp"
#include "tests/fuzz/fuzz.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer asks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phigrad;
  const auto bytes = bson_input(data, size);
  refuses([&] {
    const DenseNetwork network = read_network(JuliaFile(bytes.data(), bytes.size(), "fuzz"));
    std::size_t count = 0;
    for (const DenseNetwork::Layer& layer : network.layers) {
      count += layer.weights.data.size() + layer.bias.size();
    }
    const std::vector<double> theta = parameters_of(network);
    require(theta.size() == count);
    for (const double parameter : theta) require(std::isfinite(parameter));
  });
  return 0;
}
