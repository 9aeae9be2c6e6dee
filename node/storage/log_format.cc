#include "node/storage/log_format.h"

#include <utility>

#include "common/check.h"
#include "common/codec.h"

namespace bourse::storage {
namespace {

constexpr std::string_view kMagic = "bourse/log/1";
constexpr std::size_t kFieldBytes = 8 + 4 + 4;  // of a head, before its checksums
constexpr std::size_t kHeadBytes = kFieldBytes + 2 * sizeof(Hash256);
constexpr std::size_t kLengthBytes = 4;  // before each record

std::size_t WholePages(std::size_t bytes) {
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

Hash256 SegmentChecksum(std::string_view fields) {
  return Hasher("bourse/log/segment/1").Update(fields).Finish();
}

// A hasher for this place alone.
Hasher AtPlace(std::string_view domain, const Segment& segment, std::uint64_t offset) {
  Hasher hasher(domain);
  hasher.Update(segment.salt).UpdateU64(segment.number).UpdateU64(offset);
  return hasher;
}

// `before` is all that stands before the head's checksum.
Hash256 HeadChecksum(const Segment& segment, std::uint64_t offset, std::string_view before) {
  return AtPlace("bourse/log/head/1", segment, offset).Update(before).Finish();
}

Hash256 BodyChecksum(const Segment& segment, std::uint64_t offset, std::string_view fields,
                     std::string_view body) {
  return AtPlace("bourse/log/body/1", segment, offset).Update(fields).Update(body).Finish();
}

std::size_t RecordBytes(std::span<const std::string> records) {
  std::size_t bytes = 0;
  for (const std::string& record : records) bytes += kLengthBytes + record.size();
  return bytes;
}

}  // namespace

std::string Encode(const Segment& segment) {
  Writer writer;
  writer.Raw(kMagic);
  writer.U64(segment.number);
  writer.Raw(Bytes(segment.salt.bytes));
  writer.U64(segment.sealed_bytes);
  const Hash256 checksum = SegmentChecksum(writer.bytes());
  writer.Raw(Bytes(checksum.bytes));
  std::string page = std::move(writer).Take();
  page.resize(kPageBytes);
  return page;
}

bool Decode(std::string_view page, Segment* segment) {
  if (!page.starts_with(kMagic)) return false;
  Reader reader(page.substr(kMagic.size()));
  segment->number = reader.U64();
  reader.Raw(segment->salt.bytes);
  segment->sealed_bytes = reader.U64();
  return reader.ok() && page == Encode(*segment);
}

std::size_t BatchHead::TotalBytes() const { return WholePages(kHeadBytes + bytes); }

std::size_t BatchBytes(std::span<const std::string> records) {
  return WholePages(kHeadBytes + RecordBytes(records));
}

std::vector<std::span<const std::string>> SplitIntoBatches(std::span<const std::string> records) {
  std::vector<std::span<const std::string>> out;
  std::size_t first = 0;
  std::size_t bytes = kHeadBytes;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::size_t more = kLengthBytes + records[i].size();
    if (i > first && bytes + more > kMaxBatchBytes) {
      out.push_back(records.subspan(first, i - first));
      first = i;
      bytes = kHeadBytes;
    }
    bytes += more;
  }
  if (first < records.size()) out.push_back(records.subspan(first));
  return out;
}

std::string EncodeBatch(const Segment& segment, std::uint64_t offset, std::uint64_t sequence,
                        std::span<const std::string> records) {
  const std::size_t total = BatchBytes(records);
  CHECK(total <= kMaxBatchBytes);
  Writer head;
  head.U64(sequence);
  head.U32(static_cast<std::uint32_t>(records.size()));
  head.U32(static_cast<std::uint32_t>(RecordBytes(records)));
  const std::string fields(head.bytes());

  Writer body;
  for (const std::string& record : records) body.Sized(record);
  std::string padded = std::move(body).Take();
  padded.resize(total - kHeadBytes);

  head.Raw(Bytes(BodyChecksum(segment, offset, fields, padded).bytes));
  head.Raw(Bytes(HeadChecksum(segment, offset, head.bytes()).bytes));
  return std::move(head).Take() + padded;
}

bool DecodeHead(const Segment& segment, std::uint64_t offset, std::string_view page,
                BatchHead* head) {
  if (page.size() < kHeadBytes) return false;
  Reader reader(page.substr(0, kHeadBytes));
  head->sequence = reader.U64();
  head->records = reader.U32();
  head->bytes = reader.U32();
  reader.Raw(head->body_checksum.bytes);
  Hash256 checksum;
  reader.Raw(checksum.bytes);
  return checksum == HeadChecksum(segment, offset, page.substr(0, kHeadBytes - sizeof(Hash256)));
}

bool DecodeBody(const Segment& segment, std::uint64_t offset, const BatchHead& head,
                std::string_view batch, std::vector<std::string>* records) {
  if (batch.size() != head.TotalBytes()) return false;
  const std::string_view body = batch.substr(kHeadBytes);
  if (head.body_checksum != BodyChecksum(segment, offset, batch.substr(0, kFieldBytes), body)) {
    return false;
  }
  Reader reader(body.substr(0, head.bytes));
  for (std::uint32_t i = 0; i < head.records && reader.ok(); ++i) {
    records->emplace_back(reader.Sized());
  }
  return reader.Done();
}

}  // namespace bourse::storage
