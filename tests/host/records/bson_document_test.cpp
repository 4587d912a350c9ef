#include "host/records/bson_document.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/host/records/julia_fixture.hpp"

namespace phigrad {
namespace {

using fixture::Bytes;
using fixture::contains;
using fixture::input_error;
using fixture::Json;

std::string parse_error(const Bytes& bytes) {
  return input_error([&] { parse_bson(bytes.data(), bytes.size(), "here"); });
}

Bytes from_text(const std::string& text) { return {text.begin(), text.end()}; }

void append_size(Bytes& bytes, std::size_t size) {
  for (int shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<std::uint8_t>(size >> shift));
  }
}

/// A document whose elements are the given bytes.
Bytes document(const Bytes& elements) {
  Bytes bytes;
  append_size(bytes, elements.size() + 5);
  bytes.insert(bytes.end(), elements.begin(), elements.end());
  bytes.push_back(0);
  return bytes;
}

/// `depth` documents (element type 3) or arrays (4) inside each other, sizes consistent.
Bytes nested(std::size_t depth, std::uint8_t type) {
  Bytes bytes;
  for (std::size_t left = depth; left > 0; --left) {
    append_size(bytes, 8 * left - 3);
    if (left > 1) bytes.insert(bytes.end(), {type, 'a', 0});
  }
  bytes.insert(bytes.end(), depth, 0);
  return bytes;
}

// Breaks when a value's type, a key or the order of keys is lost.
TEST(BsonDocument, KeepsEveryTypeOfValue) {
  const Json json = {{"z", 1.5},
                     {"i", 7},
                     {"big", std::int64_t{1} << 40},
                     {"text", "hi"},
                     {"flag", true},
                     {"none", nullptr},
                     {"raw", Json::binary({1, 2, 3})},
                     {"list", {1, "two"}},
                     {"inner", {{"k", -2.0}}}};
  const Bytes bytes = fixture::to_bytes(json);
  const BsonObject object = parse_bson(bytes.data(), bytes.size(), "here");
  ASSERT_EQ(object.members().size(), 9u);
  EXPECT_EQ(object.members().front().first, "z");
  EXPECT_EQ(object.members().back().first, "inner");
  EXPECT_EQ(*object.find("z")->as<double>(), 1.5);
  EXPECT_EQ(*object.find("i")->as<std::int64_t>(), 7);
  EXPECT_EQ(*object.find("big")->as<std::int64_t>(), std::int64_t{1} << 40);
  EXPECT_EQ(*object.find("text")->as<std::string>(), "hi");
  EXPECT_EQ(*object.find("flag")->as<bool>(), true);
  EXPECT_NE(object.find("none")->as<std::monostate>(), nullptr);
  EXPECT_EQ(*object.find("raw")->as<BsonBinary>(), (BsonBinary{1, 2, 3}));
  ASSERT_EQ(object.find("list")->as<BsonArray>()->size(), 2u);
  EXPECT_EQ(*(*object.find("list")->as<BsonArray>())[1].as<std::string>(), "two");
  EXPECT_EQ(*object.find("inner")->as<BsonObject>()->find("k")->as<double>(), -2.0);
  EXPECT_EQ(object.find("absent"), nullptr);
}

// Breaks when the reader recurses with its input: the stack overflows and the test dies.
TEST(BsonDocument, RefusesDeepNesting) {
  for (const std::uint8_t type : {std::uint8_t{3}, std::uint8_t{4}}) {
    for (const std::size_t depth : {std::size_t{65}, std::size_t{20000}, std::size_t{1000000}}) {
      EXPECT_TRUE(contains(parse_error(nested(depth, type)), "nested deeper than 64 levels"));
    }
  }
  const Bytes deepest = nested(bson_max_depth, 3);
  EXPECT_EQ(parse_bson(deepest.data(), deepest.size(), "here").members().size(), 1u);
}

// Breaks when the first or the last of two equal keys silently wins.
TEST(BsonDocument, RefusesDuplicateKeys) {
  const Bytes twice = document({0x0A, 'a', 0, 0x0A, 'b', 0, 0x0A, 'a', 0});
  EXPECT_TRUE(contains(parse_error(twice), "the key 'a' twice"));
  // In an inner document too.
  Bytes outer{0x03, 'x', 0};
  outer.insert(outer.end(), twice.begin(), twice.end());
  EXPECT_TRUE(contains(parse_error(document(outer)), "the key 'a' twice"));
}

// Breaks when a file of another kind is called damaged, or its bytes reach the message.
TEST(BsonDocument, TellsForeignFilesApart) {
  EXPECT_TRUE(contains(parse_error({}), "empty"));
  const std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
  const std::string zip("PK\x03\x04\x0a\0\0\0\0\0abc", 13);
  for (const std::string& text :
       {std::string("{\"a\": 1}"), std::string("[1, 2]\n"), std::string("x\n\n\n\n\nlong text\n"),
        png, zip, std::string("ab"), std::string(300, '\0'), std::string(300, '\xff')}) {
    EXPECT_TRUE(contains(parse_error(from_text(text)), "is not a BSON file")) << text;
  }
}

// Breaks when a half-copied file is taken for a whole one, or for something that is no BSON.
TEST(BsonDocument, TellsCutFilesApart) {
  const Bytes whole = fixture::to_bytes(fixture::training(1));
  for (std::size_t size = 5; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_TRUE(contains(parse_error(cut), "cut short")) << size << ": " << parse_error(cut);
  }
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_TRUE(contains(parse_error(longer), "bytes after its end"));
}

// Breaks when a length inside the file is believed: 2 GiB would be allocated, or read past the end.
TEST(BsonDocument, DoesNotBelieveDeclaredLengths) {
  for (const std::uint8_t type : {std::uint8_t{0x02}, std::uint8_t{0x05}}) {
    EXPECT_TRUE(
        contains(parse_error(document({type, 'a', 0, 0xFF, 0xFF, 0xFF, 0x7F, 0, 'x'})), "damaged"));
    EXPECT_TRUE(
        contains(parse_error(document({type, 'a', 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 'x'})), "damaged"));
  }
  // Cut off inside a number, a key, a nested size; an unknown element type.
  EXPECT_TRUE(contains(parse_error(document({0x01, 'a', 0, 1, 2})), "damaged"));
  EXPECT_TRUE(contains(parse_error({7, 0, 0, 0, 0x0A, 'a', 'b'}), "damaged"));
  const std::string cut_size = parse_error(document({0x03, 'a', 0, 9}));
  EXPECT_TRUE(contains(cut_size, "is damaged at byte")) << cut_size;
  EXPECT_TRUE(contains(cut_size, "BSON number")) << cut_size;
  EXPECT_TRUE(contains(parse_error(document({0x07, 'a', 0, 9, 9, 9})), "damaged"));
}

// Breaks when memory can be made to grow far beyond the file: a null costs two bytes there.
TEST(BsonDocument, BoundsTheNumberOfValues) {
  Bytes elements;
  for (std::size_t i = 0; i <= bson_max_nodes; ++i) elements.insert(elements.end(), {0x0A, 0});
  Bytes outer{0x04, 'x', 0};
  const Bytes inner = document(elements);
  outer.insert(outer.end(), inner.begin(), inner.end());
  EXPECT_TRUE(contains(parse_error(document(outer)), "more than 524288 values"));
}

// Breaks when the search for equal keys, or for one key, is quadratic: minutes instead of moments.
TEST(BsonDocument, TakesManyKeys) {
  constexpr int count = 200000;
  Bytes elements;
  for (int i = 0; i < count; ++i) {
    const std::string key = std::to_string(i);
    elements.push_back(0x0A);
    elements.insert(elements.end(), key.begin(), key.end());
    elements.push_back(0);
  }
  const Bytes bytes = document(elements);
  const BsonObject object = parse_bson(bytes.data(), bytes.size(), "here");
  for (int i = 0; i < count; ++i) ASSERT_NE(object.find(std::to_string(i)), nullptr);
  EXPECT_EQ(object.find("200000"), nullptr);
}

// Breaks when text from a file can forge a line of output or is not valid UTF-8.
TEST(BsonDocument, PrintsForeignTextSafely) {
  EXPECT_EQ(printable("a\nb\x1b[31m\xff"), "a?b?[31m?");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
}

// Breaks when a path that is no readable file is opened anyway or blamed on the format.
TEST(BsonDocument, TellsPathsApart) {
  const std::filesystem::path folder = ::testing::TempDir();
  EXPECT_TRUE(contains(input_error([&] { read_bson_bytes(folder / "phigrad_absent.bson"); }),
                       "no such file"));
  EXPECT_TRUE(contains(input_error([&] { read_bson_bytes(folder); }), "is a folder"));
  EXPECT_TRUE(contains(input_error([&] { read_bson_bytes("/dev/zero"); }), "not a regular file"));
  const fixture::TempFile file("bytes.bson", {1, 2, 3});
  EXPECT_EQ(read_bson_bytes(file.path()), (Bytes{1, 2, 3}));
  const fixture::TempFile huge("huge.bson", {});
  std::filesystem::resize_file(huge.path(), bson_max_bytes + 1);  // sparse
  EXPECT_TRUE(contains(input_error([&] { read_bson_bytes(huge.path()); }), "more than the"));
}

}  // namespace
}  // namespace phigrad
