#include "cli/passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "cli/files.h"

namespace bourse::cli {
namespace {

constexpr std::size_t kMaxPassphraseBytes = 1024;

// The terminal that started this process, whatever its standard input is.
class Terminal {
 public:
  Terminal() : fd_(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {}
  ~Terminal() {
    if (fd_ >= 0) close(fd_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] bool exists() const { return fd_ >= 0; }

  void Show(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = write(fd_, text.data(), text.size());
      if (written <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  [[nodiscard]] std::optional<std::string> ReadLine() const {
    std::string line;
    char c;
    for (;;) {
      const ssize_t got = read(fd_, &c, 1);
      if (got <= 0) return std::nullopt;
      if (c == '\n') return line;
      if (line.size() == kMaxPassphraseBytes) return std::nullopt;
      line.push_back(c);
    }
  }

  [[nodiscard]] std::optional<std::string> ReadSecret() const {
    termios before;
    if (tcgetattr(fd_, &before) != 0) return std::nullopt;
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(fd_, TCSAFLUSH, &silent);
    std::optional<std::string> line = ReadLine();
    tcsetattr(fd_, TCSAFLUSH, &before);
    Show("\n");
    return line;
  }

 private:
  int fd_;
};

// From what programs use; nothing: ask a person.
absl::StatusOr<std::optional<std::string>> FromProgram(const PassphraseSource& source) {
  if (!source.file.empty()) {
    absl::StatusOr<std::string> text = ReadFile(source.file);
    if (!text.ok()) return UsageError(std::string(text.status().message()));
    return text->substr(0, text->find_first_of("\r\n"));
  }
  const char* value = std::getenv("BOURSE_PASSPHRASE");
  if (value != nullptr) return std::string(value);
  return std::optional<std::string>();
}

absl::Status NoTerminal(const PassphraseSource& source) {
  return UsageError(
      absl::StrCat("a passphrase is needed, and there is no terminal to ask on: ", source.instead));
}

}  // namespace

absl::StatusOr<std::string> AskPassphrase(const PassphraseSource& source) {
  absl::StatusOr<std::optional<std::string>> given = FromProgram(source);
  if (!given.ok()) return given.status();
  if (given->has_value()) return **given;
  const Terminal terminal;
  if (!terminal.exists()) return NoTerminal(source);
  terminal.Show(source.prompt + ": ");
  std::optional<std::string> typed = terminal.ReadSecret();
  if (!typed.has_value()) return UsageError("no passphrase was typed");
  return *typed;
}

absl::StatusOr<std::string> AskNewPassphrase(const PassphraseSource& source) {
  absl::StatusOr<std::optional<std::string>> given = FromProgram(source);
  if (!given.ok()) return given.status();
  std::string passphrase;
  if (given->has_value()) {
    passphrase = **given;
  } else {
    const Terminal terminal;
    if (!terminal.exists()) return NoTerminal(source);
    terminal.Show(source.prompt + ": ");
    const std::optional<std::string> first = terminal.ReadSecret();
    terminal.Show("Again: ");
    const std::optional<std::string> second = terminal.ReadSecret();
    if (!first.has_value() || first != second) {
      return UsageError("the two passphrases differ; nothing was changed");
    }
    passphrase = *first;
  }
  if (passphrase.empty()) {
    return UsageError("the passphrase is empty; for a key to play with, say --no-passphrase");
  }
  return passphrase;
}

bool Confirm(const std::string& question) {
  const Terminal terminal;
  if (!terminal.exists()) return false;
  terminal.Show(absl::StrCat(question, " [y/N] "));
  const std::optional<std::string> answer = terminal.ReadLine();
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace bourse::cli
