// The command `bourse`, from arguments to exit code.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/exit_code.h"

namespace bourse::cli {

inline constexpr char kVersion[] = "0.1.0";

// `arguments` without the program's name. Output goes to `out`, remarks and people's errors to
// `err`; both are borrowed.
[[nodiscard]] ExitCode RunBourse(const std::vector<std::string>& arguments, std::ostream& out,
                                 std::ostream& err);

}  // namespace bourse::cli
