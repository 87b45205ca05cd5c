#ifndef TAKTGATE_LINE_SURROUNDINGS_H_
#define TAKTGATE_LINE_SURROUNDINGS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace taktgate::line {

// What several devices of one station use together, such as a chip whose inputs are trigger and
// signals: made for the first that asks, kept as long as anybody uses it.
//
// Threads: one.
class SharedThings {
 public:
  // `make` gives a Result<std::shared_ptr<Thing>>; its error is the caller's and is not kept.
  template <typename Thing, typename Make>
  Result<std::shared_ptr<Thing>> Get(const std::string& name, Make make) {
    std::shared_ptr<void>& thing = things_[{std::type_index(typeid(Thing)), name}];
    if (thing != nullptr) return std::static_pointer_cast<Thing>(thing);
    Result<std::shared_ptr<Thing>> made = make();
    if (made) thing = *made;
    return made;
  }

 private:
  std::map<std::pair<std::type_index, std::string>, std::shared_ptr<void>> things_;
};

// What a device finds when it is opened, and what it may leave there.
//
// Threads: one, that of the session; `notice` from any.
struct Surroundings {
  Clock& clock;  // outlives all devices
  // One line for the person at the station.
  std::function<void(std::string_view)> notice;
  // Of the release, in its order. Only cameras are opened when a release is there.
  std::vector<std::string> class_names{};
  // Left by a camera that knows what it shows: the class of the part with this sequence (from 1) as
  // an index of class_names, -1 where nobody knows. Called on any thread as long as it is kept.
  std::function<int(std::uint64_t)> truth_of{};
  SharedThings shared{};
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_SURROUNDINGS_H_
