#include "node/config/nearest.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"

namespace bourse::config {
namespace {

// Levenshtein's: insertions, deletions and changes of one character.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string DidYouMean(std::string_view typed, const std::vector<std::string>& names) {
  constexpr std::size_t kLongestTyped = 64;
  if (typed.size() > kLongestTyped) return "";
  const std::string* nearest = nullptr;
  std::size_t fewest = std::max<std::size_t>(2, typed.size() / 2);
  for (const std::string& name : names) {
    const std::size_t distance = Distance(typed, name);
    if (distance <= fewest && (nearest == nullptr || distance < fewest)) {
      nearest = &name;
      fewest = distance;
    }
  }
  return nearest == nullptr ? "" : absl::StrCat(" (did you mean \"", *nearest, "\"?)");
}

}  // namespace bourse::config
