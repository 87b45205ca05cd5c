// What comes out of the gate: done first, written down afterwards.
#include "gate/recorded_gate.h"

namespace taktgate::gate {

bool RecordedGate::SetLine(Line line, bool energised, TimePoint latest, TimePoint until) {
  const bool taken = outputs_.SetLine(line, energised, latest, until);
  NoteOutput(event::LineSet{line, energised, latest, until, taken});
  return taken;
}

void RecordedGate::StartInference(PartId part, std::uint32_t frame_slot) {
  outputs_.StartInference(part, frame_slot);
  NoteOutput(event::InferenceStarted{part, frame_slot});
}

void RecordedGate::TerminateInference(PartId part) {
  outputs_.TerminateInference(part);
  NoteOutput(event::InferenceTerminated{part});
}

void RecordedGate::ReleaseFrame(std::uint32_t frame_slot) {
  outputs_.ReleaseFrame(frame_slot);
  NoteOutput(event::FrameReleased{frame_slot});
}

void RecordedGate::Decided(const Decision& decision) {
  outputs_.Decided(decision);
  NoteOutput(event::PartDecided{decision});
}

void RecordedGate::LateAnswer(PartId part, const Answer& answer) {
  outputs_.LateAnswer(part, answer);
  NoteOutput(event::AnsweredLate{part, answer});
}

void RecordedGate::PassCutShort(PartId part) {
  outputs_.PassCutShort(part);
  NoteOutput(event::CutShort{part});
}

void RecordedGate::BinSaid(PartId part, Verified verified) {
  outputs_.BinSaid(part, verified);
  NoteOutput(event::BinVerdict{part, verified});
}

void RecordedGate::Raised(const Alarm& alarm) {
  outputs_.Raised(alarm);
  NoteOutput(event::AlarmRaised{alarm});
}

void RecordedGate::Acknowledged(std::string_view name) {
  outputs_.Acknowledged(name);
  NoteOutput(event::Acknowledged{event::ShortName(name)});
}

void RecordedGate::InferenceFault(PartId part) {
  outputs_.InferenceFault(part);
  NoteOutput(event::InferenceFault{part});
}

}  // namespace taktgate::gate
