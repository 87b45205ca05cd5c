// An incident file, read and replayed as `taktgate replay` does. After a wrong digest nothing is
// read, so most inputs get their right size and digest.
#include <algorithm>
#include <vector>

#include "bundle/digest.h"
#include "fuzz_target.h"
#include "gate/replay_log.h"
#include "image/decode.h"
#include "incident/incident.h"
#include "incident/incident_timeline.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace taktgate::fuzz {
namespace {

constexpr std::size_t kSizeAt = 12;  // after magic and format
constexpr std::size_t kDigest = 64;

void Replay(const incident::Incident& incident) {
  std::vector<gate::event::Any> events;
  for (const gate::LogStretch& stretch : incident.stretches) {
    const auto more = gate::ReadEvents(stretch.events);
    if (!more) return ExpectForAPerson(more.error());
    events.insert(events.end(), more->begin(), more->end());
  }
  const auto replay = gate::ReplayLog(incident.settings, incident.stretches);
  if (!replay) ExpectForAPerson(replay.error());
  const incident::Timeline timeline(events);
  Expect(timeline.Text(0).size() >= timeline.Text(1).size(), "all parts are more than one");
}

void CheckIncident(Bytes bytes) {
  const auto incident = incident::DecodeIncident({bytes.begin(), bytes.end()});
  if (!incident) return ExpectForAPerson(incident.error());
  Replay(*incident);
  std::vector<const incident::KeptFrame*> frames;
  for (const incident::KeptFrame& frame : incident->frames) {
    frames.push_back(&frame);
    if (const auto png = image::EncodePng(frame.View()); !png) ExpectForAPerson(png.error());
  }
  const std::string again =
      incident::EncodeIncident(incident->header, incident->settings, incident->stretches, frames);
  Expect(incident::DecodeIncident({again.begin(), again.end()}).has_value(),
         "what was read can be written and read again");
}

}  // namespace
}  // namespace taktgate::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  using namespace taktgate::fuzz;
  if (seed % 16 == 0 || size < kSizeAt + 8 + kDigest) return LLVMFuzzerMutate(data, size, most);
  const std::size_t start = kSizeAt + 8;
  const std::size_t content =
      LLVMFuzzerMutate(data + start, size - start - kDigest, most - start - kDigest);
  size = start + content + kDigest;
  for (std::size_t i = 0; i < 8; ++i) {
    data[kSizeAt + i] = static_cast<std::uint8_t>(std::uint64_t{size} >> 8 * i);
  }
  const std::string digest = taktgate::bundle::Sha256Hex({data, start + content});
  std::copy(digest.begin(), digest.end(), data + start + content);
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  taktgate::fuzz::CheckIncident({data, size});
  return 0;
}
