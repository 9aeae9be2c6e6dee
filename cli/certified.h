// What the validators say of a block, checked, for commands to show.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/certificate.h"
#include "cli/context.h"

namespace bourse::cli {

struct Certified {
  KnownValidators validators;
  std::vector<std::string> signers;
};

// The network's validators: of `genesis_file`, else of the settings' genesis, else of the devnet's,
// else as the node names them.
[[nodiscard]] absl::StatusOr<KnownValidators> FindValidators(Context& context,
                                                             const std::string& genesis_file);

// Checks the certificate itself; see CheckCertificate.
[[nodiscard]] absl::StatusOr<Certified> Certify(Context& context, const std::string& genesis_file,
                                                const v1::ExecutionCertificate& certificate);

// kFailedPrecondition, with where to look instead, if the node's network makes no certificates.
[[nodiscard]] absl::Status CheckMakesCertificates(Context& context);

// Both forms, into a command's: "certificate" and "certified_by", and a line.
void AddCertificate(const Certified& certified, const v1::ExecutionCertificate& certificate,
                    Json* document);
void PrintCertified(std::ostream& out, const Certified& certified);

// How to name a file to check against; for commands that check.
inline constexpr char kGenesisFlagText[] =
    "A genesis.json of your own, to check against its validators";

}  // namespace bourse::cli
