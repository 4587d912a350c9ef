#include "host/engine/kernel_registry.hpp"

#include <algorithm>
#include <tuple>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

/// A function's static, so that it exists whichever unit registers first.
std::vector<KernelEntry>& table() {
  static std::vector<KernelEntry> entries;
  return entries;
}

const KernelEntry* find_entry(const std::string& kernels, const std::string& precision,
                              const std::string& flavour) {
  for (const KernelEntry& e : table()) {
    if (e.kernels == kernels && e.precision == precision && e.flavour == flavour) return &e;
  }
  return nullptr;
}

}  // namespace

int register_kernels(const char* robot, const char* precision, const char* flavour,
                     const void* (*entry)()) {
  auto& entries = table();
  entries.push_back({robot, precision, flavour, entry});
  std::sort(entries.begin(), entries.end(), [](const KernelEntry& a, const KernelEntry& b) {
    return std::tie(a.kernels, a.precision, a.flavour) <
           std::tie(b.kernels, b.precision, b.flavour);
  });
  return static_cast<int>(entries.size());
}

const std::vector<KernelEntry>& kernel_entries() { return table(); }

std::vector<std::string> usable_cpu_flavours() {
  std::vector<std::string> flavours;
#if defined(__x86_64__)
  // The features that -march=x86-64-v4 and -v3 let the compiler use.
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                  __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  if (v4) flavours.push_back("v4");
  if (v3) flavours.push_back("v3");
  flavours.push_back("baseline");
#elif defined(__aarch64__)
  flavours.push_back("neon");
#else
  flavours.push_back("baseline");
#endif
  return flavours;
}

const KernelEntry& find_cpu_kernels(const std::string& kernels, const std::string& precision,
                                    const std::string& flavour) {
  const std::vector<std::string> usable = usable_cpu_flavours();
  if (!flavour.empty()) {
    if (std::find(usable.begin(), usable.end(), flavour) == usable.end()) {
      throw Error(Exit::device, "this processor cannot run flavour '" + flavour + "'", "engine",
                  "leave PHIGRAD_CPU_FLAVOUR unset to take the best it can run");
    }
    if (const KernelEntry* e = find_entry(kernels, precision, flavour)) return *e;
  } else {
    for (const std::string& f : usable) {
      if (const KernelEntry* e = find_entry(kernels, precision, f)) return *e;
    }
  }
  throw Error(Exit::input,
              "no CPU kernels '" + kernels + "' in " + precision +
                  (flavour.empty() ? "" : " for flavour " + flavour) + " are built in",
              "engine",
              "see `phigrad info` for what is, or add the precision to phigrad_add_robot");
}

const KernelEntry* find_cuda_kernels(const std::string& kernels, const std::string& precision) {
  return find_entry(kernels, precision, "cuda");
}

}  // namespace phigrad
