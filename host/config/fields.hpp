// Settings structs: one description, from which the strict reading, the resolved copy and the JSON
// schema all come.
//
//   struct Task {
//     double radius_m = 1.5;
//     Chain chain = Chain::segment;
//
//     template <class Visitor>
//     void describe(Visitor& v) {
//       v.field("radius_m", radius_m, v.optional, "radius of each circle, m", v.above(0));
//       v.choice("chain", chain, {{"segment", Chain::segment}, {"rollout", Chain::rollout}},
//                v.optional, "how far the gradient reaches back");
//     }
//   };
//
// The members' initial values are the defaults of the optional keys. describe() lists all keys
// every time, whatever the values are, and calls:
//
//   field(key, member, need, doc, limits)  double, int, int64_t, uint64_t, bool, string, vector and
//                                          array of numbers, vector of strings, Matrix
//   choice(key, member, names, need, doc)  an enum, by its table of names
//   section(key, member, doc)              a struct; left out, all its keys are; a std::optional of
//                                          a struct is null or left out when there is none
//   variant(key, member, need, doc)        a std::variant of structs: the section's "type" selects
//                                          the struct with that `static constexpr const char*
//                                          type`; where it is optional, without one it is the
//                                          initial one
//   tag(key, name, doc)                    a key that must hold this word ("robot" in a document
//                                          whose struct was chosen with read_tag)
//
// need is v.required or v.optional; limits are the words of limits.hpp, `v.above(0).at_most(1)`.
// doc says what to write, with the unit: errors and the schema show it. A member function
// `void check(const Place& at) const`, where there is one, runs after the section was read and
// reports what concerns several keys, with `at.key("window_segments").fail(problem, remedy)`.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "host/config/reader.hpp"
#include "host/config/schema_writer.hpp"
#include "host/config/writer.hpp"

namespace phigrad {

/// The settings that `document` holds. Throws Error(Exit::input) with the document's name `place`
/// and the path of the key.
template <class T>
T read_settings(const nlohmann::ordered_json& document, const std::string& place) {
  T settings{};
  Reader(&document, Place(place)).read(settings);
  return settings;
}

/// The resolved document: every key, in the order of describe(). Reading it gives `settings` back,
/// and writing that gives the same text. Throws Error(Exit::numeric) on NaN and infinity.
template <class T>
nlohmann::ordered_json write_settings(T settings) {
  nlohmann::ordered_json document;
  Writer writer(document, Place(""));
  settings.describe(writer);
  return document;
}

/// JSON Schema (draft 2020-12) of T. It accepts what read_settings accepts, and besides: 3.0 for an
/// integer, integers beyond 32 or 64 bits, and what check() refuses.
template <class T>
nlohmann::ordered_json schema_of(const std::string& title) {
  T initial{};
  nlohmann::ordered_json body;
  SchemaWriter writer(body, Place(title));
  initial.describe(writer);
  return schema_document(title, body);
}

}  // namespace phigrad
