#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/runtime_option.h"
#include "bundle/read_bundle.h"
#include "inspect/inspector.h"
#include "inspect/sample_judge.h"
#include "inspect/sample_report.h"
#include "samples/sample_folder.h"
#include "samples/sample_list.h"

namespace taktgate::apps {
namespace {

struct InspectOptions {
  std::string bundle;
  std::vector<std::string> images;
  std::string data;
  std::string split;
  std::string runtime = "auto";
  bool json = false;
};

void SayRefused(const samples::SampleRow& row, const std::string& why) {
  const bool is_named = why.starts_with(row.image.string() + ":");
  std::fprintf(stderr, "taktgate: error: %s%s%s\n", is_named ? "" : row.image.c_str(),
               is_named ? "" : ": ", why.c_str());
}

void JudgeSample(inspect::SampleJudge& judge, const samples::SampleRow& row, bool json) {
  const auto judged = judge.Judge(row);
  const std::string why = judged ? "" : judged.error().message;
  if (!judged) SayRefused(row, why);
  const inspect::Inspection nothing;
  const inspect::Inspection& inspection = judged ? **judged : nothing;
  if (json) {
    std::fputs(inspect::SampleJson(judge.release(), row, inspection, why).c_str(), stdout);
  } else if (judged) {
    std::fputs(inspect::SampleText(judge.release(), row, inspection).c_str(), stdout);
  }
}

Result<std::vector<samples::SampleRow>> RowsOf(const InspectOptions& options,
                                               const std::vector<bundle::Label>& labels) {
  if (!options.data.empty()) return samples::LoadSamples(options.data, options.split, labels);
  std::vector<samples::SampleRow> rows;
  for (const std::string& path : options.images) {
    samples::SampleRow row;
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
                 "taktgate: error: expected either images or --data, got %s; see `taktgate "
                 "inspect --help`\n",
                 options.images.empty() ? "neither" : "both");
    return kExitUsage;
  }
  const auto settings = SettingsFor(options.runtime);
  if (!settings) return Refuse(settings.error());
  auto release = bundle::ReadBundleFile(options.bundle);
  if (!release) return Refuse(release.error());
  auto rows = RowsOf(options, release->labels);
  if (!rows) return Refuse(rows.error());
  if (rows->empty()) {
    return Refuse({ErrorCode::kNotFound, options.data + ": no rows" +
                                             (options.split.empty() ? "" : " of split ") +
                                             options.split + "; name another --split"});
  }
  auto inspector = inspect::Inspector::Create(std::move(*release), *settings);
  if (!inspector) return Refuse(inspector.error().Within(options.bundle));
  if (const std::string warning = (*inspector)->classifier().warning(); !warning.empty()) {
    std::fprintf(stderr, "taktgate: %s\n", warning.c_str());
  }
  const auto left_out = samples::FilesLeftOut(options.data, options.split);
  if (!left_out.empty()) {
    std::fprintf(stderr, "taktgate: %s\n", samples::LeftOutText(options.data, left_out).c_str());
  }
  inspect::SampleJudge judge(**inspector);
  for (const samples::SampleRow& row : *rows) JudgeSample(judge, row, options.json);
  std::fputs((options.json ? inspect::SummaryJson(judge, left_out.size())
                           : inspect::SummaryText(judge, left_out.size()))
                 .c_str(),
             stdout);
  return judge.counts().refused == 0 ? kExitOk : kExitBadInput;
}

}  // namespace

void AddInspectCommand(const Command& app, int& exit_code) {
  const Command command = app.Sub("inspect", "Judge images with a bundle, without a line");
  auto options = std::make_shared<InspectOptions>();
  command.Add("BUNDLE", options->bundle, "The bundle that decides").Required();
  command.Add("IMAGE", options->images, "Images, each one a whole frame");
  command.Add("--data", options->data, "A sample list (.tsv) or a folder SPLIT/CLASS/image");
  command.Add("--split", options->split, "Only this split of the data");
  AddRuntimeOption(command, options->runtime);
  command.Flag("--json", options->json, "One JSON object per image, then a summary");
  command.Footer(
      "Example: taktgate inspect demo/demo.tgb board1.png board2.png\n"
      "Example: taktgate inspect my.tgb --data list.tsv --split test --json\n"
      "Exit 1 when an image could not be judged; the others are judged all the same.");
  command.Run([options, &exit_code] { exit_code = Inspect(*options); });
}

}  // namespace taktgate::apps
