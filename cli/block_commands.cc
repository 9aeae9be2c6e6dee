// bourse block, bourse block list
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/certified.h"
#include "cli/clock_text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/table.h"
#include "common/limits.h"

namespace bourse::cli {
namespace {

Json BlockDocument(const v1::Block& block) {
  return {{"height", Number(block.height())},
          {"time", FormatTime(block.time())},
          {"time_micros", Number(block.time())},
          {"hash", HexText(block.hash())},
          {"parent_hash", HexText(block.parent_hash())},
          {"transactions_root", HexText(block.transactions_root())},
          {"results_root", HexText(block.results_root())},
          {"state_root", HexText(block.state_root())},
          {"transaction_count", block.transaction_count()},
          {"event_count", block.event_count()},
          {"protocol_version", block.protocol_version()}};
}

struct ShowFlags {
  std::string height;
  std::string genesis;
};

// Who certified the block; nothing if the node has no certificate of it yet.
absl::StatusOr<std::optional<Certified>> CertifiedBlock(Context& context, const ShowFlags& flags,
                                                        const v1::Block& block) {
  if (!block.has_certificate()) return std::optional<Certified>();
  const absl::StatusOr<Certified> certified = Certify(context, flags.genesis, block.certificate());
  if (!certified.ok()) return certified.status();
  absl::Status status = CheckBlock(block.certificate(), block);
  if (!status.ok()) return status;
  return std::optional<Certified>(*certified);
}

absl::Status Show(Context& context, const ShowFlags& flags) {
  const std::string& height = flags.height;
  v1::GetBlockRequest request;
  request.set_with_transactions(true);
  if (!height.empty()) {
    const absl::StatusOr<std::uint64_t> number = ParseNumber("height", height);
    if (!number.ok()) return number.status();
    if (*number == 0) return UsageError("the first block is 1; without a height, it is the last");
    request.set_height(*number);
  }
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::Block> block = (*client)->GetBlock(request);
  if (absl::IsNotFound(block.status())) {
    return absl::NotFoundError(height.empty() ? "there is no block yet"
                                              : absl::StrCat("there is no block ", height, " yet"));
  }
  if (!block.ok()) return block.status();
  const absl::StatusOr<std::optional<Certified>> certified = CertifiedBlock(context, flags, *block);
  if (!certified.ok()) return certified.status();
  Json document = BlockDocument(*block);
  if (certified->has_value()) AddCertificate(**certified, block->certificate(), &document);
  document["txids"] = Json::array();
  for (const std::string& txid : block->txids()) document["txids"].push_back(HexText(txid));
  context.output().Write(document, [&](std::ostream& out) {
    Table table({{"BLOCK"}, {std::to_string(block->height())}});
    table.AddRow({"time", FormatTime(block->time())});
    table.AddRow({"hash", HexText(block->hash())});
    table.AddRow({"parent", HexText(block->parent_hash())});
    table.AddRow({"transactions", std::to_string(block->transaction_count())});
    table.AddRow({"events", std::to_string(block->event_count())});
    table.AddRow({"state root", HexText(block->state_root())});
    table.AddRow({"results root", HexText(block->results_root())});
    table.Print(out);
    if (certified->has_value()) PrintCertified(out, **certified);
    for (const std::string& txid : block->txids()) out << "txid " << HexText(txid) << "\n";
  });
  return absl::OkStatus();
}

absl::Status List(Context& context, std::uint32_t limit) {
  if (limit == 0 || limit > limits::kMaxPageSize) return UsageError("--limit is 1 to 1000");
  const absl::StatusOr<Client*> client = context.client();
  if (!client.ok()) return client.status();
  v1::ListBlocksRequest request;
  request.set_page_size(limit);
  const absl::StatusOr<v1::ListBlocksResponse> answer = (*client)->ListBlocks(request);
  if (!answer.ok()) return answer.status();
  Json documents = Json::array();
  Table table({{"HEIGHT", Align::kRight},
               {"TIME"},
               {"TRANSACTIONS", Align::kRight},
               {"EVENTS", Align::kRight},
               {"HASH"}});
  for (const v1::Block& block : answer->blocks()) {
    documents.push_back(BlockDocument(block));
    table.AddRow({std::to_string(block.height()), FormatTime(block.time()),
                  std::to_string(block.transaction_count()), std::to_string(block.event_count()),
                  HexText(block.hash())});
  }
  context.output().Write({{"blocks", documents}}, [&](std::ostream& out) { table.Print(out); });
  return absl::OkStatus();
}

}  // namespace

void AddBlockCommands(CLI::App& app, Context& context) {
  auto flags = std::make_shared<ShowFlags>();
  CLI::App* block = AddCommand(app, "block", "The last block, or one by its height",
                               "  bourse block\n  bourse block 7\n  bourse block list\n", context,
                               [&context, flags] { return Show(context, *flags); });
  block->require_subcommand(0, 1);
  block->add_option("HEIGHT", flags->height, "Its number; without, the last");
  block->add_option("--genesis", flags->genesis, kGenesisFlagText);
  auto limit = std::make_shared<std::uint32_t>(20);
  AddCommand(*block, "list", "The last blocks, the newest first", "  bourse block list\n", context,
             [&context, limit] { return List(context, *limit); })
      ->add_option("--limit", *limit, "At most so many, up to 1000")
      ->capture_default_str();
}

}  // namespace bourse::cli
