#include "selftest/timer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <thread>

#include "base/thread_name.h"
#include "record/line_report.h"
#include "session/hiccup_watch.h"
#include "station/realtime.h"

namespace taktgate::selftest {
namespace {

constexpr auto kPeriod = std::chrono::milliseconds(1);
constexpr int kGatePriority = 80;

void SleepAndNote(Duration length, TimerLatency& latency) {
  NameThisThread("selftest");
  station::PrefaultStack();
  if (Status made = station::MakeThisThreadRealtime(kGatePriority); !made) {
    latency.refused = made.error().message;
  }
  MonotonicClock clock;
  TimePoint due = clock.Now() + kPeriod;
  const TimePoint end = due + length;
  while (due < end) {
    clock.SleepUntil(due);
    for (const TimePoint now = clock.Now(); due <= now && due < end; due += kPeriod) {
      latency.realtime.Record(now - due);
    }
  }
}

std::string Quantiles(const LatencyHistogram& latency) {
  return "N " + std::to_string(latency.count()) + ", p50 " +
         record::InMilliseconds(latency.Quantile(0.5)) + ", p99 " +
         record::InMilliseconds(latency.Quantile(0.99)) + ", p99.9 " +
         record::InMilliseconds(latency.Quantile(0.999)) + ", max " +
         record::InMilliseconds(latency.max());
}

}  // namespace

TimerLatency MeasureTimer(Duration length) {
  TimerLatency latency;
  session::HiccupWatch hiccups;
  hiccups.Start();
  std::thread sleeper([&] { SleepAndNote(length, latency); });
  sleeper.join();
  hiccups.Stop();
  latency.ordinary = hiccups.histogram();
  return latency;
}

std::vector<Point> JudgeTimer(const TimerLatency& latency, Duration window) {
  std::vector<Point> points;
  if (latency.refused.empty()) {
    points.push_back({"real-time priority", Standing::kOk, "SCHED_FIFO is allowed", ""});
  } else {
    points.push_back(
        {"real-time priority", Standing::kFail, latency.refused,
         std::string(station::kAllowPriority) + "; without it any program may hold a decision up"});
  }
  const std::string found = Quantiles(latency.realtime) + "; an ordinary thread: max " +
                            record::InMilliseconds(latency.ordinary.max());
  const std::string remedy =
      "mend what is warned about above; on a virtual machine nothing helps: use a board";
  const Duration worst = latency.realtime.max();
  const Standing standing = worst >= window / 2   ? Standing::kFail
                            : worst >= window / 8 ? Standing::kWarn
                                                  : Standing::kOk;
  points.push_back(
      {"timer latency", standing, found, standing == Standing::kOk ? std::string() : remedy});
  return points;
}

std::string TimerPicture(const LatencyHistogram& latency) {
  constexpr std::int64_t kEndsUs[] = {10,   20,   50,   100,  200,   500,
                                      1000, 2000, 4000, 8000, 16000, 32000};
  constexpr double kWidth = 50;
  std::string text;
  Duration from(-1);
  const auto row = [&](const char* label, Duration to) {
    const std::uint64_t count = latency.CountBetween(from, to);
    const double share =
        latency.count() == 0
            ? 0
            : std::sqrt(static_cast<double>(count) / static_cast<double>(latency.count()));
    char line[128];
    std::snprintf(line, sizeof line, "%s|%s %llu\n", label,
                  std::string(static_cast<std::size_t>(std::ceil(kWidth * share)), '#').c_str(),
                  static_cast<unsigned long long>(count));
    text += line;
    from = to;
  };
  for (const std::int64_t end : kEndsUs) {
    char label[48];
    std::snprintf(label, sizeof label, "  to %9.2f ms ", static_cast<double>(end) / 1000);
    row(label, std::chrono::microseconds(end));
    if (from >= latency.max()) return text;
  }
  row("  longer          ", Duration::max());
  return text;
}

}  // namespace taktgate::selftest
