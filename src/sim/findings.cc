#include "sim/findings.h"

namespace taktgate::sim {
namespace {

struct Words {
  std::string_view name;
  std::string_view meaning;
};

constexpr Words kWords[kInvariants] = {
    {"I1", "every part gets exactly one decision"},
    {"I2", "decision and level in time"},
    {"I3", "PASS only for a timely pass about that very part"},
    {"I4", "any other part rejected, with the right reason"},
    {"I5", "counters reconcile"},
    {"I7", "lines safe without READY; what passes was released"},
    {"live", "what was released passes, and no PASS is cut short without a cause"},
    {"alarm", "alarms at the exact count, and only with a cause"},
    {"state", "commands, acknowledgements, release changes"},
};

}  // namespace

std::string_view NameOf(Invariant invariant) {
  return kWords[static_cast<std::size_t>(invariant)].name;
}

std::string_view MeaningOf(Invariant invariant) {
  return kWords[static_cast<std::size_t>(invariant)].meaning;
}

}  // namespace taktgate::sim
