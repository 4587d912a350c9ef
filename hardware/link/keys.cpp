#include "hardware/link/keys.hpp"

#include <sodium.h>
#include <sys/stat.h>
#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "hardware/link/key_text.hpp"
#include "hardware/link/messages.hpp"
#include "host/store/atomic_file.hpp"
#include "host/store/file_descriptor.hpp"
#include "host/support/error.hpp"

namespace phigrad::link {
namespace {

namespace fs = std::filesystem;

constexpr const char* public_ending = ".public.json";
constexpr std::size_t max_file_bytes = 4096;

[[noreturn]] void refuse(const fs::path& file, const std::string& problem,
                         const std::string& remedy) {
  throw Error(Exit::input, problem, file.string(), remedy);
}

std::string system_problem(const char* what, int error) {
  return std::string(what) + ": " + std::generic_category().message(error);
}

/// A temporary file beside it, fsync, then link(2): unlike rename, that never replaces a file.
void write_new_file(const fs::path& file, const std::string& text, mode_t mode) {
  const std::string temporary = file.string() + ".tmp" + std::to_string(::getpid());
  int error = 0;
  {
    ::unlink(temporary.c_str());
    const FileDescriptor out(temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (!out.valid() || ::fchmod(out.get(), mode) != 0 || !out.write_all(text) ||
        ::fsync(out.get()) != 0) {
      error = errno;
    }
  }
  if (error == 0 && ::link(temporary.c_str(), file.c_str()) != 0) error = errno;
  ::unlink(temporary.c_str());
  if (error == EEXIST) {
    refuse(file, "there is a key of this name already",
           "give another name, or move the old file away if nobody uses it any more");
  }
  if (error != 0) {
    refuse(file, system_problem("the key cannot be written", error),
           "name a folder that you can write to");
  }
  sync_directory(file.parent_path());
}

/// The file's members, all of them text. `secret`: nobody but the owner may read it.
nlohmann::json read_members(const fs::path& file, bool secret) {
  const FileDescriptor in(file.string(), O_RDONLY);
  struct stat status {};
  if (!in.valid() || ::fstat(in.get(), &status) != 0) {
    refuse(file, system_problem("the key cannot be read", errno),
           "make one with 'phigrad keygen', or correct the path");
  }
  if (!S_ISREG(status.st_mode)) refuse(file, "this is no file", "name a key file");
  if (secret && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    refuse(file, "others can read this secret key",
           "chmod 600 it, and make a new one if somebody may have read it");
  }
  std::string text(max_file_bytes + 1, '\0');
  const ssize_t size = ::read(in.get(), text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  if (text.size() <= max_file_bytes) {
    nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    sodium_memzero(text.data(), text.size());
    if (json.is_object()) return json;
  }
  refuse(file, "this is no key file", "make one with 'phigrad keygen'");
}

std::string member(const fs::path& file, const nlohmann::json& members, const char* key) {
  const auto found = members.find(key);
  if (found != members.end() && found->is_string()) return found->get<std::string>();
  refuse(file, std::string("'") + key + "' is missing or no text",
         "make new keys with 'phigrad keygen'");
}

[[noreturn]] void refuse_member(const fs::path& file, const char* key) {
  refuse(file, std::string("'") + key + "' is no sound key",
         "copy the file again, or make new keys with 'phigrad keygen'");
}

}  // namespace

SecretKeys make_keys() {
  require_crypto();
  SecretKeys keys;
  char curve_public[41] = {};
  char curve_secret[41] = {};
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> sign_public{};
  if (zmq_curve_keypair(curve_public, curve_secret) != 0 ||
      crypto_sign_keypair(sign_public.data(), keys.sign_secret.data()) != 0) {
    throw Error(Exit::robot, "no keys can be made", "libzmq and libsodium",
                "install a libzmq that was built with CURVE");
  }
  keys.curve_public = curve_public;
  keys.curve_secret = curve_secret;
  sodium_memzero(curve_secret, sizeof curve_secret);
  return keys;
}

PublicKeys public_part(const SecretKeys& keys, const std::string& name) {
  PublicKeys open;
  open.name = name;
  open.curve_public = keys.curve_public;
  std::copy(keys.sign_secret.begin() + 32, keys.sign_secret.end(), open.sign_public.begin());
  return open;
}

void write_keys(const fs::path& directory, const std::string& name, const SecretKeys& keys) {
  require_crypto();
  if (!is_name(name) || name.front() == '.') {
    refuse(directory / name, "'" + name + "' cannot be a key's name",
           "use up to 64 letters, digits and _ - . : and no dot in front");
  }
  const fs::path secret_file = directory / (name + ".secret.json");
  const PublicKeys open = public_part(keys, name);
  nlohmann::ordered_json secret_json;
  secret_json["curve_secret"] = keys.curve_secret;
  secret_json["sign_secret"] = to_base64(keys.sign_secret.data(), keys.sign_secret.size());
  nlohmann::ordered_json public_json;
  public_json["name"] = open.name;
  public_json["curve_public"] = open.curve_public;
  public_json["sign_public"] = to_base64(open.sign_public.data(), open.sign_public.size());

  write_new_file(secret_file, secret_json.dump(2) + "\n", 0600);
  try {
    write_new_file(directory / (name + public_ending), public_json.dump(2) + "\n", 0644);
  } catch (const Error&) {
    ::unlink(secret_file.c_str());
    throw;
  }
}

SecretKeys read_secret_keys(const fs::path& file) {
  require_crypto();
  const nlohmann::json members = read_members(file, true);
  SecretKeys keys;
  keys.curve_secret = member(file, members, "curve_secret");
  if (!z85_key(keys.curve_secret)) refuse_member(file, "curve_secret");
  keys.curve_public = curve_public_of(keys.curve_secret);
  const std::string sign = member(file, members, "sign_secret");
  if (!from_base64(sign, keys.sign_secret.data(), keys.sign_secret.size()) ||
      !is_sound_sign_secret(keys.sign_secret)) {
    refuse_member(file, "sign_secret");
  }
  return keys;
}

PublicKeys read_public_keys(const fs::path& file) {
  require_crypto();
  const nlohmann::json members = read_members(file, false);
  PublicKeys keys;
  keys.name = member(file, members, "name");
  if (!is_name(keys.name)) {
    refuse(file, "'name' is no name", "use up to 64 letters, digits and _ - . :");
  }
  keys.curve_public = member(file, members, "curve_public");
  if (!z85_key(keys.curve_public)) refuse_member(file, "curve_public");
  const std::string sign = member(file, members, "sign_public");
  if (!from_base64(sign, keys.sign_public.data(), keys.sign_public.size())) {
    refuse_member(file, "sign_public");
  }
  return keys;
}

std::vector<PublicKeys> read_allowed(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  const std::string ending = public_ending;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.size() > ending.size() &&
        name.compare(name.size() - ending.size(), ending.size(), ending) == 0) {
      files.push_back(at->path());
    }
  }
  if (error) {
    refuse(directory, "the folder cannot be read: " + error.message(),
           "name the folder with the public keys of the robots that may connect");
  }
  if (files.empty()) {
    refuse(directory, "no public key lies here: nobody could connect",
           "copy the robots' NAME.public.json into it");
  }
  std::sort(files.begin(), files.end());
  std::vector<PublicKeys> allowed;
  for (const fs::path& file : files) {
    const PublicKeys keys = read_public_keys(file);
    for (const PublicKeys& other : allowed) {
      if (other.name == keys.name || other.curve_public == keys.curve_public) {
        refuse(file, "the name or the key is that of '" + other.name + "', which is here too",
               "keep one file for each robot");
      }
    }
    allowed.push_back(keys);
  }
  return allowed;
}

}  // namespace phigrad::link
