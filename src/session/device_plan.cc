#include "session/device_plan.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "line/replay_kind.h"

namespace taktgate::session {
namespace {

using line::DeviceKind;
using line::DeviceTables;
using line::LineFacts;
using line::Opener;

bool IsNamedByItsKeys(const auto& kind) { return kind.named != nullptr; }

// Of each kind that keys of its own name, whether they do or not: messages know its keys.
template <typename Device>
LineFacts ReadWithoutEffect(DeviceTables& tables, const DeviceKind<Device>& kind) {
  LineFacts its;
  (void)kind.read(tables, its);
  return its;
}

void KeepRemedies(const LineFacts& from, LineFacts& facts) {
  for (std::size_t k = 0; k < line::kSignalKinds; ++k) {
    facts.CouldTell(static_cast<line::Signal::Kind>(k), from.remedies[k]);
  }
}

// The first kind that is named; else the one that needs no name.
template <typename Device>
Opener<Device> ReadFirst(DeviceTables& tables, const std::vector<DeviceKind<Device>>& kinds,
                         LineFacts& facts) {
  const DeviceKind<Device>* chosen = nullptr;
  for (const DeviceKind<Device>& kind : kinds) {
    if (IsNamedByItsKeys(kind)) ReadWithoutEffect(tables, kind);
    const bool fits = !IsNamedByItsKeys(kind) || kind.named(tables);
    if (chosen == nullptr && fits) chosen = &kind;
  }
  return chosen->read(tables, facts);
}

std::vector<DevicePlan::NamedSignals> ReadEach(DeviceTables& tables,
                                               const std::vector<DeviceKind<line::Signals>>& kinds,
                                               LineFacts& facts) {
  std::vector<DevicePlan::NamedSignals> named;
  for (const DeviceKind<line::Signals>& kind : kinds) {
    if (!kind.named(tables)) {
      KeepRemedies(ReadWithoutEffect(tables, kind), facts);
      continue;
    }
    named.push_back({std::string(kind.name), kind.read(tables, facts)});
  }
  return named;
}

// What [camera] source names; where it is not there, the first that it could name.
const DeviceKind<line::Camera>& CameraOfSource(DeviceTables& tables, const DeviceKinds& kinds) {
  std::vector<const DeviceKind<line::Camera>*> sources;
  std::vector<std::string_view> names;
  for (const DeviceKind<line::Camera>& kind : kinds.cameras) {
    if (IsNamedByItsKeys(kind)) continue;
    sources.push_back(&kind);
    names.push_back(kind.name);
  }
  std::size_t chosen = 0;
  tables["camera"].Choice("source", names, chosen);
  return *sources[chosen];
}

// A key that a camera of another source reads is not unknown: it is said which one.
void RefuseKeysOfOtherSources(DeviceTables& tables, const DeviceKinds& kinds) {
  for (const DeviceKind<line::Camera>& kind : kinds.cameras) {
    if (IsNamedByItsKeys(kind)) continue;
    std::optional<Error> not_asked;
    DeviceTables its = tables.Again(not_asked);
    ReadWithoutEffect(its, kind);
    for (auto& [name, table] : its.asked_for()) {
      for (const std::string& key : table.known()) {
        if (tables[name].Knows(key)) continue;
        tables[name].Refuse(key, "goes with [camera] source = \"" + std::string(kind.name) +
                                     "\"; leave it out, or name that source");
      }
    }
  }
}

Opener<line::Camera> ReadCamera(DeviceTables& tables, const DeviceKinds& kinds, LineFacts& facts) {
  const DeviceKind<line::Camera>* chosen = &CameraOfSource(tables, kinds);
  for (const DeviceKind<line::Camera>& kind : kinds.cameras) {
    if (!IsNamedByItsKeys(kind)) continue;
    if (kind.named(tables)) {
      chosen = &kind;
    } else {
      ReadWithoutEffect(tables, kind);
    }
  }
  return chosen->read(tables, facts);
}

}  // namespace

DevicePlan ReadDevices(DeviceTables& tables, const DeviceKinds& kinds) {
  DevicePlan plan;
  plan.facts.period = line::ReadPeriod(tables);
  plan.output = ReadFirst(tables, kinds.outputs, plan.facts);
  plan.trigger = ReadFirst(tables, kinds.triggers, plan.facts);
  plan.signals = ReadEach(tables, kinds.signals, plan.facts);
  plan.camera = ReadCamera(tables, kinds, plan.facts);
  RefuseKeysOfOtherSources(tables, kinds);
  return plan;
}

}  // namespace taktgate::session
