// `mpirun -n K phigrad_mpi study …`: main() of the program whose studies run on several machines.
#include <mpi.h>

#include <limits>
#include <string>
#include <vector>

#include "host/cli/command_line.hpp"
#include "host/study/ranks.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

class MpiRanks : public Ranks {
 public:
  MpiRanks() {
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }
  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void gather(StudySums& sums) override {
    if (size_ == 1) return;
    const std::string mine = rank_ == 0 ? std::string() : sums.bytes();
    if (mine.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
      throw Error(Exit::input, "sums of more than 2 GiB", "MPI",
                  "have fewer study.groups or fewer cells a launch");
    }
    // One after the other, so that rank 0 holds one foreign sum at a time.
    for (int from = 1; from < size_; ++from) {
      if (rank_ == from) {
        MPI_Send(mine.data(), static_cast<int>(mine.size()), MPI_BYTE, 0, tag, MPI_COMM_WORLD);
        sums = {};
      } else if (rank_ == 0) {
        MPI_Status status;
        MPI_Probe(from, tag, MPI_COMM_WORLD, &status);
        int size = 0;
        MPI_Get_count(&status, MPI_BYTE, &size);
        std::string theirs(static_cast<std::size_t>(size), '\0');
        MPI_Recv(theirs.data(), size, MPI_BYTE, from, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        gathered_ += size;
        sums.merge(StudySums::from_bytes(theirs));
      }
    }
  }

  std::int64_t gathered() const override { return gathered_; }

  int from_first(int value) override {
    MPI_Bcast(&value, 1, MPI_INT, 0, MPI_COMM_WORLD);
    return value;
  }

 private:
  static constexpr int tag = 1;
  int rank_ = 0, size_ = 1;
  std::int64_t gathered_ = 0;
};

std::unique_ptr<Ranks> mpi_ranks() { return std::make_unique<MpiRanks>(); }

}  // namespace
}  // namespace phigrad

int main(int argc, char** argv) {
  using namespace phigrad;
  MPI_Init(&argc, &argv);
  const AddCommand add_study_on_ranks = [](CLI::App& app, int& exit_code) {
    add_study(app, exit_code, &mpi_ranks);
  };
  const int code = run_command_line(argc, argv, {add_study_on_ranks, add_robots, add_info});
  int rank = 0, size = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  // A rank that failed alone would leave the others waiting for it.
  if (code != 0 && size > 1) MPI_Abort(MPI_COMM_WORLD, code);
  MPI_Finalize();
  return code;
}
