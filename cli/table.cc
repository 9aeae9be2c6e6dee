#include "cli/table.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace bourse::cli {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

// Of U+2000 to U+20FF, by the second and third byte: U+200B to U+200F and U+2028 to U+202E, which
// are invisible, break lines or turn the direction of text, and the same of U+2060 to U+206F.
bool TurnsDirection(char second, char third) {
  const auto last = static_cast<unsigned char>(third);
  if (second == '\x80') return (last >= 0x8b && last <= 0x8f) || (last >= 0xa8 && last <= 0xae);
  return second == '\x81' && last >= 0xa0 && last <= 0xaf;
}

// Bytes of the UTF-8 character that `text` starts with; 0: none, or one that steers.
std::size_t PrintableBytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const bool lead = first >= 0xc3 && first <= 0xf4;  // 0xc2: has the C1 controls
  if (!lead || text.size() < size) return 0;
  if (first == 0xe2 && TurnsDirection(text[1], text[2])) return 0;
  return std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(size),
                     IsContinuation)
             ? size
             : 0;
}

}  // namespace

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

void Table::Print(std::ostream& out) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = Width(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, Width(row[i]));
    widths.push_back(width);
  }
  const auto print = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = cell_of(i);
      const std::string gap(widths[i] - Width(cell), ' ');
      if (i != 0) line += "  ";
      line += columns_[i].align == Align::kRight ? gap + cell : cell + gap;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << "\n";
  };
  print([&](std::size_t i) -> const std::string& { return columns_[i].title; });
  for (const auto& row : rows_) {
    print([&](std::size_t i) -> const std::string& { return row[i]; });
  }
}

std::string Printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = PrintableBytes(text);
    out += size == 0 ? "?" : std::string(text.substr(0, size));
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

}  // namespace bourse::cli
