// How votes, certificates, headers and executions travel and are stored: fixed little-endian
// layouts (common/codec.h). A reader returns false for bytes that no writer writes, and for what
// could not be of this network: a validator that is not there, a number of signatures that is no
// quorum, signers not in ascending order, kinds that do not exist. It looks at no signature.
#pragma once

#include "common/codec.h"
#include "node/consensus/validators.h"
#include "node/consensus/vote.h"

namespace bourse::consensus {

void Write(const Header& header, Writer* writer);
void Write(const SignedHeader& header, Writer* writer);
void Write(const SignedVote& vote, Writer* writer);
void Write(const Certificate& certificate, Writer* writer);
void Write(const SignedExecuted& executed, Writer* writer);
void Write(const ExecutionCertificate& certificate, Writer* writer);

[[nodiscard]] bool Read(const Validators& validators, Reader* reader, Header* header);
[[nodiscard]] bool Read(const Validators& validators, Reader* reader, SignedHeader* header);
[[nodiscard]] bool Read(const Validators& validators, Reader* reader, SignedVote* vote);
[[nodiscard]] bool Read(const Validators& validators, Reader* reader, Certificate* certificate);
[[nodiscard]] bool Read(const Validators& validators, Reader* reader, SignedExecuted* executed);
[[nodiscard]] bool Read(const Validators& validators, Reader* reader,
                        ExecutionCertificate* certificate);

}  // namespace bourse::consensus
