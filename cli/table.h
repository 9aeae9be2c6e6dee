// Tables for people, and text that is safe to print.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::cli {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

// Rows under aligned titles:
//
//   ASSET        FREE
//   BTC    1.50000000
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Cells that are missing stay empty.
  void AddRow(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  void Print(std::ostream& out) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// With anything that could steer a terminal (control characters, broken UTF-8) shown as '?':
// memos and names come from strangers.
[[nodiscard]] std::string Printable(std::string_view text);

}  // namespace bourse::cli
