// Evidence: two statements of one validator that no honest node signs both.
//
// Pairs: Notar and Notar of another block in a slot; Final and Final; Final and Skip; Notar of one
// and Final of another; two candidates of one slot; two different Executed of one height. Notar
// with Skip is innocent.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "node/consensus/validators.h"
#include "node/consensus/vote.h"

namespace bourse::consensus {

using Statement = std::variant<SignedVote, SignedHeader, SignedExecuted>;

// `first` and `second` are of the same kind, by the same validator. Ordered: of two votes the one
// that compares lower comes first, of headers and executions the one with the lower hash.
struct Evidence {
  ValidatorIndex validator;
  Statement first;
  Statement second;
};

// Whether these exclude each other. Looks at no signature.
[[nodiscard]] bool Exclude(const Vote& a, const Vote& b);

[[nodiscard]] Evidence MakeEvidence(const SignedVote& a, const SignedVote& b);
[[nodiscard]] Evidence MakeEvidence(const Validators& validators, const SignedHeader& a,
                                    const SignedHeader& b);
[[nodiscard]] Evidence MakeEvidence(const SignedExecuted& a, const SignedExecuted& b);

// Canonical bytes, and back: false for what is no evidence. Looks at no signature.
[[nodiscard]] std::string Encode(const Evidence& evidence);
[[nodiscard]] bool Decode(const Validators& validators, std::string_view bytes, Evidence* evidence);

// "Notar and Notar in slot 12" and the like.
[[nodiscard]] std::string Describe(const Evidence& evidence);

}  // namespace bourse::consensus
