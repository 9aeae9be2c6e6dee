// Reads JSON that a person wrote, strictly: each key is known, there once, and of its type. The
// first error stays, with its path; reads after it return zeros.
//
//   StrictObject object(json, "", &error);
//   genesis.chain_name = object.String("chain_name");
//   object.Each("assets", [&](StrictObject asset) { … });
//   object.Finish();                       // all keys were asked for
//   if (!error.empty()) …                  // "assets[2].decimals: expected a number up to 18"
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace bourse::config {

// kInvalidArgument for what is no JSON, with the place, and for a key that is there twice.
[[nodiscard]] absl::StatusOr<nlohmann::json> ParseJson(std::string_view text);

// Reads a decimal number without sign, of at most 2^64-1.
[[nodiscard]] bool ParseDecimal(std::string_view text, std::uint64_t* value);

class StrictObject {
 public:
  // All but the path must outlive it.
  StrictObject(const nlohmann::json& json, std::string path, std::string* error);

  [[nodiscard]] std::string String(const std::string& key);
  // A number in quotes, as JSON's own are exact up to 2^53 only.
  [[nodiscard]] std::uint64_t U64(const std::string& key);
  // A number as it is.
  [[nodiscard]] std::uint32_t U32(const std::string& key);
  [[nodiscard]] StrictObject Object(const std::string& key);
  void Each(const std::string& key, const std::function<void(StrictObject&)>& read);
  // An object with keys of any name, and 64-bit numbers.
  void EachU64(const std::string& key,
               const std::function<void(const std::string& name, std::uint64_t value)>& read);

  // An error if a key was not asked for.
  void Finish();

  // Says what is wrong with a key.
  void Fail(const std::string& key, std::string_view text);

 private:
  const nlohmann::json* Find(const std::string& key);
  [[nodiscard]] std::string PathOf(const std::string& key) const;

  const nlohmann::json* json_;
  std::string path_;
  std::string* error_;
  std::vector<std::string> asked_;
};

}  // namespace bourse::config
