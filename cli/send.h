// Signs operations, sends them, waits for what becomes of them, and reports that.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "CLI/App.hpp"
#include "absl/status/status.h"
#include "cli/context.h"
#include "common/transaction.h"

namespace bourse::cli {

// Options that every command which signs has.
struct SendFlags {
  bool no_wait = false;
  bool dry_run = false;
  std::string valid_for = "60s";
};
void AddSendFlags(CLI::App& command, SendFlags* flags);

// What the people's report needs beside the numbers.
struct Report {
  // The market that results and swaps are of; null: none.
  const MarketInfo* market = nullptr;
  // Prints what the first operation did; only called if it was not rejected.
  std::function<void(std::ostream&, const v1::Receipt&)> print;
};

// The whole way for one transaction of the selected key. Errors as exit_code.h says; a rejection
// is one, after the report was written.
[[nodiscard]] absl::Status SendAndReport(Context& context, std::vector<Operation> operations,
                                         const SendFlags& flags, const Report& report);

// A receipt as commands and `bourse tx` show it.
[[nodiscard]] absl::Status FillReceipt(Context& context, const v1::Receipt& receipt,
                                       Json* document);

}  // namespace bourse::cli
