#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "base/json_text.h"
#include "base/latency_histogram.h"
#include "bundle/read_bundle.h"
#include "bundle/sample_folder.h"
#include "bundle/sample_list.h"
#include "image/decode.h"
#include "inspect/inspector.h"
#include "judge/accuracy.h"

namespace taktgate::apps {
namespace {

using Json = nlohmann::ordered_json;

struct InspectOptions {
  std::string bundle;
  std::vector<std::string> images;
  std::string data;
  std::string split;
  bool json = false;
};

// Rows of one board follow each other in a list, so the last image of each kind is kept.
class ImageCache {
 public:
  Result<const image::Image*> Get(const std::filesystem::path& path) {
    if (path != path_) {
      auto decoded = image::DecodeFile(path);
      if (!decoded) return decoded.error();
      image_ = std::move(*decoded);
      path_ = path;
    }
    return &image_;
  }

 private:
  std::filesystem::path path_;
  image::Image image_;
};

class InspectRun {
 public:
  // `left_out`: files of the data that are no images.
  InspectRun(inspect::Inspector& inspector, bool json, std::uint64_t left_out)
      : inspector_(inspector),
        json_(json),
        left_out_(left_out),
        accuracy_(inspector.release().labels) {}

  void Judge(const bundle::SampleRow& row);
  void PrintSummary() const;
  std::uint64_t refused() const { return refused_; }

 private:
  Result<const inspect::Inspection*> Inspect(const bundle::SampleRow& row);
  void Print(const bundle::SampleRow& row, const inspect::Inspection& inspection) const;
  Json Describe(const bundle::SampleRow& row, const inspect::Inspection& inspection) const;
  Json Windows(const inspect::Inspection& inspection) const;
  std::string ClassName(int index) const;
  void PrintSummaryText() const;
  Json SummaryJson() const;

