// Where passphrases of key files come from: BOURSE_PASSPHRASE, a file, or the terminal.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace bourse::cli {

struct PassphraseSource {
  std::string file;    // --passphrase-file; its first line
  std::string prompt;  // shown on the terminal: "Passphrase of alice"
  // What to do without a terminal.
  std::string instead = "set BOURSE_PASSPHRASE or give --passphrase-file";
};

// Of an existing key.
[[nodiscard]] absl::StatusOr<std::string> AskPassphrase(const PassphraseSource& source);

// For a new key file: from the terminal, it is asked for twice. Never empty.
[[nodiscard]] absl::StatusOr<std::string> AskNewPassphrase(const PassphraseSource& source);

// Asks a yes-or-no question on the terminal; no terminal: false.
[[nodiscard]] bool Confirm(const std::string& question);

}  // namespace bourse::cli
