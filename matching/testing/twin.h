// The engine and its model side by side: every operation goes to both, and all
// that can be seen of them must be the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "matching/engine.h"
#include "matching/testing/reference_book.h"

namespace bourse::matching::testing {

class Twin {
 public:
  explicit Twin(std::uint32_t markets);

  // Each returns what differs, or nothing.
  using Difference = std::optional<std::string>;
  Difference Place(const NewOrder& order, std::uint32_t max_makers);
  // REQUIRES: the order would meet no maker.
  Difference Rest(const NewOrder& order);
  // `index` counts the resting orders, in no particular order. REQUIRES: it is
  // less than resting().
  Difference Cancel(std::size_t index);
  Difference Reduce(std::size_t index, Lots quantity);
  // Compares the whole of a market, order by order and level by level.
  [[nodiscard]] Difference CompareBooks(MarketId market) const;

  [[nodiscard]] std::size_t resting() const { return live_.size(); }
  [[nodiscard]] RestingOrder At(std::size_t index) const {
    return engine_.Get(OrderSlot(live_[index]));
  }
  [[nodiscard]] const Engine& engine() const { return engine_; }

  // What the last Place came to.
  [[nodiscard]] const Outcome& outcome() const { return outcome_; }
  [[nodiscard]] const std::vector<Match>& matches() const { return matches_; }

 private:
  struct Known {
    std::uint32_t model_slot = 0;  // 0: does not rest
    std::size_t index = 0;         // in live_
  };

  Difference ApplyMatch(const Match& match, const Match& expected);
  Difference CompareTop(MarketId market) const;
  Difference Add(OrderSlot slot, OrderSlot model_slot);
  void Forget(std::uint32_t slot);

  Engine engine_;
  ReferenceEngine model_;
  std::vector<Known> known_;         // by the engine's slot
  std::vector<std::uint32_t> live_;  // the engine's slots that rest
  Outcome outcome_{};
  std::vector<Match> matches_;
};

}  // namespace bourse::matching::testing
