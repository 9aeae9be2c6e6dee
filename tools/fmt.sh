#!/usr/bin/env bash
# Formats all C++ (clang-format 14) and, where buildifier is installed, the BUILD files.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

sources() { git ls-files -z --cached --others --exclude-standard -- "$@"; }

sources '*.h' '*.cc' | xargs -0 -r clang-format-14 -i
if command -v buildifier >/dev/null; then
  sources 'BUILD.bazel' '*/BUILD.bazel' '*.bzl' WORKSPACE | xargs -0 -r buildifier -lint=off
else
  echo "BUILD files are left as they are: no buildifier (npm install -g @bazel/buildifier)." >&2
fi
