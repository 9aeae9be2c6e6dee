#include "tests/bench/order_stream.h"

#include <algorithm>
#include <iterator>
#include <list>
#include <map>
#include <optional>
#include <utility>

#include "tests/bench/random.h"

namespace bourse::bench {
namespace {

struct Resting {
  std::uint64_t id;
  std::uint64_t price;
  std::uint32_t quantity;
  Side side;
  std::size_t live_index;  // in Market::live
};
using Orders = std::list<Resting>;

constexpr std::size_t Index(Side side) { return static_cast<std::size_t>(side); }

// A plain book, and what the flow into it depends on.
struct Market {
  std::map<std::uint64_t, Orders> levels[2];  // by side, then price
  std::uint64_t side_quantity[2] = {0, 0};
  std::vector<std::uint64_t> live;     // ids that rest
  std::vector<std::uint64_t> history;  // ids that ever rested, in order
  Side aggressor = Side::kBuy;         // which side takes at any price now
  std::uint64_t target = 0;            // orders that should rest

  [[nodiscard]] bool empty(Side side) const { return levels[Index(side)].empty(); }
  [[nodiscard]] std::uint64_t Best(Side side) const {
    return side == Side::kBuy ? levels[0].rbegin()->first : levels[1].begin()->first;
  }
};

class Generator {
 public:
  explicit Generator(const StreamSpec& spec)
      : unit_(spec.price_unit), random_(spec.seed), markets_(spec.markets) {
    stream_.spec = spec;
    for (std::uint32_t i = 0; i < spec.markets; ++i) {
      markets_[i].target = std::max<std::uint64_t>(spec.resting / (i + 1), 100);
      total_weight_ += 1'000'000 / (i + 1);
      weights_.push_back(total_weight_);
    }
  }

  OrderStream Run() {
    Prefill();
    for (std::uint64_t i = 0; i < stream_.spec.operations; ++i) Step();
    stream_.max_id = next_id_ - 1;
    for (const Market& market : markets_) {
      stream_.resting += market.live.size();
      stream_.levels += market.levels[0].size() + market.levels[1].size();
    }
    return std::move(stream_);
  }

 private:
  static constexpr std::uint64_t kMiddle = 32'768;  // in units, as are the next two
  static constexpr std::uint64_t kLow = 12'000;     // where the middle is turned back
  static constexpr std::uint64_t kHigh = 53'536;
  static constexpr std::uint64_t kAnyPrice = 0;

  void Prefill() {
    for (bool more = true; more;) {
      more = false;
      for (std::uint32_t i = 0; i < markets_.size(); ++i) {
        if (markets_[i].live.size() >= markets_[i].target) continue;
        const Side side = random_.AnySide();
        const std::uint64_t distance = Distance() + unit_;
        Add(i, side, At(side, kMiddle * unit_, distance));
        more = true;
      }
    }
    stream_.prefill = stream_.operations.size();
  }

  void Step() {
    const std::uint32_t index = AnyMarket();
    Market& market = markets_[index];
    switch (AnyKind(market)) {
      case StreamKind::kAdd:
        return AddAny(index);
      case StreamKind::kCancel:
        return CancelAny(index);
      case StreamKind::kReplace:
        return ReplaceAny(index);
      case StreamKind::kMarket:
        return TakeAny(index);
    }
  }

  // The first market most often, the k-th a k-th as often.
  std::uint32_t AnyMarket() {
    if (weights_.size() == 1) return 0;
    const std::uint64_t draw = random_.Below(total_weight_);
    const auto it = std::upper_bound(weights_.begin(), weights_.end(), draw);
    return static_cast<std::uint32_t>(it - weights_.begin());
  }

