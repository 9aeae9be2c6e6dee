// What somebody may have meant: the nearest of some names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::cli {

// The name that takes the fewest insertions, deletions, changes and swaps of neighbours to get to
// from `typed`; nothing where that is no likely slip.
[[nodiscard]] std::optional<std::string> Nearest(std::string_view typed,
                                                 const std::vector<std::string>& names);

}  // namespace bourse::cli
