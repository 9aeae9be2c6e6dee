// Small files, read whole and replaced whole.
#pragma once

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bourse::cli {

// kNotFound, or kInvalidArgument with the reason. Files over 16 MiB are refused.
[[nodiscard]] absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path);

// Replaces the file in one step, and makes its folders, which only their owner may enter.
[[nodiscard]] absl::Status WriteFile(const std::filesystem::path& path, const std::string& text);

// Makes the folder and those above; what is made, only its owner may enter.
[[nodiscard]] absl::Status MakeFolder(const std::filesystem::path& path);

}  // namespace bourse::cli
