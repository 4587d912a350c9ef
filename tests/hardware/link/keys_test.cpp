#include "hardware/link/keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "hardware/agent/policy_seal.hpp"
#include "tests/hardware/agent/expect_error.hpp"
#include "tests/hardware/link/link_fixture.hpp"

namespace phigrad::link {
namespace {

namespace fs = std::filesystem;
using testing::input_error_of;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

void write(const fs::path& file, const std::string& text, fs::perms perms = fs::perms::owner_all) {
  std::ofstream(file) << text;
  fs::permissions(file, perms);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

// Breaks when keys do not come back as they were written, when others can read the secret ones, or
// when the two halves do not belong together.
TEST(Keys, ComeBackAsTheyWere) {
  const TemporaryDirectory folder;
  const SecretKeys keys = make_keys();
  ::umask(0);  // the mode is not left to it
  write_keys(folder.path(), "car-1", keys);
  ::umask(022);
  const fs::path secret_file = folder.path() / "car-1.secret.json";
  EXPECT_EQ(fs::status(secret_file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const SecretKeys secret = read_secret_keys(secret_file);
  EXPECT_EQ(secret.curve_secret, keys.curve_secret);
  EXPECT_EQ(secret.curve_public, keys.curve_public);
  EXPECT_EQ(secret.sign_secret, keys.sign_secret);
  const PublicKeys open = read_public_keys(folder.path() / "car-1.public.json");
  EXPECT_EQ(open.name, "car-1");
  EXPECT_EQ(open.curve_public, keys.curve_public);
  EXPECT_EQ(text_of(folder.path() / "car-1.public.json").find(keys.curve_secret),
            std::string::npos);
  const PolicySeal seal{"car", 1, 2, {}};
  EXPECT_TRUE(verify_seal(seal, sign_seal(seal, keys.sign_secret), open.sign_public));
  EXPECT_NE(make_keys().curve_secret, keys.curve_secret);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 2);  // nothing temporary
}

// Breaks when new keys replace old ones, or half a pair stays behind.
TEST(Keys, AreNotOverwritten) {
  const TemporaryDirectory folder;
  const SecretKeys keys = make_keys();
  write_keys(folder.path(), "car", keys);
  EXPECT_NE(input_error_of([&] { write_keys(folder.path(), "car", make_keys()); }).find("already"),
            std::string::npos);
  EXPECT_EQ(read_secret_keys(folder.path() / "car.secret.json").curve_secret, keys.curve_secret);
  fs::remove(folder.path() / "car.secret.json");
  input_error_of([&] { write_keys(folder.path(), "car", make_keys()); });
  EXPECT_FALSE(fs::exists(folder.path() / "car.secret.json"));
  for (const char* name : {"", "../car", "a b", ".hidden", "a/b"}) {
    input_error_of([&] { write_keys(folder.path(), name, keys); });
  }
  input_error_of([&] { write_keys(folder.path() / "none", "car", keys); });
}

// Breaks when a secret that others can read is used, or the way out is not said.
TEST(Keys, ASecretThatOthersCanReadIsRefused) {
  const TemporaryDirectory folder;
  write_keys(folder.path(), "car", make_keys());
  const fs::path file = folder.path() / "car.secret.json";
  for (const fs::perms more : {fs::perms::group_read, fs::perms::others_read,
                               fs::perms::group_write, fs::perms::others_exec}) {
    fs::permissions(file, fs::perms::owner_read | more);
    const std::string message = input_error_of([&] { read_secret_keys(file); });
    EXPECT_NE(message.find("chmod 600"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
  fs::permissions(file, fs::perms::owner_read);
  EXPECT_NO_THROW(read_secret_keys(file));
}

// Breaks when a damaged file is taken for a key.
TEST(Keys, DamagedFilesAreRefused) {
  const TemporaryDirectory folder;
  const SecretKeys keys = make_keys();
  write_keys(folder.path(), "car", keys);
  const std::string secret = text_of(folder.path() / "car.secret.json");
  const std::string open = text_of(folder.path() / "car.public.json");
  const std::string& z85 = keys.curve_secret;
  const fs::path file = folder.path() / "damaged.json";
  const auto refused = [&](const std::string& text, bool is_secret) {
    write(file, text, fs::perms::owner_read | fs::perms::owner_write);
    const std::string message = input_error_of([&] {
      if (is_secret) {
        read_secret_keys(file);
      } else {
        read_public_keys(file);
      }
    });
    EXPECT_NE(message.find(file.string()), std::string::npos);
    EXPECT_EQ(message.find(z85), std::string::npos) << "a secret in a message";
  };
  const std::string shorter = z85.substr(1);
  for (const bool is_secret : {true, false}) {
    refused("", is_secret);
    refused("[1, 2]", is_secret);
    refused("{}", is_secret);
    refused((is_secret ? secret : open) + "}", is_secret);
    refused(std::string(5000, ' ') + (is_secret ? secret : open), is_secret);
    refused(std::string(4000, '['), is_secret);
  }
  refused(replaced(secret, z85, shorter), true);
  refused(replaced(secret, z85, shorter + "~"), true);
  refused(replaced(secret, z85, shorter + "\xC3"), true);
  refused(replaced(secret, "\"sign_secret\": \"", "\"sign_secret\": \"AAAA"), true);
  refused(replaced(secret, "\"sign_secret\"", "\"sign\""), true);
  refused(replaced(open, "\"car\"", "\"c r\""), false);
  refused(replaced(open, "\"car\"", "7"), false);
  refused(replaced(open, keys.curve_public, keys.curve_public.substr(2)), false);
  // The two halves of an Ed25519 key that do not belong together.
  SecretKeys mixed = keys;
  mixed.sign_secret[40] ^= 1;
  write_keys(folder.path(), "mixed", mixed);
  input_error_of([&] { read_secret_keys(folder.path() / "mixed.secret.json"); });
  input_error_of([&] { read_secret_keys(folder.path() / "none.secret.json"); });
  input_error_of([&] { read_public_keys(folder.path()); });
}

// Breaks when the list of who may connect is empty without a word, takes in other files, or has two
// robots of one name.
TEST(Keys, TheListIsAFolder) {
  const TemporaryDirectory folder;
  input_error_of([&] { read_allowed(folder.path()); });
  input_error_of([&] { read_allowed(folder.path() / "none"); });
  const SecretKeys first = make_keys(), second = make_keys();
  write_keys(folder.path(), "b", first);
  write_keys(folder.path(), "a", second);
  write(folder.path() / "notes.txt", "no key");
  const std::vector<PublicKeys> allowed = read_allowed(folder.path());
  ASSERT_EQ(allowed.size(), 2u);
  EXPECT_EQ(allowed[0].name, "a");
  EXPECT_EQ(allowed[1].curve_public, first.curve_public);
  const std::string copy = text_of(folder.path() / "a.public.json");
  write(folder.path() / "c.public.json", replaced(copy, "\"a\"", "\"c\""));  // one key, two names
  input_error_of([&] { read_allowed(folder.path()); });
  write(folder.path() / "c.public.json",
        replaced(text_of(folder.path() / "b.public.json"), first.curve_public,
                 make_keys().curve_public));  // one name, two keys
  input_error_of([&] { read_allowed(folder.path()); });
  write(folder.path() / "c.public.json", "{");
  input_error_of([&] { read_allowed(folder.path()); });
}

}  // namespace
}  // namespace phigrad::link
