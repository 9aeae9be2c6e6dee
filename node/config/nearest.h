// What somebody may have meant: the nearest of some names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bourse::config {

// " (did you mean "name"?)" for the name that takes the fewest changes to get to from `typed`;
// empty where that is no likely slip.
[[nodiscard]] std::string DidYouMean(std::string_view typed, const std::vector<std::string>& names);

}  // namespace bourse::config
