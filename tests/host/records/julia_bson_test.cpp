#include "host/records/julia_bson.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/host/records/julia_fixture.hpp"

namespace phigrad {
namespace {

using fixture::contains;
using fixture::input_error;
using fixture::Json;

/// Parses a document and hands its root to `use`.
void with_root(const Json& document, const std::function<void(const JuliaValue&)>& use) {
  const fixture::Bytes bytes = fixture::to_bytes(document);
  const JuliaFile file(bytes.data(), bytes.size(), "here");
  use(file.root());
}

Json backref(std::int64_t ref) { return {{"tag", "backref"}, {"ref", ref}}; }

// Breaks when _backrefs, or a key that merely sorts first, is taken for the root.
TEST(JuliaBson, RootIsTheFirstKeyWithoutUnderscore) {
  with_root({{"_backrefs", fixture::list()}, {"zeta", 2.5}, {"alpha", 1.0}},
            [](const JuliaValue& root) { EXPECT_EQ(root.number(), 2.5); });
  EXPECT_TRUE(contains(input_error([] {
                         with_root({{"_only", 1}}, [](const JuliaValue&) {});
                       }),
                       "holds no value"));
}

// Breaks when a tag is read as another kind.
TEST(JuliaBson, NamesKinds) {
  const auto kind = [](const Json& value) {
    JuliaKind found{};
    with_root({{"x", value}}, [&found](const JuliaValue& root) { found = root.kind(); });
    return found;
  };
  EXPECT_EQ(kind(nullptr), JuliaKind::null);
  EXPECT_EQ(kind(true), JuliaKind::boolean);
  EXPECT_EQ(kind(3), JuliaKind::integer);
  EXPECT_EQ(kind(3.5), JuliaKind::real);
  EXPECT_EQ(kind("text"), JuliaKind::string);
  EXPECT_EQ(kind(Json::binary({1})), JuliaKind::binary);
  EXPECT_EQ(kind(Json::array({1, 2})), JuliaKind::list);
  EXPECT_EQ(kind({{"tag", "tuple"}, {"data", Json::array({1})}}), JuliaKind::tuple);
  EXPECT_EQ(kind(fixture::tanh_function()), JuliaKind::structure);
  EXPECT_EQ(kind(fixture::datatype({"Core", "Any"})), JuliaKind::datatype);
  EXPECT_EQ(kind(fixture::floats(2, 3, 0)), JuliaKind::numbers);
  EXPECT_EQ(kind({{"a", 1}}), JuliaKind::document);
  EXPECT_EQ(kind({{"tag", "struct"}}), JuliaKind::document);
  EXPECT_EQ(kind({{"tag", "array"},
                  {"type", fixture::datatype({"Main", "Thing"})},
                  {"size", {2}},
                  {"data", Json::array({1, 2})}}),
            JuliaKind::list);
}

// Breaks when columns and rows, types or scalars are mixed up.
TEST(JuliaBson, DecodesNumbers) {
  with_root({{"x", fixture::floats(2, 3, 1)}}, [](const JuliaValue& root) {
    EXPECT_EQ(root.extents(), (std::vector<std::size_t>{2, 3}));
    EXPECT_EQ(root.reals(), (std::vector<double>{1, 1.25, 1.5, 1.75, 2, 2.25}));
    EXPECT_EQ(root.type_name(), "Core.Float64");
    EXPECT_EQ(root.describe(), "a 2 x 3 array of Float64");
    EXPECT_TRUE(contains(input_error([&] { root.integers(); }), "where integers are needed"));
    EXPECT_TRUE(contains(input_error([&] { root.number(); }), "where a number is needed"));
    EXPECT_TRUE(contains(input_error([&] { root.size(); }), "where a struct or a list is needed"));
  });
  with_root({{"x", fixture::numbers<std::int64_t>("Int64", {3}, {-1, 0, 7})}},
            [](const JuliaValue& root) {
              EXPECT_EQ(root.integers(), (std::vector<std::int64_t>{-1, 0, 7}));
            });
  // A lone Float32 is a struct of four bytes.
  Json lone = fixture::structure({"Core", "Float32"}, nullptr);
  lone["data"] = Json::binary({0, 0, 0xC0, 0x3F});
  with_root({{"x", lone}}, [](const JuliaValue& root) { EXPECT_EQ(root.number(), 1.5); });
}

// Breaks when an array's declared size is believed over its bytes.
TEST(JuliaBson, RefusesDamagedArrays) {
  const auto error_of = [](const std::function<void(Json&)>& damage) {
    Json value = fixture::floats(2, 3, 1);
    damage(value);
    return input_error([&value] {
      with_root({{"x", value}}, [](const JuliaValue& root) { root.reals(); });
    });
  };
  EXPECT_TRUE(contains(error_of([](Json& v) { v["size"] = {2, 4}; }), "damaged array"));
  EXPECT_TRUE(contains(error_of([](Json& v) { v["size"] = {2, 2}; }), "damaged array"));
  EXPECT_TRUE(contains(error_of([](Json& v) {
                         v["size"] = {std::int64_t{1} << 62, 4};
                       }),
                       "damaged array"));
  EXPECT_TRUE(contains(error_of([](Json& v) { v["size"] = {-2, -3}; }), "usable size"));
  EXPECT_TRUE(contains(error_of([](Json& v) { v["size"] = Json::array(); }), "usable size"));
  EXPECT_TRUE(contains(error_of([](Json& v) { v["size"] = "6"; }), "usable size"));
  EXPECT_TRUE(
      contains(error_of([](Json& v) { v["size"] = std::vector<int>(9, 1); }), "usable size"));
  EXPECT_TRUE(contains(error_of([](Json& v) { v.erase("size"); }), "without its 'size'"));
  EXPECT_TRUE(contains(error_of([](Json& v) { v.erase("type"); }), "unknown numbers"));
  EXPECT_TRUE(contains(error_of([](Json& v) {
                         v["type"] = fixture::datatype({"Core", "Any"});
                       }),
                       "unknown numbers 'Core.Any'"));
}

// Breaks when backrefs count from 0, are not followed inside tagged values, or copy.
TEST(JuliaBson, FollowsBackrefs) {
  Json array = fixture::floats(2, 2, 5);
  array["type"] = backref(2);
  const Json document = {
      {"x", Json::array({backref(1), backref(1)})},
      {"_backrefs", Json::array({array, fixture::datatype({"Core", "Float64"})})}};
  with_root(document, [](const JuliaValue& root) {
    ASSERT_EQ(root.size(), 2u);
    EXPECT_EQ(root.item(0, "a").reals(), (std::vector<double>{5, 5.25, 5.5, 5.75}));
    EXPECT_EQ(root.item(1, "b").reals().front(), 5);
    EXPECT_EQ(root.item(1, "b").place(), "here, b");
  });
}

// Breaks when a cycle hangs, a chain is followed for ever, or an index outside is read.
TEST(JuliaBson, RefusesBadBackrefs) {
  const auto error_of = [](const Json& root, const Json& shared) {
    return input_error([&] {
      with_root({{"x", root}, {"_backrefs", shared}}, [](const JuliaValue&) {});
    });
  };
  EXPECT_TRUE(contains(error_of(backref(1), Json::array({backref(1)})), "cycle"));
  EXPECT_TRUE(contains(error_of(backref(1), Json::array({backref(2), backref(1)})), "cycle"));
  EXPECT_TRUE(contains(error_of(backref(0), Json::array({1})), "outside"));
  EXPECT_TRUE(contains(error_of(backref(2), Json::array({1})), "outside"));
  EXPECT_TRUE(contains(error_of(backref(-1), Json::array({1})), "outside"));
  EXPECT_TRUE(contains(error_of(backref(1), 7), "outside"));
  EXPECT_TRUE(contains(error_of({{"tag", "backref"}, {"ref", "1"}}, Json::array({1})), "outside"));
  EXPECT_TRUE(contains(error_of({{"tag", "backref"}}, Json::array({1})), "outside"));
  Json long_chain = Json::array();
  for (int i = 0; i < 10000; ++i) long_chain.push_back(backref(i + 2));
  long_chain.push_back(1.0);
  EXPECT_TRUE(contains(error_of(backref(1), long_chain), "cycle"));
}

// Breaks when one shared array can be decoded without end: a small file would fill the memory.
TEST(JuliaBson, BoundsWhatSharedValuesUnfoldTo) {
  const Json document = {{"x", Json::array({backref(1)})},
                         {"_backrefs", Json::array({fixture::floats(1, 1000, 0)})}};
  with_root(document, [](const JuliaValue& root) {
    const JuliaValue shared = root.item(0, "a");
    EXPECT_EQ(shared.reals().size(), 1000u);
    EXPECT_TRUE(contains(input_error([&shared] {
                           for (int i = 0; i < 20; ++i) shared.reals();
                         }),
                         "unfold to more"));
  });
}

// Breaks when an item outside a list is read.
TEST(JuliaBson, RefusesItemsOutside) {
  with_root({{"x", Json::array({1, 2})}}, [](const JuliaValue& root) {
    EXPECT_TRUE(contains(input_error([&] { root.item(2, "c"); }), "no item 2"));
  });
}

}  // namespace
}  // namespace phigrad
