// What a config says of tensor cores.
#include <gtest/gtest.h>

#include "host/experiment/learner.hpp"
#include "host/support/error.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

template <class Call>
void expect_refused(const Call& call, const char* why) {
  try {
    call();
    ADD_FAILURE() << "not refused: " << why;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Exit::input) << e.what();
    EXPECT_NE(std::string(e.what()).find(why), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("tensor_cores"), std::string::npos) << e.what();
  }
}

// Breaks when a run has them that does not ask for them, its training does not get them, or what
// judges it does.
TEST(TensorCoresOfConfigs, AreThoseOfTraining) {
  const Experiment plain = experiment_of("car");
  EXPECT_EQ(plain.resolved.at("tensor_cores"), "off");
  EXPECT_EQ(training_spec(plain, "auto", 1).tensor_cores, TensorCores::off);
  for (const auto& [name, t] :
       {std::pair{"tf32x3", TensorCores::tf32x3}, {"bf16", TensorCores::bf16}}) {
    const Experiment e = experiment_of("car", {std::string("tensor_cores=") + name});
    EXPECT_EQ(e.resolved.at("tensor_cores"), name);
    EXPECT_EQ(training_spec(e, "auto", 1).tensor_cores, t);
    EXPECT_EQ(engine_spec(e, "auto", "float", 1).tensor_cores, TensorCores::off);
  }
}

// Breaks when what they cannot do is found out while a run goes on, or nowhere.
TEST(TensorCoresOfConfigs, AreRefusedWhereTheyCannotBe) {
  expect_refused([] { experiment_of("car", {"tensor_cores=tf32"}); }, "off, tf32x3, bf16");
  expect_refused(
      [] {
        experiment_of("car", {"tensor_cores=bf16", "precision=double"});
      },
      "multiply floats");
  expect_refused([] { experiment_of("car_corrections", {"tensor_cores=bf16"}); },
                 "the policy has no network");
  const Experiment e = experiment_of("car", {"tensor_cores=tf32x3"});
  expect_refused([&] { require_trainable(e, "cpu"); }, "on the CPU");
}

}  // namespace
}  // namespace phigrad
