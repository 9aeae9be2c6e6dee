// Any text as a key file: what is read is written in the same way. Nothing is decrypted.

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/check.h"
#include "common/hash.h"
#include "common/key_file.h"

namespace {

void Parse(const std::string& text) {
  const absl::StatusOr<bourse::KeyFile> file = bourse::ParseKeyFile(text);
  if (file.ok()) CHECK(bourse::FormatKeyFile(*file) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Parse(text);
  // The same lines with the checksum that belongs to them, so that what lies behind it is reached.
  const std::string lines = text.substr(0, text.find("checksum "));
  const bourse::Hash256 checksum = bourse::Hasher("bourse/key-file/1").Update(lines).Finish();
  Parse(lines + "checksum " + ToHex(checksum) + "\n");
  return 0;
}
