#include "common/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/bech32m.h"

namespace bourse {
namespace {

using ::testing::HasSubstr;

AccountId Account(std::uint8_t first, std::uint8_t step) {
  AccountId account;
  for (std::size_t i = 0; i < account.bytes.size(); ++i) {
    account.bytes[i] = static_cast<std::uint8_t>(first + i * step);
  }
  return account;
}

// Made with the reference implementation of BIP 350.
constexpr char kZeros[] = "bourse1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqquwz82u";
constexpr char kCounting[] = "bourse1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0s46f929";

TEST(AddressTest, IsBech32mOfTheAccountsBytes) {
  EXPECT_EQ(FormatAddress(AccountId{}), kZeros);
  EXPECT_EQ(FormatAddress(Account(0, 1)), kCounting);
}

TEST(AddressTest, ReadsWhatItWritesInEitherCase) {
  for (const AccountId& account : {AccountId{}, Account(0, 1), Account(255, 0), Account(3, 77)}) {
    const std::string text = FormatAddress(account);
    SCOPED_TRACE(text);
    for (const std::string& written : {text, absl::AsciiStrToUpper(text)}) {
      const absl::StatusOr<AccountId> read = ParseAddress(written);
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(*read, account);
    }
  }
}

TEST(AddressTest, FindsEverySingleMistypedCharacter) {
  const std::string text = kCounting;
  for (std::size_t i = 7; i < text.size(); ++i) {
    for (const char c : std::string("qpzry9x8gf2tvdw0s3jn54khce6mua7l")) {
      if (c == text[i]) continue;
      std::string other = text;
      other[i] = c;
      EXPECT_THAT(std::string(ParseAddress(other).status().message()), HasSubstr("checksum"));
    }
  }
}

TEST(AddressTest, SaysWhatIsWrong) {
  std::string mistyped = kCounting, mixed = kCounting, strange = kCounting, spaced = kCounting;
  std::swap(mistyped[20], mistyped[21]);
  mixed[30] = 'Q';
  strange[30] = 'b';
  spaced[64] = ' ';
  std::string second_one = kCounting;
  second_one[30] = '1';
  // Good checksums over what is no account: with bits that 32 bytes don't have, or another prefix.
  std::vector<std::uint8_t> values(52);
  values.back() = 1;
  const std::string bits = EncodeBech32m({"bourse", values});
  const std::string prefix = EncodeBech32m({"bourse1", std::vector<std::uint8_t>(51)});
  const struct {
    std::string text, error;
  } kCases[] = {
      {"", "address: must start with 'bourse1'"},
      {"bourse", "address: must start with 'bourse1'"},
      {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "address: must start with 'bourse1'"},
      {std::string(kCounting).substr(0, 64), "address: must have 65 characters, has 64"},
      {std::string(kCounting) + "q", "address: must have 65 characters, has 66"},
      {mistyped, "address: the checksum is wrong: a character is mistyped or missing"},
      {second_one, "address: the checksum is wrong: a character is mistyped or missing"},
      {mixed, "address: upper and lower case are mixed"},
      {strange, "address: character 'b' is not used in addresses"},
      {spaced, "address: a space, or a character that no address has"},
      {bits, "address: is no account's"},
      {prefix, "address: is no account's"},
  };
  for (const auto& [text, error] : kCases) {
    SCOPED_TRACE(text);
    const absl::StatusOr<AccountId> account = ParseAddress(text);
    EXPECT_EQ(account.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(account.status().message()), error);
  }
}

}  // namespace
}  // namespace bourse
