#include "host/study/ranks.hpp"

#include <cstdlib>
#include <string>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

class OneRank : public Ranks {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void gather(StudySums& /*sums*/) override {}
  int from_first(int value) override { return value; }
};

}  // namespace

std::unique_ptr<Ranks> one_rank() {
  const char* size = std::getenv("OMPI_COMM_WORLD_SIZE");
  if (size != nullptr && std::string(size) != "1") {
    throw Error(Exit::usage, std::string(size) + " processes of a program that knows of none",
                "mpirun", "start phigrad_mpi instead (cmake -DPHIGRAD_MPI=ON)");
  }
  return std::make_unique<OneRank>();
}

}  // namespace phigrad
