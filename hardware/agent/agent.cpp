#include "hardware/agent/agent.hpp"

#include <pthread.h>

#include <cerrno>
#include <cmath>
#include <ctime>
#include <random>
#include <thread>
#include <utility>

#include "hardware/agent/neutral_on_crash.hpp"
#include "hardware/agent/neutral_on_death.hpp"
#include "host/support/build_info.hpp"

namespace phigrad {
namespace {

using std::chrono::milliseconds;

constexpr int priority = 50;  // of SCHED_FIFO, below the kernel's interrupt threads
constexpr milliseconds link_round{2};
constexpr milliseconds goodbye{50};

std::int64_t period_ns(const AgentConfig& config) {
  return std::llround(config.experiment.common.rollout.dt_s * 1e9);
}

AgentMemory memory_of(const AgentOptions& options, const std::string& robot_kind) {
  AgentMemory memory(options.memory, robot_kind);
  if (options.forget) memory.forget_policy();
  return memory;
}

std::uint64_t kept_version(const AgentMemory& memory) {
  // One less: the policy in memory is to be offered again.
  return memory.policy() ? memory.policy()->version - 1 : 0;
}

LoopSettings loop_settings(const AgentConfig& config, const AgentOptions& options,
                           const AgentMemory& memory) {
  LoopSettings s = make_loop_settings(config);
  s.most_rollouts = options.rollouts;
  s.first_rollout = memory.next_rollout();
  return s;
}

/// Until CLOCK_MONOTONIC shows at_ns.
void sleep_until(std::int64_t at_ns) {
  timespec at{};
  at.tv_sec = static_cast<time_t>(at_ns / 1'000'000'000);
  at.tv_nsec = static_cast<long>(at_ns % 1'000'000'000);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) == EINTR) {
  }
}

/// The driver is neutral at the end of this scope, whatever ends it.
class NeutralAtEnd {
 public:
  explicit NeutralAtEnd(Driver& driver) : driver_(driver) {}
  ~NeutralAtEnd() { driver_.neutral(); }
  NeutralAtEnd(const NeutralAtEnd&) = delete;
  NeutralAtEnd& operator=(const NeutralAtEnd&) = delete;

 private:
  Driver& driver_;
};

/// Ends and joins the control thread at the end of this scope.
class Joined {
 public:
  Joined(std::thread thread, std::atomic<bool>& leave, std::atomic<bool>& faulty)
      : thread_(std::move(thread)), leave_(leave), faulty_(faulty) {}
  ~Joined() {
    if (!regular) faulty_ = true;
    leave_ = true;
    thread_.join();
  }
  Joined(const Joined&) = delete;
  Joined& operator=(const Joined&) = delete;

  std::thread& thread() { return thread_; }
  bool regular = false;  // not by an exception

 private:
  std::thread thread_;
  std::atomic<bool>& leave_;
  std::atomic<bool>& faulty_;
};

}  // namespace

Agent::Agent(const AgentConfig& config, const AgentOptions& options, LinkSide::Log log)
    : config_(config),
      options_(options),
      log_(std::move(log)),
      ports_(std::make_unique<LoopPorts>()),
      policy_(config_.experiment),
      limits_(make_limits(config_)),
      memory_(memory_of(options_, config_.experiment.robot)),
      slot_(config_.experiment.robot, static_cast<std::size_t>(policy_.parameters()),
            options_.learner, kept_version(memory_)) {
  const bool real_time = in_real_time(config_.agent);
  const Clock& clock = real_time ? static_cast<const Clock&>(steady_) : stepped_;
  robot_ = make_driver(config_, clock, *ports_, options_.dry_run, options_.read_log);
  if (robot_.pose != nullptr) poses_ = std::make_unique<PoseFilter>(robot_.pose->filter);
  loop_ = std::make_unique<ControlLoop>(
      loop_settings(config_, options_, memory_),
      LoopParts{policy_, limits_, *robot_.driver, slot_, *ports_, robot_.start});
  link_side_ = std::make_unique<LinkSide>(
      LinkSideSetup{config_.experiment.robot, policy_.nx(), policy_.nu(), policy_.nz(),
                    config_.experiment.common.rollout.dt_s, options_.provenance},
      *ports_, slot_, memory_, poses_.get(), clock, log_);
}

Agent::~Agent() = default;

link::Hello Agent::hello() const {
  link::Hello hello;
  hello.robot_kind = config_.experiment.robot;
  hello.nx = static_cast<std::uint32_t>(policy_.nx());
  hello.nu = static_cast<std::uint32_t>(policy_.nu());
  hello.nz = static_cast<std::uint32_t>(policy_.nz());
  hello.period_s = config_.experiment.common.rollout.dt_s;
  std::random_device random;
  hello.nonce = (std::uint64_t{random()} << 32) | random();
  hello.software = std::string("phigrad ") + build_info().version;
  return hello;
}

AgentReport Agent::run(RolloutUplink& uplink, const std::atomic<bool>& stop) {
  robot_.driver->start();
  log_(robot_.driver->description());
  const NeutralOnDeath on_death(*robot_.driver);
  const NeutralAtEnd neutral(*robot_.driver);
  const NeutralOnCrash on_crash(*robot_.driver);
  AgentReport report;
  if (options_.arm) link_side_->send(Order::arm);
  if (robot_.real_time) {
    run_threads(uplink, stop);
  } else {
    run_lock_step(uplink, stop);
  }
  report.tripped = loop_->state().phase == failsafe::Phase::tripped ||
                   link_side_->last_trip() == Trip::internal_fault;
  report.loop = loop_->counts();
  farewell(uplink);
  report.acknowledged = uplink.all_acknowledged();
  report.jitter = jitter_;
  report.dropped_records = ports_->records.dropped();
  report.policies = link_side_->policies();
  report.refused_policies = link_side_->refused_policies();
  report.policy_version = loop_->policy_in_use();
  report.last_trip = link_side_->last_trip();
  return report;
}

void Agent::run_lock_step(RolloutUplink& uplink, const std::atomic<bool>& stop) {
  const std::int64_t period = period_ns(config_);
  while (!stop && !loop_->done()) {
    stepped_.step(period);
    loop_->tick(stepped_.now_ns());
    // Only a robot that waits for the learner lets time pass.
    const failsafe::Phase phase = loop_->state().phase;
    const bool waits = !loop_->moving() && phase != failsafe::Phase::stopping;
    link_side_->attend(uplink, waits ? link_round : milliseconds(0));
  }
  shut_down();
  stepped_.step(period);
  loop_->tick(stepped_.now_ns());
}

void Agent::shut_down() noexcept {
  // A trip stays what it is, for the report; nothing begins out of it.
  if (loop_->state().phase != failsafe::Phase::tripped) loop_->obey(Order::shut_down);
}

void Agent::control_thread() {
  const std::int64_t period = period_ns(config_);
  std::int64_t next = steady_.now_ns();
  for (;;) {
    next += period;
    sleep_until(next);
    const std::int64_t now = steady_.now_ns();
    jitter_.add(now - next);
    const bool leave = leave_;
    if (leave && faulty_) loop_->obey(Order::internal_fault);
    if (leave) shut_down();
    loop_->tick(now);
    if (loop_->done()) done_ = true;
    if (leave) return;
    if (now - next > period) next = now;  // periods that were missed are not made up for
  }
}

void Agent::run_threads(RolloutUplink& uplink, const std::atomic<bool>& stop) {
  leave_ = faulty_ = done_ = false;
  Joined control(std::thread([this] { control_thread(); }), leave_, faulty_);
  sched_param parameters{};
  parameters.sched_priority = priority;
  if (pthread_setschedparam(control.thread().native_handle(), SCHED_FIFO, &parameters) != 0) {
    log_("no right to a real-time thread: periods may be late (CAP_SYS_NICE, or `ulimit -r 50`)");
  }
  while (!stop && !done_) link_side_->attend(uplink, link_round);
  control.regular = true;
}

void Agent::farewell(RolloutUplink& uplink) {
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::duration<double>(options_.acknowledge_s);
  do {
    link_side_->attend(uplink, link_round);
  } while (!uplink.all_acknowledged() && uplink.is_connected() &&
           std::chrono::steady_clock::now() < until);
  uplink.bye("the agent ends");
  uplink.poll(goodbye);
}

}  // namespace phigrad
