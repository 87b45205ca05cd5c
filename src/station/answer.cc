#include "station/answer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace taktgate::station {

gate::Answer AnswerOf(const inspect::Inspection& inspection) {
  gate::Answer answer;
  answer.verdict = inspection.part.verdict;
  answer.reason = inspection.part.reason;
  answer.class_index = inspection.part.class_index;
  answer.worst_window = inspection.part.worst_window;
  answer.defect_score = inspection.part.defect_score;
  answer.windows =
      static_cast<std::uint8_t>(std::min(inspection.windows.size(), gate::kMaxWindows));
  for (std::size_t i = 0; i < answer.windows; ++i) {
    answer.window_scores[i] = static_cast<float>(inspection.windows[i].defect_score);
  }
  answer.aligned = inspection.shift.has_value();
  if (inspection.shift) {
    answer.shift_x = inspection.shift->x;
    answer.shift_y = inspection.shift->y;
  }
  answer.image_time = inspection.image_time;
  answer.infer_time = inspection.infer_time;
  answer.judge_time = inspection.judge_time;
  return answer;
}

gate::Answer WithoutVerdict(const gate::Answer& answer) {
  gate::Answer none;  // unknown, model_error
  none.started_at = answer.started_at;
  none.finished_at = answer.finished_at;
  return none;
}

}  // namespace taktgate::station