  inspect::Inspector& inspector_;
  const bool json_;
  const std::uint64_t left_out_;
  judge::Accuracy accuracy_;
  ImageCache images_;
  ImageCache goldens_;
  std::map<std::string, std::uint64_t> verdicts_;
  LatencyHistogram image_times_;
  LatencyHistogram infer_times_;
  std::uint64_t images_seen_ = 0;
  std::uint64_t windows_seen_ = 0;
  std::uint64_t refused_ = 0;
};

std::string InspectRun::ClassName(int index) const {
  if (index < 0) return "";
  return inspector_.release().labels[static_cast<std::size_t>(index)].name;
}

Result<const inspect::Inspection*> InspectRun::Inspect(const bundle::SampleRow& row) {
  auto image = images_.Get(row.image);
  if (!image) return image.error();
  std::optional<image::ImageView> golden;
  if (row.golden) {
    auto decoded = goldens_.Get(*row.golden);
    if (!decoded) return decoded.error().Within("golden image");
    golden = (*decoded)->View();
  } else if (inspector_.golden() != nullptr) {
    golden = *inspector_.golden();
  }
  const image::ImageView view = (*image)->View();
  const bool whole = inspector_.release().recipe.windows.empty();
  if (!row.window && !(whole && row.golden)) {
    if (Status fits = inspector_.CheckFrame(view.width, view.height); !fits) return fits.error();
    return &inspector_.Inspect(view);
  }
  const image::Rect window = row.window.value_or(image::Rect{0, 0, view.width, view.height});
  if (Status ready = inspector_.PrepareWindow(window.w, window.h); !ready) return ready.error();
  return inspector_.InspectWindow(view, window, golden ? &*golden : nullptr);
}

void InspectRun::Judge(const bundle::SampleRow& row) {
  ++images_seen_;
  auto inspected = Inspect(row);
  inspect::Inspection nothing;
  if (!inspected) {
    ++refused_;
    const std::string& why = inspected.error().message;
    const bool is_named = why.starts_with(row.image.string() + ":");
    std::fprintf(stderr, "taktgate: error: %s%s%s\n", is_named ? "" : row.image.c_str(),
                 is_named ? "" : ": ", why.c_str());
    if (json_) {
      Json line = Describe(row, nothing);
      line["error"] = inspected.error().message;
      std::printf("%s\n", JsonText(line).c_str());
    }
  } else {
    image_times_.Record((*inspected)->image_time);
    infer_times_.Record((*inspected)->infer_time);
    windows_seen_ += (*inspected)->windows.size();
    Print(row, **inspected);
  }
  const inspect::Inspection& inspection = inspected ? **inspected : nothing;
  ++verdicts_[std::string(judge::ToString(inspection.part.verdict))];
  const int label = bundle::IndexOfLabel(inspector_.release().labels, row.label);
  if (inspected && label >= 0) accuracy_.Add(label, inspection.part);
}

Json InspectRun::Windows(const inspect::Inspection& inspection) const {
  Json windows = Json::array();
  const std::size_t classes = inspector_.release().labels.size();
  const auto& named = inspector_.release().recipe.windows;
  for (std::size_t i = 0; i < inspection.windows.size(); ++i) {
    const judge::WindowVerdict& window = inspection.windows[i];
    Json entry;
    entry["name"] = inspection.windows.size() == named.size() ? Json(named[i].name) : Json();
    entry["class"] = ClassName(window.class_index);
    entry["score"] = window.defect_score;
    entry["logits"] = Json::array();
    for (const float logit : inspection.logits.subspan(i * classes, classes)) {
      entry["logits"].push_back(logit);
    }
    windows.push_back(std::move(entry));
  }
  return windows;
}

Json InspectRun::Describe(const bundle::SampleRow& row,
                          const inspect::Inspection& inspection) const {
  const judge::PartVerdict& part = inspection.part;
  Json line;
  line["kind"] = "image";
  line["image"] = row.image.string();
  line["row"] = row.row;
  line["label"] = row.label.empty() ? Json() : Json(row.label);
  line["verdict"] = judge::ToString(part.verdict);
  line["class"] = part.class_index < 0 ? Json() : Json(ClassName(part.class_index));
  line["score"] = part.defect_score;
  line["reason"] =
      part.verdict == judge::Verdict::kPass ? Json() : Json(judge::ToString(part.reason));
  line["shift"] = inspection.shift ? Json{inspection.shift->x, inspection.shift->y} : Json();
  line["windows"] = Windows(inspection);
  return line;
}

void InspectRun::Print(const bundle::SampleRow& row, const inspect::Inspection& inspection) const {
  if (json_) {
    std::printf("%s\n", JsonText(Describe(row, inspection)).c_str());
    return;
  }
  const judge::PartVerdict& part = inspection.part;
  const auto verdict = judge::ToString(part.verdict);
  const std::string truth = row.label.empty() ? "" : "  (labelled " + row.label + ")";
  std::printf("%-8.*s %-16s score %.4f  %s%s\n", static_cast<int>(verdict.size()), verdict.data(),
              part.class_index < 0 ? std::string(judge::ToString(part.reason)).c_str()
                                   : ClassName(part.class_index).c_str(),
              part.defect_score, row.image.c_str(), truth.c_str());
}

Json Share(std::uint64_t hits, std::uint64_t trials) {
  return trials == 0 ? Json() : Json(static_cast<double>(hits) / static_cast<double>(trials));
}

Json IntervalJson(std::uint64_t hits, std::uint64_t trials) {
  if (trials == 0) return {};
  const judge::Interval interval = judge::ClopperPearson(hits, trials);
  return Json{interval.low, interval.high};
}

Json InspectRun::SummaryJson() const {
  const std::uint64_t labelled = accuracy_.labelled();
  const std::uint64_t right = labelled - accuracy_.missed() - accuracy_.false_rejects();
  const bool binary = accuracy_.binary() && labelled > 0;
  Json summary;
  summary["kind"] = "summary";
  summary["release"] = inspector_.release().id;
  summary["images"] = images_seen_;
  summary["windows"] = windows_seen_;
  summary["labelled"] = labelled;
  summary["refused"] = refused_;
  summary["left_out"] = left_out_;
  summary["verdicts"] = verdicts_;
  summary["accuracy"] = Share(accuracy_.right_class(), labelled);
  summary["accuracy_95"] = IntervalJson(accuracy_.right_class(), labelled);
  summary["binary_accuracy"] = binary ? Share(right, labelled) : Json();
  summary["binary_accuracy_95"] = binary ? IntervalJson(right, labelled) : Json();
  summary["missed"] = binary ? Json(accuracy_.missed()) : Json();
  summary["false_rejects"] = binary ? Json(accuracy_.false_rejects()) : Json();
  summary["good"] = binary ? Json(accuracy_.good()) : Json();
  summary["confusion"] = labelled == 0 ? Json() : Json(accuracy_.confusion());
  summary["image_us_p50"] = static_cast<double>(image_times_.Quantile(0.5).count()) / 1e3;
  summary["infer_us_p50"] = static_cast<double>(infer_times_.Quantile(0.5).count()) / 1e3;
  return summary;
}

void PrintShare(const char* name, std::uint64_t hits, std::uint64_t trials) {
  const judge::Interval interval = judge::ClopperPearson(hits, trials);
  std::printf("%-18s %8.3f %%   95 %% interval %.3f to %.3f %%   (%llu of %llu)\n", name,
              100.0 * static_cast<double>(hits) / static_cast<double>(trials), 100 * interval.low,
              100 * interval.high, static_cast<unsigned long long>(hits),
              static_cast<unsigned long long>(trials));
}

void InspectRun::PrintSummaryText() const {
  std::printf("\nimages %llu, windows %llu", static_cast<unsigned long long>(images_seen_),
              static_cast<unsigned long long>(windows_seen_));
  for (const auto& [verdict, count] : verdicts_) {
    std::printf(", %s %llu", verdict.c_str(), static_cast<unsigned long long>(count));
  }
  if (left_out_ > 0) std::printf(", left out %llu", static_cast<unsigned long long>(left_out_));
  std::printf("; per image %.0f us image, %.0f us model (p50)\n",
              static_cast<double>(image_times_.Quantile(0.5).count()) / 1e3,
              static_cast<double>(infer_times_.Quantile(0.5).count()) / 1e3);
  const std::uint64_t labelled = accuracy_.labelled();
  if (labelled == 0) return;
  if (accuracy_.binary()) {
    PrintShare("good or defect", labelled - accuracy_.missed() - accuracy_.false_rejects(),
               labelled);
    if (labelled > accuracy_.good()) {
      PrintShare("missed defects", accuracy_.missed(), labelled - accuracy_.good());
    }
    if (accuracy_.good() > 0) {
      PrintShare("false rejects", accuracy_.false_rejects(), accuracy_.good());
    }
  }
  PrintShare("class", accuracy_.right_class(), labelled);
  std::printf("\n%-16s", "truth \\ class");
  for (const auto& label : inspector_.release().labels) std::printf(" %9.9s", label.name.c_str());
  std::printf("\n");
  for (std::size_t row = 0; row < accuracy_.confusion().size(); ++row) {
    std::printf("%-16.16s", ClassName(static_cast<int>(row)).c_str());
    for (const std::uint64_t count : accuracy_.confusion()[row]) {
      std::printf(" %9llu", static_cast<unsigned long long>(count));
    }
    std::printf("\n");
  }
}

void InspectRun::PrintSummary() const {
  if (json_) {
    std::printf("%s\n", JsonText(SummaryJson()).c_str());
  } else {
    PrintSummaryText();
  }
}

Result<std::vector<bundle::SampleRow>> RowsOf(const InspectOptions& options,
                                              const std::vector<bundle::Label>& labels) {
  if (!options.data.empty()) return bundle::LoadSamples(options.data, options.split, labels);
  std::vector<bundle::SampleRow> rows;
  for (const std::string& path : options.images) {
    bundle::SampleRow row;
    row.image = path;
    row.part = path;
    row.row = rows.size() + 1;
    rows.push_back(std::move(row));
  }
  return rows;
}

int Inspect(const InspectOptions& options) {
  if (options.images.empty() == options.data.empty()) {
    std::fprintf(stderr,
                 "taktgate: error: expected either images or --data, came %s; see `taktgate "
                 "inspect --help`\n",
                 options.images.empty() ? "neither" : "both");
    return kExitUsage;
  }
  auto release = bundle::ReadBundleFile(options.bundle);
  if (!release) return Refuse(release.error());
  auto rows = RowsOf(options, release->labels);
  if (!rows) return Refuse(rows.error());
  if (rows->empty()) {
    return Refuse({ErrorCode::kNotFound, options.data + ": no rows" +
                                             (options.split.empty() ? "" : " of split ") +
                                             options.split + "; name another --split"});
  }
  auto inspector = inspect::Inspector::Create(std::move(*release), infer::OnnxSettings{});
  if (!inspector) return Refuse(inspector.error().Within(options.bundle));
  const auto left_out = bundle::FilesLeftOut(options.data, options.split);
  if (!left_out.empty()) {
    std::fprintf(stderr, "taktgate: %s\n", bundle::LeftOutText(options.data, left_out).c_str());
  }
  InspectRun run(**inspector, options.json, left_out.size());
  for (const bundle::SampleRow& row : *rows) run.Judge(row);
  run.PrintSummary();
  return run.refused() == 0 ? kExitOk : kExitBadInput;
}

}  // namespace

void AddInspectCommand(const Command& app, int& exit_code) {
  const Command command = app.Sub("inspect", "Judge images with a bundle, without a line");
  auto options = std::make_shared<InspectOptions>();
  command.Add("BUNDLE", options->bundle, "The bundle that decides").Required();
  command.Add("IMAGE", options->images, "Images, each one a whole frame");
  command.Add("--data", options->data, "A sample list (.tsv) or a folder SPLIT/CLASS/image");
  command.Add("--split", options->split, "Only this split of the data");
  command.Flag("--json", options->json, "One JSON object per image, then a summary");
  command.Footer(
      "Example: taktgate inspect demo/demo.tgb board1.png board2.png\n"
      "Example: taktgate inspect my.tgb --data list.tsv --split test --json\n"
      "Exit 1 when an image could not be judged; the others are judged all the same.");
  command.Run([options, &exit_code] { exit_code = Inspect(*options); });
}

}  // namespace taktgate::apps
