#ifndef TAKTGATE_GATE_RECORDED_GATE_H_
#define TAKTGATE_GATE_RECORDED_GATE_H_

#include "gate/event_log.h"
#include "gate/gate.h"

namespace taktgate::gate {

// A Gate with the same events, which writes down what goes in and what comes out. It is the only
// way to its gate, so an event that is not recorded does not exist.
//
// Threads: one, the gate's.
class RecordedGate final : public GateInputs, private GateOutputs {
 public:
  // Without a log nothing is written down.
  RecordedGate(const GateSettings& settings, GateOutputs& outputs, EventLog* log)
      : outputs_(outputs), log_(log), gate_(settings, *this) {}
  RecordedGate(const RecordedGate&) = delete;
  RecordedGate& operator=(const RecordedGate&) = delete;

  bool On(const event::Input& input) override {
    std::visit([this](const auto& event) { Note(event); }, input);
    return gate_.On(input);
  }

  TimePoint NextTimer() const override { return gate_.NextTimer(); }
  bool idle() const { return gate_.idle(); }
  bool inference_busy() const { return gate_.inference_busy(); }
  bool belt_reversed() const { return gate_.belt_reversed(); }
  std::uint32_t release() const { return gate_.release(); }
  State state() const { return gate_.state(); }
  Severity severity() const { return gate_.severity(); }
  const ChallengeResult& challenge() const { return gate_.challenge(); }
  const Counts& counts() const { return gate_.counts(); }

  // Between events only: what is kept, for the thread that writes it; EventLog::HandOver.
  std::optional<EventLog::Handed> HandOverLog() {
    return log_ != nullptr ? log_->HandOver(gate_) : std::nullopt;
  }

 private:
  template <typename Event>
  void Note(const Event& event) {
    if (log_ == nullptr) return;
    log_->MakeRoom(gate_);
    log_->Add(event);
  }
  template <typename Event>
  void NoteOutput(const Event& event) {
    if (log_ != nullptr) log_->Add(event);
  }

  bool SetLine(Line line, bool energised, TimePoint latest, TimePoint until) override;
  void WillPass(PartId part) override { outputs_.WillPass(part); }  // follows from what comes next
  void StartInference(PartId part, std::uint32_t frame_slot) override;
  void TerminateInference(PartId part) override;
  void ReleaseFrame(std::uint32_t frame_slot) override;
  void Decided(const Decision& decision) override;
  void LateAnswer(PartId part, const Answer& answer) override;
  void PassCutShort(PartId part) override;
  void BinSaid(PartId part, Verified verified) override;
  void Raised(const Alarm& alarm) override;
  void Acknowledged(std::string_view name) override;
  void InferenceFault(PartId part) override;

  GateOutputs& outputs_;
  EventLog* const log_;
  Gate gate_;
};

}  // namespace taktgate::gate

#endif  // TAKTGATE_GATE_RECORDED_GATE_H_
