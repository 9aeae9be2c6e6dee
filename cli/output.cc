#include "cli/output.h"

#include <sstream>

#include "cli/exit_code.h"
#include "cli/table.h"

namespace bourse::cli {
namespace {

// Bytes that are no UTF-8 become U+FFFD rather than an exception.
std::string Dump(const Json& document, int indent) {
  return document.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void Output::Write(const Json& document, const std::function<void(std::ostream&)>& print) {
  if (json()) {
    document_ = document;
  } else {
    print(out_);
    out_.flush();
  }
}

void Output::Note(const std::string& text) {
  if (!json()) err_ << text << std::endl;
}

void Output::AnnounceTxid(const std::string& txid) {
  txid_ = txid;
  if (json()) {
    err_ << Dump(Json{{"sending", txid}}, -1) << std::endl;
  } else {
    err_ << "txid " << txid << std::endl;
  }
}

void Output::Fail(const absl::Status& status) {
  const ExitCode code = ExitCodeOf(status);
  const std::string message(status.message());
  if (!json()) {
    err_ << "bourse: ";
    std::istringstream lines(message);
    for (std::string line; std::getline(lines, line);) err_ << Printable(line) << "\n";
    err_.flush();
    return;
  }
  if (!document_.is_object()) document_ = Json::object();
  if (!txid_.empty() && !document_.contains("txid")) document_["txid"] = txid_;
  document_["error"] =
      Json{{"code", NameOf(code)}, {"exit_code", static_cast<int>(code)}, {"message", message}};
}

void Output::Flush() {
  if (json() && !document_.is_null()) out_ << Dump(document_, 2) << "\n";
  out_.flush();
  document_ = Json();
}

}  // namespace bourse::cli
