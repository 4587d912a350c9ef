#include "host/cli/policy_file.hpp"

#include <filesystem>

#include "host/store/run_store.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

std::vector<double> first_policy(const std::string& directory) {
  const RunStore store = RunStore::open_readonly(directory);
  const std::optional<Checkpoint> last = store.latest();
  if (!last) {
    throw Error(Exit::input, "the run has no finished iteration", directory,
                "train on with `phigrad train --resume " + directory + "`");
  }
  std::vector<double> theta = last->policies.values<double>();
  theta.resize(static_cast<std::size_t>(last->policies.shape[1]));
  return theta;
}

}  // namespace

std::vector<double> load_policy(const std::string& path) {
  return std::filesystem::is_directory(path) ? first_policy(path)
                                             : parameters_of(read_network(path));
}

std::vector<double> parameters_of(const DenseNetwork& network) {
  std::vector<double> theta;
  for (const DenseNetwork::Layer& layer : network.layers) {
    for (std::size_t r = 0; r < layer.weights.rows; ++r) {
      for (std::size_t c = 0; c < layer.weights.cols; ++c) theta.push_back(layer.weights(r, c));
    }
    theta.insert(theta.end(), layer.bias.begin(), layer.bias.end());
  }
  return theta;
}

}  // namespace phigrad
