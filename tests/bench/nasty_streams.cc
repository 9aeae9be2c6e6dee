#include "tests/bench/nasty_streams.h"

#include <cstddef>
#include <utility>

#include "tests/bench/random.h"
#include "tests/bench/yardstick_book.h"

namespace bourse::bench {
namespace {

constexpr std::uint64_t kMiddle = std::uint64_t{1} << 62;
constexpr std::uint64_t kRange = kMiddle - 1;

class NastyGenerator {
 public:
  explicit NastyGenerator(const StreamSpec& spec) : random_(spec.seed) { stream_.spec = spec; }

  OrderStream Run() {
    switch (stream_.spec.name) {
      case 'E':
        OnePrice();
        break;
      case 'F':
        EveryPrice();
        break;
      case 'G':
        Attack();
        break;
      case 'H':
        FillAndEmpty();
        break;
      case 'I':
        Replaces();
        break;
      case 'J':
        Storms();
        break;
    }
    return Finish();
  }

 private:
  struct Live {
    std::uint64_t id;
    Side side;
  };

  // Buyers alone, at 1,000.
  void OnePrice() {
    Prefill([&] { Add(0, Side::kBuy, 1'000); });
    while (!Done()) {
      Add(0, Side::kBuy, 1'000);
      CancelAny();
    }
  }

  void EveryPrice() {
    Prefill([&] { AddWithin(kRange); });
    while (!Done()) {
      AddWithin(kRange);
      CancelAny();
    }
  }

  // 200 orders a million ticks above the best of the others, one a price, which
  // then leave; and as many among the others.
  void Attack() {
    Prefill([&] { Add(0, Side::kBuy, kMiddle + random_.Below(4'096)); });
    while (!Done()) {
      for (const std::uint64_t far : {1'000'000, 0}) {
        const std::size_t before = live_.size();
        for (std::uint64_t i = 0; i < 200; ++i) Add(0, Side::kBuy, kMiddle + far + 3'900 + i);
        while (live_.size() > before) CancelLast();
      }
    }
  }

  void FillAndEmpty() {
    while (!Done()) {
      const auto market = static_cast<std::uint16_t>(random_.Below(stream_.spec.markets));
      const std::uint64_t orders = 1 + random_.Below(stream_.spec.resting);
      for (std::uint64_t i = 0; i < orders; ++i) {
        Add(market, Side::kSell, kMiddle + random_.Below(5'000));
      }
      if (random_.Below(2) == 0) {
        Emit({StreamKind::kMarket, Side::kBuy, market, static_cast<std::uint32_t>(orders), 0,
              next_id_++, 0});
        live_.clear();
      }
      while (!live_.empty()) CancelAny();
    }
  }

  void Replaces() {
    Prefill([&] { AddWithin(10'000); });
    while (!Done()) {
      Live& order = live_[random_.Below(live_.size())];
      const std::uint64_t id = std::exchange(order.id, next_id_++);
      Emit({StreamKind::kReplace, order.side, 0, 1, PriceWithin(order.side, 10'000), id, order.id});
    }
  }

  void Storms() {
    Prefill([&] { AddWithin(10'000); });
    while (!Done()) {
      for (int i = 0; i < 5'000; ++i) CancelAny();
      for (int i = 0; i < 5'000; ++i) AddWithin(10'000);
    }
  }

  template <typename Step>
  void Prefill(Step step) {
    for (std::uint64_t i = 0; i < stream_.spec.resting; ++i) step();
    stream_.prefill = stream_.operations.size();
  }

  [[nodiscard]] bool Done() const {
    return stream_.operations.size() >= stream_.prefill + stream_.spec.operations;
  }

  std::uint64_t PriceWithin(Side side, std::uint64_t range) {
    const std::uint64_t distance = 1 + random_.Below(range);
    return side == Side::kBuy ? kMiddle - distance : kMiddle + distance;
  }
  void AddWithin(std::uint64_t range) {
    const Side side = random_.AnySide();
    Add(0, side, PriceWithin(side, range));
  }

  void Add(std::uint16_t market, Side side, std::uint64_t price) {
    live_.push_back({next_id_, side});
    Emit({StreamKind::kAdd, side, market, 1, price, next_id_++, 0});
  }
  void CancelAny() {
    std::swap(live_[random_.Below(live_.size())], live_.back());
    CancelLast();
  }
  void CancelLast() {
    const std::uint16_t market = stream_.operations.back().market;
    Emit({StreamKind::kCancel, live_.back().side, market, 0, 0, live_.back().id, 0});
    live_.pop_back();
  }
  void Emit(const StreamOperation& operation) { stream_.operations.push_back(operation); }

  OrderStream Finish() {
    stream_.max_id = next_id_ - 1;
    stream_.spec.operations = stream_.operations.size() - stream_.prefill;
    stream_.resting = live_.size();
    YardstickBook book(stream_);
    for (const StreamOperation& operation : stream_.operations) book.Apply(operation);
    stream_.totals = book.totals();
    return std::move(stream_);
  }

  Random random_;
  std::vector<Live> live_;
  std::uint64_t next_id_ = 1;
  OrderStream stream_;
};

}  // namespace

std::vector<StreamSpec> NastyStreams(std::uint64_t operations) {
  return {
      {'E', 1, 100'000, operations, 1, 1}, {'F', 1, 100'000, operations, 1, 2},
      {'G', 1, 10'000, operations, 1, 3},  {'H', 100, 1'000, operations, 1, 4},
      {'I', 1, 100'000, operations, 1, 5}, {'J', 1, 100'000, operations, 1, 6},
  };
}

OrderStream MakeNastyStream(const StreamSpec& spec) { return NastyGenerator(spec).Run(); }

}  // namespace bourse::bench
