// What a command says: tables and sentences to people, one JSON document to programs.
//
// A command hands over both; the format decides which is written. Under --output json, standard
// output holds exactly one document, whatever happens.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "absl/status/status.h"

namespace bourse::cli {

// Keeps the order of keys, so that documents are stable.
using Json = nlohmann::ordered_json;

enum class Format { kTable, kJson };

// 64-bit numbers are strings: JavaScript and jq would round them.
[[nodiscard]] inline Json Number(std::uint64_t value) { return std::to_string(value); }

class Output {
 public:
  Output(std::ostream& out, std::ostream& err) : out_(out), err_(err) {}

  void set_format(Format format) { format_ = format; }
  [[nodiscard]] bool json() const { return format_ == Format::kJson; }

  // The command's result; `print` writes it for people.
  void Write(const Json& document, const std::function<void(std::ostream&)>& print);

  // A remark beside the result, on standard error. Programs get none.
  void Note(const std::string& text);

  // The TXID of what is about to be sent, on standard error, in either format: whoever is
  // interrupted while waiting can ask for it.
  void AnnounceTxid(const std::string& txid);

  // Ends a command that failed: a sentence on standard error, or a document with "error".
  // What Write has been given is kept in that document.
  void Fail(const absl::Status& status);

  // Writes the document, if there is one.
  void Flush();

  [[nodiscard]] std::ostream& out() { return out_; }
  [[nodiscard]] std::ostream& err() { return err_; }

 private:
  std::ostream& out_;
  std::ostream& err_;
  Format format_ = Format::kTable;
  Json document_;
  std::string txid_;
};

}  // namespace bourse::cli
