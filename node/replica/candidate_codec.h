// How transactions and whole candidates are written, in messages and in the log.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/codec.h"
#include "node/consensus/validators.h"
#include "node/replica/message.h"

namespace bourse::replica {

// The least that a FullCandidate takes: a header's fields, its signature and a count.
inline constexpr std::size_t kMinCandidateBytes = 208;

// Reads a count of things that take `size_min` bytes each: what is not there can't be promised.
[[nodiscard]] bool ReadCount(Reader* reader, std::size_t size_min, std::size_t count_max,
                             std::size_t* count);

void WriteTransactions(const std::vector<std::string>& transactions, Writer* writer);
// None is empty, or longer than a transaction may be.
[[nodiscard]] bool ReadTransactions(Reader* reader, std::size_t count_max, std::size_t bytes_max,
                                    std::vector<std::string>* transactions);

void Write(const FullCandidate& candidate, Writer* writer);
// Within the limits of a block.
[[nodiscard]] bool Read(const consensus::Validators& validators, Reader* reader,
                        FullCandidate* candidate);

}  // namespace bourse::replica
