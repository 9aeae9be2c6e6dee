// The wire format of protobuf, in its one canonical form: fields in ascending order, defaults left
// out, shortest varints, nothing unknown or repeated. For common/transaction.h alone.
//
// A decoder asks for a message's fields by ascending number, then calls Finish:
//
//   std::string error;
//   MessageReader in(bytes, &error);
//   order.market = in.U32(1, "market");
//   order.price = in.U64(5, "price");
//   in.Finish();
//   if (!error.empty()) …  // "price: 0 is written by leaving the field out"
//
// The first error stays, and from then on all reads return zeros at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace bourse::wire {

enum class Type : std::uint8_t { kVarint = 0, kBytes = 2 };

class MessageReader {
 public:
  // Of a whole input. `error` must be empty, and outlive the reader and its children.
  MessageReader(std::string_view bytes, std::string* error);
  // Of a message within another; the parent must stay where it is. `index` is the place in a
  // repeated field, for error texts.
  static constexpr int kNoIndex = -1;
  MessageReader(MessageReader* parent, std::uint32_t field, std::string_view name,
                int index = kNoIndex);
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  // A field's value, or zero where it is absent. `name` is for error texts.
  std::uint64_t U64(std::uint32_t field, std::string_view name);
  std::uint32_t U32(std::uint32_t field, std::string_view name);
  bool Bool(std::uint32_t field, std::string_view name);
  // From 1 to `max`; an error where it is absent.
  std::uint8_t Enum(std::uint32_t field, std::string_view name, std::uint8_t max);
  // Points into the input.
  std::string_view Bytes(std::uint32_t field, std::string_view name);
  // Of out.size() bytes exactly; an error where it is absent.
  void Exactly(std::uint32_t field, std::string_view name, std::span<std::uint8_t> out);
  // A member of a oneof, which may be written as zero; only if next_field() is `field`.
  std::uint64_t OneofU64(std::uint32_t field, std::string_view name);

  // How many fields with the number and type of the next follow one another from there, up to
  // `most`; only if it is of bytes.
  [[nodiscard]] std::size_t Repeated(std::size_t most) const;

  // The number of the field that comes next; 0 at the end, and after an error.
  [[nodiscard]] std::uint64_t next_field() const { return field_; }

  // The message must end here.
  void Finish();

  // Says what is wrong with the field `name`, or with this message if it is empty.
  void Fail(std::string_view name, std::string_view text);
  [[nodiscard]] bool ok() const { return error_->empty(); }

 private:
  // Whether `field` comes next.
  bool At(std::uint32_t field, Type type, std::string_view name) {
    asked_ = field;
    if (field_ == field && type_ == static_cast<std::uint8_t>(type)) return true;
    if (field_ != 0) CheckNotAt(field, type, name);
    return false;
  }
  void CheckNotAt(std::uint32_t field, Type type, std::string_view name);
  void ReadTag() {
    field_ = 0;
    if (!left_.empty()) ReadTagThere();
  }
  void ReadTagThere();
  std::uint64_t ReadVarint(std::string_view name) {
    const bool is_short = !left_.empty() && static_cast<std::uint8_t>(left_.front()) < 0x80;
    if (!is_short) return ReadLongVarint(name);
    const auto value = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return value;
  }
  std::uint64_t ReadLongVarint(std::string_view name);
  std::string_view ReadBytes(std::uint32_t field, std::string_view name);
  std::string Path() const;

  std::string_view left_;
  std::uint64_t field_ = 0;  // of the tag that was read last
  std::uint32_t asked_ = 0;  // the highest number asked for
  std::uint8_t type_ = 0;
  int index_ = kNoIndex;
  std::string_view name_;
  MessageReader* parent_ = nullptr;
  std::string* error_;
};

// Writes a message's fields, which the caller gives in ascending order.
class MessageWriter {
 public:
  // Left out if zero, as false is.
  void U64(std::uint32_t field, std::uint64_t value);
  // Left out if empty.
  void Bytes(std::uint32_t field, std::string_view value);
  void Bytes(std::uint32_t field, std::span<const std::uint8_t> value);
  // Written in any case: a member of a oneof, an embedded message.
  void OneofU64(std::uint32_t field, std::uint64_t value);
  void Message(std::uint32_t field, std::string_view message);

  [[nodiscard]] const std::string& bytes() const { return out_; }
  [[nodiscard]] std::string Take() && { return std::move(out_); }

 private:
  void Tag(std::uint32_t field, Type type);
  void Varint(std::uint64_t value);

  std::string out_;
};

}  // namespace bourse::wire
