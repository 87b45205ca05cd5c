#ifndef TAKTGATE_SIM_EVENT_HEAP_H_
#define TAKTGATE_SIM_EVENT_HEAP_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace taktgate::sim {

// What happens next: events by time; events of the same time in the order in which they were put
// in. The capacity is fixed; nothing is allocated after construction.
//
// Threads: one.
template <typename What>
class EventHeap {
 public:
  explicit EventHeap(std::size_t capacity) : capacity_(capacity) { heap_.reserve(capacity); }

  // False when the heap is full; the event is lost.
  bool Put(TimePoint at, const What& what) {
    if (heap_.size() == capacity_) return false;
    heap_.push_back({at, order_++, what});
    std::push_heap(heap_.begin(), heap_.end(), Later);
    return true;
  }
  // When the next event is due; max() when there is none.
  TimePoint NextAt() const { return heap_.empty() ? TimePoint::max() : heap_.front().at; }
  // The next event; the heap must not be empty.
  What Pop() {
    std::pop_heap(heap_.begin(), heap_.end(), Later);
    const What what = heap_.back().what;
    heap_.pop_back();
    return what;
  }

 private:
  struct Entry {
    TimePoint at;
    std::uint64_t order;
    What what;
  };
  static bool Later(const Entry& a, const Entry& b) {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
  }

  const std::size_t capacity_;
  std::vector<Entry> heap_;
  std::uint64_t order_ = 0;
};

}  // namespace taktgate::sim

#endif  // TAKTGATE_SIM_EVENT_HEAP_H_
