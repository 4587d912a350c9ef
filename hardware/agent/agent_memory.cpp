#include "hardware/agent/agent_memory.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "host/config/fields.hpp"
#include "host/config/json_document.hpp"
#include "host/store/atomic_file.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr std::uint64_t reserved_at_once = 100;

template <std::size_t N>
std::string hex(const std::array<std::uint8_t, N>& bytes) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

/// False where the text is not that many bytes of hexadecimal.
template <std::size_t N>
bool from_hex(const std::string& text, std::array<std::uint8_t, N>& bytes) {
  if (text.size() != 2 * N) return false;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < N; ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

struct PolicyInFile {
  std::uint64_t version = 0;
  std::string hash, signature;
  std::vector<double> parameters;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("version", version, v.required, "version of the policy");
    v.field("hash", hash, v.required, "hash of its parameters, hexadecimal");
    v.field("signature", signature, v.required, "the learner's signature, hexadecimal");
    v.field("parameters", parameters, v.required, "its parameters");
  }
};

struct MemoryInFile {
  std::string robot;
  std::uint64_t next_rollout = 1;
  std::optional<PolicyInFile> policy;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("robot", robot, v.required, "kind of the robot");
    v.field("next_rollout", next_rollout, v.required, "number that no rollout has had");
    v.section("policy", policy, "the last verified policy");
  }
};

}  // namespace

AgentMemory::AgentMemory(std::filesystem::path file, std::string robot_kind)
    : file_(std::move(file)), robot_kind_(std::move(robot_kind)) {
  if (file_.empty()) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    next_rollout_ = static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 1));
  } else {
    remove_unfinished_writes(file_);
    if (std::filesystem::exists(file_)) read();
  }
  reserved_ = next_rollout_;
}

void AgentMemory::read() {
  const auto damaged = [&](const std::string& what) {
    throw Error(Exit::input, what, file_.string(),
                "remove the file; the learner sends its policy again");
  };
  const auto memory = read_settings<MemoryInFile>(read_json(file_.string()), file_.string());
  if (memory.robot != robot_kind_) damaged("the memory of another robot, " + shown(memory.robot));
  next_rollout_ = std::max<std::uint64_t>(memory.next_rollout, 1);
  if (!memory.policy) return;
  KeptPolicy policy;
  policy.version = memory.policy->version;
  policy.parameters = memory.policy->parameters;
  if (!from_hex(memory.policy->hash, policy.hash) ||
      !from_hex(memory.policy->signature, policy.signature) || policy.version == 0) {
    damaged("a policy whose hash or signature is damaged");
  }
  policy_ = std::move(policy);
}

void AgentMemory::write() const {
  if (file_.empty()) return;
  MemoryInFile memory{robot_kind_, reserved_, std::nullopt};
  if (policy_) {
    memory.policy = PolicyInFile{policy_->version, hex(policy_->hash), hex(policy_->signature),
                                 policy_->parameters};
  }
  write_file_atomically(file_, write_settings(memory).dump() + "\n");
}

void AgentMemory::keep(KeptPolicy policy) {
  policy_ = std::move(policy);
  write();
}

void AgentMemory::used(std::uint64_t rollout) {
  next_rollout_ = std::max(next_rollout_, rollout + 1);
  if (next_rollout_ < reserved_) return;
  reserved_ = next_rollout_ + reserved_at_once;
  write();
}

}  // namespace phigrad
