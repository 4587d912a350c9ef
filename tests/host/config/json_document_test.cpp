#include "host/config/json_document.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "expect_error.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

const std::string kRemedy =
    "; correct it there; JSON has no comments, trailing commas, single quotes, NaN or Infinity";

void expect_not_json(std::string_view text, const std::string& line) {
  SCOPED_TRACE(text.substr(0, 80));
  expect_error([&] { parse_json(text, "f"); }, Exit::input, line);
}

// Breaks if the SAX handler builds another document than nlohmann's own parser.
TEST(JsonDocument, ParsesAsNlohmannDoes) {
  for (
      const char* text :
      {R"({"z": 1, "a": [1, -2, 2.5, true, false, null, "s", {}, [], [[1], {"k": [2]}]], "m": {"b": {"c": 0}}})",
       "3", "-3", "1.5e-3", "\"x\"", "null", "[]", "{}", "18446744073709551615",
       R"({"ü\"\\": "\u00fc\ud83d\ude00", "": ""})", "\xEF\xBB\xBF[1]"}) {
    EXPECT_EQ(parse_json(text, "f").dump(), ordered_json::parse(text).dump()) << text;
  }
}

// Breaks if the line or the column is wrong, or the reason is lost.
TEST(JsonDocument, TellsLineAndColumn) {
  expect_not_json("{\n  \"a\": nux\n}",
                  R"(not JSON after "  \"a\": nux": invalid literal [f:2:10])" + kRemedy);
  expect_not_json(
      "{\"a\": 1,}",
      R"(not JSON after "{\"a\": 1,}": unexpected '}', expected string literal [f:1:9])" + kRemedy);
  expect_not_json(
      "[1, 2,]",
      R"(not JSON after "[1, 2,]": unexpected ']', expected '[', '{', or a literal [f:1:7])" +
          kRemedy);
  expect_not_json("{\"ä\": 'x'}",
                  R"(not JSON after "{\"\u00e4\": '": invalid literal [f:1:7])" + kRemedy);
  expect_not_json(
      "[1]\n [2]",
      R"(not JSON after " [": unexpected '[', expected end of input [f:2:2])" + kRemedy);
  expect_not_json("[1,\n",
                  R"(not JSON after "[1,\n": unexpected end of input, expected '[', '{', or a )"
                  "literal [f:2:1]" +
                      kRemedy);
}

// Breaks if text that is not JSON is taken for it.
TEST(JsonDocument, RejectsWhatIsNotJson) {
  for (const char* text : {"",
                           " ",
                           "NaN",
                           "[NaN]",
                           "Infinity",
                           "-Infinity",
                           "[1,]",
                           "{'a': 1}",
                           "{a: 1}",
                           "[1 2]",
                           "01",
                           "+1",
                           ".5",
                           "1.",
                           "0x10",
                           "[1] // c",
                           "/* c */ 1",
                           "\"\t\"",
                           "\"a",
                           "[",
                           "{\"a\"}",
                           "tru",
                           "\"\\ud800\"",
                           "\"\\udc00\"",
                           "\"\\ud800\\u0041\"",
                           "\"\\x41\"",
                           "\"\xff\"",
                           "\"\xc0\x80\"",
                           "\"\xed\xa0\x80\"",
                           "\xff\xfe[1]"}) {
    EXPECT_THROW(parse_json(text, "f"), Error) << text;
  }
  EXPECT_THROW(parse_json(std::string_view(), "f"), Error);
}

// Breaks if an overflow becomes infinity: no later check would name the place.
TEST(JsonDocument, RejectsNumbersBeyondDouble) {
  expect_not_json("{\"a\": 1e999}",
                  "the number \"1e999\" is too large for a double [f:1:11]; write a finite number");
  expect_not_json("[-1e999]",
                  "the number \"-1e999\" is too large for a double [f:1:7]; write a finite number");
  EXPECT_EQ(parse_json("1e308", "f").get<double>(), 1e308);
}

// Breaks if one of two equal keys silently wins, at any depth and with any spelling of the key.
TEST(JsonDocument, RejectsDuplicateKeys) {
  expect_not_json("{\"a\": 1,\n \"b\": 2,\n  \"a\": 3}",
                  "the key \"a\" appears twice in one object [f:3:3]; remove one of the two");
  expect_not_json(R"({"x": [{"q\u0022\\": 1, "q\"\\": 2}]})",
                  R"(the key "q\"\\" appears twice in one object [f:1:25]; remove one of the two)");
  EXPECT_NO_THROW(parse_json(R"({"a": {"a": {"a": 1}}, "b": {"a": 2}})", "f"));
}

