#include "tests/bench/external_engine.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bourse::bench {
namespace {

struct FileHeader {
  char magic[8] = {'L', 'O', 'B', 'S', 'T', 'R', 'M', '1'};
  std::uint64_t prefill = 0;
  std::uint64_t operations = 0;
  std::uint64_t markets = 0;
  std::uint64_t max_id = 0;
  std::uint64_t min_price = 0;
  std::uint64_t max_price = 0;
  std::uint64_t seed = 0;
  std::uint64_t trades = 0;
  std::uint64_t quantity = 0;
  std::uint64_t notional = 0;
  std::uint64_t hash = 0;
  std::uint64_t resting = 0;
  std::uint64_t unused[8] = {};
  std::uint64_t resting_max = 0;
  std::uint64_t padding[10] = {};
};
static_assert(sizeof(FileHeader) == 256);

// The number after the last `name` of `text`, or 0.
double NumberAfter(const std::string& text, const char* name) {
  const std::size_t at = text.rfind(name);
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + std::strlen(name), nullptr);
}

}  // namespace

bool WriteStreamFile(const OrderStream& stream, const std::string& path) {
  FileHeader header;
  header.prefill = stream.prefill;
  header.operations = stream.operations.size() - stream.prefill;
  header.markets = stream.spec.markets;
  header.max_id = stream.max_id;
  header.seed = stream.spec.seed;
  header.trades = stream.totals.trades;
  header.quantity = stream.totals.quantity;
  header.hash = stream.totals.hash;
  header.resting = stream.resting;
  header.resting_max = stream.max_id;
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  const std::size_t count = stream.operations.size();
  const bool written =
      std::fwrite(&header, sizeof(header), 1, file) == 1 &&
      std::fwrite(stream.operations.data(), sizeof(StreamOperation), count, file) == count;
  return std::fclose(file) == 0 && written;
}

ExternalRun RunExternal(const std::string& program, const std::string& stream_path, bool each) {
  const std::string command = "'" + program + "' '" + stream_path + (each ? "' l" : "' t");
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  std::string text;
  char line[1024];
  while (std::fgets(line, sizeof(line), pipe) != nullptr) text += line;
  const bool ended = pclose(pipe) == 0;
  const bool agrees = text.find("=> AGREE") != std::string::npos;
  return {NumberAfter(text, "ns/op="), NumberAfter(text, " p50="), NumberAfter(text, " p99="),
          NumberAfter(text, " p99.9="), ended && agrees};
}

}  // namespace bourse::bench
