#include "node/replica/record.h"

#include <cstdint>
#include <utility>

#include "common/codec.h"
#include "node/consensus/codec.h"
#include "node/replica/candidate_codec.h"

namespace bourse::replica {
namespace {

using consensus::Read;
using consensus::Write;

constexpr std::uint8_t kVote = 1;
constexpr std::uint8_t kCertificate = 2;
constexpr std::uint8_t kBody = 3;

bool ReadAs(std::uint8_t tag, const consensus::Validators& validators, Reader* reader,
            LogRecord* record) {
  switch (tag) {
    case kVote:
      return Read(validators, reader, &record->emplace<consensus::SignedVote>());
    case kCertificate:
      return Read(validators, reader, &record->emplace<consensus::Certificate>());
    case kBody:
      return Read(validators, reader, &record->emplace<FullCandidate>());
    default:
      return false;
  }
}

}  // namespace

std::string Encode(const LogRecord& record) {
  Writer writer;
  writer.U8(static_cast<std::uint8_t>(record.index() + 1));
  std::visit([&writer](const auto& one) { Write(one, &writer); }, record);
  return std::move(writer).Take();
}

bool Decode(const consensus::Validators& validators, std::string_view bytes, LogRecord* record) {
  Reader reader(bytes);
  const std::uint8_t tag = reader.U8();
  return ReadAs(tag, validators, &reader, record) && reader.Done();
}

}  // namespace bourse::replica
