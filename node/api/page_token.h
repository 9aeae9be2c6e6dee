// Page tokens: where a list goes on. Opaque to clients: a letter of the list that they are of, and
// numbers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/codec.h"
#include "common/limits.h"

namespace bourse::api {

// Rows of a page, from what was asked for. INVALID_ARGUMENT if that is too many.
[[nodiscard]] inline absl::StatusOr<std::size_t> PageSize(std::uint32_t asked) {
  if (asked > limits::kMaxPageSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("page_size: ", asked, " is over ", limits::kMaxPageSize));
  }
  return asked == 0 ? limits::kDefaultPageSize : asked;
}

template <std::size_t kNumbers>
[[nodiscard]] std::string MakePageToken(char list, const std::array<std::uint64_t, kNumbers>& at) {
  Writer writer;
  writer.U8(static_cast<std::uint8_t>(list));
  for (const std::uint64_t number : at) writer.U64(number);
  return std::move(writer).Take();
}

// INVALID_ARGUMENT if it is no token of this list.
template <std::size_t kNumbers>
[[nodiscard]] absl::StatusOr<std::array<std::uint64_t, kNumbers>> ReadPageToken(
    char list, std::string_view token) {
  Reader reader(token);
  std::array<std::uint64_t, kNumbers> at{};
  const bool of_list = reader.U8() == static_cast<std::uint8_t>(list);
  for (std::uint64_t& number : at) number = reader.U64();
  if (!of_list || !reader.Done()) {
    return absl::InvalidArgumentError(
        "page_token: not one of this list; pass next_page_token as it came");
  }
  return at;
}

}  // namespace bourse::api