// Breaks if nesting can exhaust the stack.
TEST(JsonDocument, CapsTheDepth) {
  expect_not_json(std::string(100'000, '['),
                  "nested deeper than 32 levels [f:1:33]; flatten the document");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  expect_not_json(objects, "nested deeper than 32 levels [f:1:161]; flatten the document");
  EXPECT_NO_THROW(parse_json(std::string(32, '[') + std::string(32, ']'), "f"));
}

// Breaks if a large text is parsed before it is refused, or a small one is refused.
TEST(JsonDocument, CapsTheSize) {
  expect_not_json(std::string(20U << 20, ' '),
                  "more than 16777216 bytes of JSON [f]; check that this is the file you meant");
  EXPECT_EQ(parse_json("1" + std::string((16U << 20) - 1, ' '), "f"), 1);
}

// Breaks if 16 MiB of text can grow to several hundred MiB of values.
TEST(JsonDocument, CapsTheNumberOfValues) {
  std::string text = "[";
  for (int i = 0; i < 1'100'000; ++i) text += "\"\",";
  expect_not_json(text,
                  "more than 1048576 values [f:1:3145728]; split the document or remove what does "
                  "not belong in it");
}

// Breaks if finding a key of an object walks over all its keys: this would take minutes.
TEST(JsonDocument, ReadsAnObjectOfManyKeysInLinearTime) {
  std::string text = "{\"k\": 0";
  for (int i = 0; i < 200'000; ++i) text += ",\"" + std::to_string(i) + "\":0";
  EXPECT_EQ(parse_json(text + "}", "f").size(), 200'001U);
}

// Breaks if the text ends at a NUL byte, as it does for nlohmann's lexer.
TEST(JsonDocument, RejectsNulBytes) {
  const std::string remedy = "; save the file as plain UTF-8 text";
  expect_not_json(std::string_view("{}\0garbage", 10), "not JSON: a NUL byte [f:1:3]" + remedy);
  expect_not_json(std::string_view("[\n\"a\0b\"]", 8), "not JSON: a NUL byte [f:2:3]" + remedy);
}

// Breaks if the error repeats megabytes or control characters of the text, or cuts a character.
TEST(JsonDocument, KeepsErrorsShort) {
  expect_not_json("\"" + std::string(1'000'000, 'a'),
                  "not JSON after \"" + std::string(24, 'a') +
                      "\": invalid string: missing closing quote [f:1:1000002]" + kRemedy);
  expect_not_json("[\"\x1b[31m\"]",
                  "not JSON after \"[\\\"\\u001b\": invalid string: control character U+001B (ESC) "
                  "must be escaped to \\u001B [f:1:3]" +
                      kRemedy);
  expect_not_json(
      "\"ääääääääääääab\t",
      R"(not JSON after "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4ab\t": )"
      "invalid string: control character U+0009 (HT) must be escaped to \\u0009 or \\t "
      "[f:1:16]" +
          kRemedy);
}

class JsonFile : public ::testing::Test {
 protected:
  const TemporaryDirectory own_;
  const std::filesystem::path folder_ = own_.path();
};

// Breaks if a file is not read whole, or a folder or an endless device is read as one.
TEST_F(JsonFile, ReadsFilesAndTellsWhyNot) {
  const std::string path = (folder_ / "a.json").string();
  const std::string big(100'000, 'x');
  std::ofstream(path) << "[\"" << big << "\"]";
  EXPECT_EQ(read_json(path), ordered_json::array({big}));
  const std::string absent = (folder_ / "b.json").string();
  expect_error([&] { read_json(absent); }, Exit::input,
               "cannot read the file: No such file or directory [" + absent +
                   "]; check the path and the permissions");
  expect_error([&] { read_json(folder_.string()); }, Exit::input,
               "cannot read the file: Is a directory [" + folder_.string() +
                   "]; check the path and the permissions");
  expect_error(
      [&] { read_json("/dev/zero"); }, Exit::input,
      "more than 16777216 bytes of JSON [/dev/zero]; check that this is the file you meant");
}

}  // namespace
}  // namespace phigrad
