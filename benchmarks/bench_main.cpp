// `phigrad bench` in a program of its own, whose operator new counts.
#include "benchmarks/counting_new.hpp"
#include "host/cli/command_line.hpp"

int main(int argc, char** argv) {
  using namespace phigrad;
  const AddCommand add_bench_that_counts = [](CLI::App& app, int& exit_code) {
    add_bench(app, exit_code, [] { return allocations.load(); });
  };
  return run_command_line(argc, argv, {add_bench_that_counts});
}
