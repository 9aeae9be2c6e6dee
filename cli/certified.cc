#include "cli/certified.h"

#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "cli/files.h"

namespace bourse::cli {
namespace {

// The file to trust; empty: none.
std::string TrustedFile(const Settings& settings, const std::string& given) {
  if (!given.empty()) return given;
  if (!settings.devnet.has_value()) return settings.genesis;
  std::error_code error;
  const std::filesystem::path file = settings.devnet->dir / "genesis.json";
  return std::filesystem::exists(file, error) ? file.string() : "";
}

absl::StatusOr<PublicKey> KeyOf(const std::string& bytes) {
  PublicKey key;
  if (bytes.size() != key.bytes.size()) return RejectedError("the node names no key of 32 bytes");
  std::memcpy(key.bytes.data(), bytes.data(), bytes.size());
  return key;
}

absl::Status ReadFrom(const std::string& file, KnownValidators* out) {
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (!text.ok()) return UsageError(std::string(text.status().message()));
  absl::StatusOr<std::vector<NamedKey>> validators = ReadGenesisValidators(*text);
  if (!validators.ok()) return UsageError(absl::StrCat(file, ": ", validators.status().message()));
  out->all = *std::move(validators);
  out->source = file;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<KnownValidators> FindValidators(Context& context, const std::string& genesis_file) {
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::ListValidatorsResponse> answer = (*client)->ListValidators();
  if (!answer.ok()) return answer.status();
  KnownValidators out;
  if (answer->genesis_hash().size() != out.genesis_hash.bytes.size()) {
    return RejectedError("the node names no genesis hash of 32 bytes");
  }
  std::memcpy(out.genesis_hash.bytes.data(), answer->genesis_hash().data(),
              out.genesis_hash.bytes.size());
  const std::string file = TrustedFile(context.settings(), genesis_file);
  if (!file.empty()) {
    if (absl::Status status = ReadFrom(file, &out); !status.ok()) return status;
    return out;
  }
  for (const v1::Validator& validator : answer->validators()) {
    const absl::StatusOr<PublicKey> key = KeyOf(validator.key());
    if (!key.ok()) return key.status();
    out.all.push_back({validator.name(), *key});
  }
  return out;
}

absl::StatusOr<Certified> Certify(Context& context, const std::string& genesis_file,
                                  const v1::ExecutionCertificate& certificate) {
  absl::StatusOr<KnownValidators> validators = FindValidators(context, genesis_file);
  if (!validators.ok()) return validators.status();
  absl::StatusOr<std::vector<std::string>> signers = CheckCertificate(*validators, certificate);
  if (!signers.ok()) return signers.status();
  return Certified{*std::move(validators), *std::move(signers)};
}

absl::Status CheckMakesCertificates(Context& context) {
  const absl::StatusOr<const v1::NodeStatus*> node = context.node_status();
  if (!node.ok()) return node.status();
  if ((*node)->engine() != "cometbft") return absl::OkStatus();
  return RejectedError(
      "there are no certificates on this network: CometBFT orders its blocks, and its validators "
      "sign what a block did as the app hash of CometBFT's next header. Check that by CometBFT's "
      "light client, or a node's whole ledger by 'boursed audit --engine-rpc'; see "
      "docs/cometbft.md. Without --verify, tx shows what this node computed");
}

void AddCertificate(const Certified& certified, const v1::ExecutionCertificate& certificate,
                    Json* document) {
  (*document)["certified_by"] = certified.signers;
  (*document)["certificate"] = CertificateDocument(certified.validators, certificate);
}

void PrintCertified(std::ostream& out, const Certified& certified) {
  out << CertifiedLine(certified.validators, certified.signers)
      << (certified.validators.source.empty() ? " (whom the node names; see --genesis)" : "")
      << "\n";
}

}  // namespace bourse::cli