  StreamKind AnyKind(Market& market) {
    const std::uint64_t draw = random_.Below(1'000);
    StreamKind kind = draw < 500   ? StreamKind::kAdd
                      : draw < 900 ? StreamKind::kCancel
                      : draw < 950 ? StreamKind::kReplace
                                   : StreamKind::kMarket;
    const std::uint64_t live = market.live.size();
    if (kind == StreamKind::kAdd && live * 100 > market.target * 102) {
      kind = StreamKind::kCancel;
    } else if (kind == StreamKind::kCancel && live * 100 < market.target * 98) {
      kind = StreamKind::kAdd;
    }
    if (random_.Below(32) == 0) market.aggressor = Opposite(market.aggressor);
    const std::uint64_t middle = Middle(market);
    if (middle < kLow * unit_) market.aggressor = Side::kBuy;
    if (middle > kHigh * unit_) market.aggressor = Side::kSell;
    const bool thin = market.side_quantity[Index(Opposite(market.aggressor))] < 1'000;
    return kind == StreamKind::kMarket && thin ? StreamKind::kAdd : kind;
  }

  void AddAny(std::uint32_t index) {
    Market& market = markets_[index];
    const Side side = random_.AnySide();
    if (random_.Below(25) != 0 || market.empty(Opposite(side))) {
      return Add(index, side, PassivePrice(market, side));
    }
    const std::uint64_t beyond = random_.Below(4) * unit_;
    Add(index, side, At(Opposite(side), market.Best(Opposite(side)), beyond));
  }

  void Add(std::uint32_t index, Side side, std::uint64_t price) {
    const auto quantity = static_cast<std::uint32_t>(1 + random_.Below(100));
    const std::uint64_t id = next_id_++;
    Emit(StreamKind::kAdd, index, side, quantity, price, id, 0);
    Rest(markets_[index], side, price, Take(markets_[index], side, price, quantity), id);
  }

  void CancelAny(std::uint32_t index) {
    const std::uint64_t id = AnyOrder(markets_[index]);
    Emit(StreamKind::kCancel, index, (*places_[id])->side, 0, 0, id, 0);
    Remove(markets_[index], id);
  }

  void ReplaceAny(std::uint32_t index) {
    Market& market = markets_[index];
    const std::uint64_t id = AnyOrder(market);
    const auto [side, old_price] = std::pair((*places_[id])->side, (*places_[id])->price);
    const std::uint64_t draw = random_.Below(4);
    const std::uint64_t price = draw == 0   ? old_price + unit_
                                : draw == 1 ? old_price - unit_
                                            : PassivePrice(market, side);
    const auto quantity = static_cast<std::uint32_t>(1 + random_.Below(100));
    const std::uint64_t new_id = next_id_++;
    Emit(StreamKind::kReplace, index, side, quantity, price, id, new_id);
    Remove(market, id);
    Rest(market, side, price, Take(market, side, price, quantity), new_id);
  }

  void TakeAny(std::uint32_t index) {
    Market& market = markets_[index];
    const auto quantity = static_cast<std::uint32_t>(1 + random_.Below(200));
    Emit(StreamKind::kMarket, index, market.aggressor, quantity, 0, next_id_++, 0);
    Take(market, market.aggressor, kAnyPrice, quantity);
  }

  // ⌊100·(1/u - 1)⌋ units for a uniform u, redrawn when beyond 4,095.
  std::uint64_t Distance() {
    while (true) {
      const std::uint64_t draw = random_.Next() >> 32;
      if (draw == 0) continue;
      const std::uint64_t distance = (std::uint64_t{100} << 32) / draw - 100;
      if (distance > 4'095) continue;
      return unit_ == 1 ? distance : distance * unit_ + random_.Below(unit_);
    }
  }

  [[nodiscard]] std::uint64_t Middle(const Market& market) const {
    if (market.empty(Side::kBuy) || market.empty(Side::kSell)) return kMiddle * unit_;
    return (market.Best(Side::kBuy) + market.Best(Side::kSell)) / 2;
  }
  static std::uint64_t At(Side side, std::uint64_t from, std::uint64_t distance) {
    return side == Side::kBuy ? from - distance : from + distance;
  }
  std::uint64_t PassivePrice(const Market& market, Side side) {
    const std::uint64_t middle = Middle(market);
    return At(side, middle, Distance());
  }

  // Three times in four a recent order: the a-th last or older with odds of 1/a.
  std::uint64_t AnyOrder(const Market& market) {
    if (random_.Below(4) != 0) {
      for (int attempt = 0; attempt < 4; ++attempt) {
        const std::uint64_t draw = std::max<std::uint64_t>(random_.Next() >> 32, 1);
        const std::uint64_t age = (std::uint64_t{1} << 32) / draw;
        if (age > market.history.size()) continue;
        const std::uint64_t id = market.history[market.history.size() - age];
        if (places_[id].has_value()) return id;
      }
    }
    return market.live[random_.Below(market.live.size())];
  }

  void Emit(StreamKind kind, std::uint32_t market, Side side, std::uint32_t quantity,
            std::uint64_t price, std::uint64_t id, std::uint64_t new_id) {
    stream_.operations.push_back(
        {kind, side, static_cast<std::uint16_t>(market), quantity, price, id, new_id});
  }

  // Matches; returns what is left.
  std::uint32_t Take(Market& market, Side side, std::uint64_t price, std::uint32_t quantity) {
    const Side opposite = Opposite(side);
    auto& levels = market.levels[Index(opposite)];
    while (quantity > 0 && !levels.empty()) {
      const auto level = opposite == Side::kBuy ? std::prev(levels.end()) : levels.begin();
      const bool accepted = price == kAnyPrice ||
                            (side == Side::kBuy ? level->first <= price : level->first >= price);
      if (!accepted) break;
      Resting& maker = level->second.front();
      const std::uint32_t filled = std::min(quantity, maker.quantity);
      stream_.totals.Add(maker.id, filled);
      market.side_quantity[Index(opposite)] -= filled;
      maker.quantity -= filled;
      quantity -= filled;
      if (maker.quantity == 0) Remove(market, maker.id);
    }
    return quantity;
  }

  void Rest(Market& market, Side side, std::uint64_t price, std::uint32_t quantity,
            std::uint64_t id) {
    if (quantity == 0) return;
    Orders& orders = market.levels[Index(side)][price];
    orders.push_back({id, price, quantity, side, market.live.size()});
    market.live.push_back(id);
    market.history.push_back(id);
    market.side_quantity[Index(side)] += quantity;
    if (places_.size() <= id) places_.resize(id * 2 + 1'000);
    places_[id] = std::prev(orders.end());
  }

  void Remove(Market& market, std::uint64_t id) {
    const Orders::iterator order = *places_[id];
    market.side_quantity[Index(order->side)] -= order->quantity;
    const std::uint64_t last = market.live.back();
    market.live[order->live_index] = last;
    (*places_[last])->live_index = order->live_index;
    market.live.pop_back();
    places_[id].reset();
    auto& levels = market.levels[Index(order->side)];
    const auto level = levels.find(order->price);
    level->second.erase(order);
    if (level->second.empty()) levels.erase(level);
  }

  const std::uint64_t unit_;
  Random random_;
  std::vector<Market> markets_;
  std::vector<std::uint64_t> weights_;  // running sums
  std::uint64_t total_weight_ = 0;
  std::vector<std::optional<Orders::iterator>> places_;  // by id, while it rests
  std::uint64_t next_id_ = 1;
  OrderStream stream_;
};

}  // namespace

std::vector<StreamSpec> StandardStreams(std::uint64_t operations) {
  return {
      {'A', 1, 100'000, operations, 1, 20240601},      // one busy market
      {'B', 100, 100'000, operations, 1, 20240602},    // a hundred
      {'C', 1, 1'000, operations, 1, 20240603},        // few orders
      {'D', 1, 100'000, operations, 1'000, 20240604},  // prices far apart
  };
}

OrderStream MakeStream(const StreamSpec& spec) { return Generator(spec).Run(); }

}  // namespace bourse::bench
