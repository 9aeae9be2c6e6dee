#include "node/replica/candidate_codec.h"

#include <cstdint>
#include <string_view>

#include "common/limits.h"
#include "node/consensus/codec.h"

namespace bourse::replica {
namespace {

constexpr std::size_t kMinTransactionBytes = 5;  // a length and a byte

}  // namespace

bool ReadCount(Reader* reader, std::size_t size_min, std::size_t count_max, std::size_t* count) {
  *count = reader->U32();
  return reader->ok() && *count <= count_max && *count <= reader->left() / size_min;
}

void WriteTransactions(const std::vector<std::string>& transactions, Writer* writer) {
  writer->U32(static_cast<std::uint32_t>(transactions.size()));
  for (const std::string& encoded : transactions) writer->Sized(encoded);
}

bool ReadTransactions(Reader* reader, std::size_t count_max, std::size_t bytes_max,
                      std::vector<std::string>* transactions) {
  std::size_t count = 0;
  if (!ReadCount(reader, kMinTransactionBytes, count_max, &count)) return false;
  transactions->reserve(count);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view encoded = reader->Sized();
    bytes += encoded.size();
    if (encoded.empty() || encoded.size() > limits::kMaxTransactionBytes) return false;
    if (bytes > bytes_max) return false;
    transactions->emplace_back(encoded);
  }
  return reader->ok();
}

void Write(const FullCandidate& candidate, Writer* writer) {
  consensus::Write(candidate.header, writer);
  WriteTransactions(candidate.transactions, writer);
}

bool Read(const consensus::Validators& validators, Reader* reader, FullCandidate* candidate) {
  return consensus::Read(validators, reader, &candidate->header) &&
         ReadTransactions(reader, limits::kMaxBlockTransactions, limits::kMaxBlockBytes,
                          &candidate->transactions);
}

}  // namespace bourse::replica
