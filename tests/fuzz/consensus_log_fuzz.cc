// A segment of the consensus log with any damage: what is read is the beginning of what was
// written, whole batches, and no less than what was sealed.
//
// An input is edits of a good segment, 4 bytes each: the offset (3), and what to do there: the
// fourth byte is put over the old one, or, if it is 255, the file ends there; 254: a page of zeros
// replaces what is there; 253: a copy of the first batch comes there.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/check.h"
#include "node/storage/disk.h"
#include "node/storage/log_format.h"
#include "node/storage/log_segment.h"

namespace {

using bourse::storage::kPageBytes;
using bourse::storage::Segment;
using Records = std::vector<std::string>;

class TextFile final : public bourse::storage::File {
 public:
  explicit TextFile(const std::string& bytes) : bytes_(bytes) {}
  absl::Status Append(std::string_view) override { return absl::UnimplementedError(""); }
  absl::StatusOr<std::string> Read(std::uint64_t offset, std::size_t size) const override {
    return offset < bytes_.size() ? bytes_.substr(offset, size) : "";
  }
  absl::StatusOr<std::uint64_t> Size() const override { return std::uint64_t{bytes_.size()}; }
  absl::Status Sync(std::string_view) override { return absl::UnimplementedError(""); }

 private:
  const std::string& bytes_;
};

// Batches of one, two and three pages and one more; the first two are sealed.
const std::vector<Records>& Batches() {
  static const std::vector<Records> batches = {{"a"},
                                               {"b", std::string(kPageBytes, 'c')},
                                               {"", std::string(2 * kPageBytes, 'd'), "e"},
                                               {"f"}};
  return batches;
}
constexpr std::size_t kSealed = 2;

std::string GoodSegment() {
  Segment segment{.number = 7, .salt = {}, .sealed_bytes = kPageBytes};
  for (std::size_t i = 0; i < kSealed; ++i) {
    segment.sealed_bytes += bourse::storage::BatchBytes(Batches()[i]);
  }
  std::string out = Encode(segment);
  for (std::size_t i = 0; i < Batches().size(); ++i) {
    out += EncodeBatch(segment, out.size(), i + 1, Batches()[i]);
  }
  return out;
}

void Edit(std::size_t offset, std::uint8_t what, const std::string& good, std::string* bytes) {
  offset = std::min(offset % (2 * good.size()), bytes->size());
  if (what == 255) {
    bytes->resize(offset);
  } else if (what == 254) {
    bytes->replace(offset, kPageBytes, kPageBytes, '\0');
  } else if (what == 253) {
    bytes->replace(offset, kPageBytes, good, kPageBytes, kPageBytes);
  } else {
    bytes->replace(offset, 1, 1, static_cast<char>(what));
  }
}

// How many batches these are, from the first on.
std::size_t WholeBatches(const Records& records) {
  Records sum;
  for (std::size_t i = 0; i < Batches().size(); ++i) {
    if (sum == records) return i;
    sum.insert(sum.end(), Batches()[i].begin(), Batches()[i].end());
  }
  CHECK(sum == records);
  return Batches().size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string good = GoodSegment();
  std::string bytes = good;
  for (std::size_t i = 0; i + 4 <= size && i < 400; i += 4) {
    const std::size_t offset =
        data[i] | std::size_t{data[i + 1]} << 8 | std::size_t{data[i + 2]} << 16;
    Edit(offset, data[i + 3], good, &bytes);
  }
  const auto contents = bourse::storage::ReadSegment(TextFile(bytes), "log", 7);
  if (!contents.ok()) {
    CHECK(contents.status().code() == absl::StatusCode::kDataLoss);
    CHECK(bytes != good);
    return 0;
  }
  const std::size_t whole = WholeBatches(contents->records);
  CHECK(whole >= kSealed);
  CHECK((bytes == good) == (whole == Batches().size() && !contents->has_incomplete_batch));
  return 0;
}
