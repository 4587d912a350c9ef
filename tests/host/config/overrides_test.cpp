#include "host/config/overrides.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "expect_error.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

const char* const kDocument =
    R"({"name":"car","rollout":{"dt_s":0.02,"start":{"half_width":[1,2]}},"gain":[[1,2],[3,4]],"link":null})";

std::string after(const std::string& assignment) {
  ordered_json document = ordered_json::parse(kDocument);
  apply_override(document, assignment);
  return ordered_json::diff(ordered_json::parse(kDocument), document).dump();
}

void expect_usage_error(const std::string& assignment, const std::string& problem,
                        const std::string& remedy) {
  ordered_json document = ordered_json::parse(kDocument);
  const std::string shown_assignment = ordered_json(assignment).dump();
  expect_error([&] { apply_override(document, assignment); }, Exit::usage,
               problem + " [--set " + shown_assignment + "]; " + remedy);
  EXPECT_EQ(document.dump(), kDocument) << "changed by " << assignment;
}

// Breaks if another value than the one named is changed, or a value gets another type.
TEST(Overrides, SetOneValue) {
  EXPECT_EQ(after("rollout.dt_s=1e-2"),
            R"([{"op":"replace","path":"/rollout/dt_s","value":0.01}])");
  EXPECT_EQ(after("name=go1"), R"([{"op":"replace","path":"/name","value":"go1"}])");
  EXPECT_EQ(after("name=a=b c"), R"([{"op":"replace","path":"/name","value":"a=b c"}])");
  EXPECT_EQ(after("name=\"12\""), R"([{"op":"replace","path":"/name","value":"12"}])");
  EXPECT_EQ(after("name="), R"([{"op":"replace","path":"/name","value":""}])");
  EXPECT_EQ(after("name=NaN"), R"([{"op":"replace","path":"/name","value":"NaN"}])");
  EXPECT_EQ(after("name=1e999"), R"([{"op":"replace","path":"/name","value":"1e999"}])");
  EXPECT_EQ(after("rollout.start.half_width.0=0.1"),
            R"([{"op":"replace","path":"/rollout/start/half_width/0","value":0.1}])");
  EXPECT_EQ(after("gain.1.0=[]"), R"([{"op":"replace","path":"/gain/1/0","value":[]}])");
  EXPECT_EQ(after("rollout.start={\"on_task\":true}"),
            R"([{"op":"remove","path":"/rollout/start/half_width"},)"
            R"({"op":"add","path":"/rollout/start/on_task","value":true}])");
}

// Breaks if a section that is not written, or is null, cannot be set into.
TEST(Overrides, MakeSections) {
  EXPECT_EQ(after("task.shape.radius_m=2"),
            R"([{"op":"add","path":"/task","value":{"shape":{"radius_m":2}}}])");
  EXPECT_EQ(after("link.port=7"), R"([{"op":"replace","path":"/link","value":{"port":7}}])");
}

// Breaks if an assignment that makes no sense changes the document or is ignored.
TEST(Overrides, RejectWhatMakesNoSense) {
  const std::string form = "write --set path.to.key=value";
  expect_usage_error("rollout.dt_s", "no '='", form);
  expect_usage_error("=1", "the path has an empty key", form);
  expect_usage_error("a..b=1", "the path has an empty key", form);
  expect_usage_error("a.=1", "the path has an empty key", form);
  expect_usage_error(".a=1", "the path has an empty key", form);
  expect_usage_error("rollout.dt_s.x=1", R"("rollout.dt_s" is the number 0.02, it has no key "x")",
                     "name a key of a section");
  expect_usage_error("gain.0.2=1", R"("gain.0" has 2 entries, none at 2)",
                     "count from 0, or set the whole array: \"gain.0=[...]\"");
  expect_usage_error("gain.-1=1", R"("gain" is an array, "-1" is not an index of it)",
                     "write a number below 2");
  expect_usage_error("gain.99999999999999999999=1",
                     R"("gain" is an array, "99999999999999999999" is not an index of it)",
                     "write a number below 2");
  expect_usage_error("new.half_width.0=1", R"(there is no array "new.half_width" to index)",
                     "set the whole array: \"new.half_width=[...]\"");
  expect_usage_error("name.\x1b=1", R"("name" is the string "car", it has no key "\u001b")",
                     "name a key of a section");
  expect_usage_error("gain.1.0.\x1b.x=1", R"("gain.1.0" is the number 3, it has no key "\u001b")",
                     "name a key of a section");
  expect_usage_error("\x1b.0=1", R"(there is no array "\u001b" to index)",
                     "set the whole array: \"\\u001b=[...]\"");
  std::string deep = "a";
  for (int i = 0; i < 40; ++i) deep += ".a";
  expect_usage_error(deep + "=1", "the path has more than 32 keys", form);
}

// Breaks if mistyped JSON silently becomes a string.
TEST(Overrides, RejectMistypedJson) {
  expect_usage_error(
      "gain=[1,2",
      R"(not JSON after "[1,2": unexpected end of input, expected ']' [the value:1:5]; correct it )"
      "there; JSON has no comments, trailing commas, single quotes, NaN or Infinity",
      "quote the whole assignment for the shell");
  expect_usage_error("link={\"a\":1,\"a\":2}",
                     "the key \"a\" appears twice in one object [the value:1:8]; remove one of the "
                     "two",
                     "quote the whole assignment for the shell");
}

// Breaks if bytes that cannot be written into the resolved copy get into the document.
TEST(Overrides, RejectTextThatIsNotUtf8) {
  ordered_json document;
  expect_error([&] { apply_override(document, "name=\xff"); }, Exit::usage,
               "the text is not UTF-8 [--set \"name=\\ufffd\"]; write --set path.to.key=value");
}

}  // namespace
}  // namespace phigrad
