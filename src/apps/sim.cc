#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "apps/commands.h"
#include "sim/write_images.h"

namespace taktgate::apps {
namespace {

struct SimOptions {
  std::string folder;
  sim::WriteSettings write;
};

int WriteBoards(const SimOptions& options) {
  const bool live = isatty(STDERR_FILENO) != 0;
  const auto progress = [&](std::uint64_t done) {
    if (!live || (done % 100 != 0 && done != options.write.parts)) return;
    std::fprintf(stderr, "\r%llu of %llu boards", static_cast<unsigned long long>(done),
                 static_cast<unsigned long long>(options.write.parts));
    if (done == options.write.parts) std::fprintf(stderr, "\n");
  };
  if (Status written = sim::WriteImages(options.folder, options.write, progress); !written) {
    return Refuse(written.error());
  }
  std::printf("%llu boards of design %llu: %s/parts.tsv%s\n",
              static_cast<unsigned long long>(options.write.parts),
              static_cast<unsigned long long>(options.write.boards.design), options.folder.c_str(),
              options.write.windows ? " and windows.tsv" : "");
  return kExitOk;
}

}  // namespace

void AddSimCommand(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("sim", "Write images of simulated boards and their list");
  auto options = std::make_shared<SimOptions>();
  sim::WriteSettings& write = options->write;
  write.boards.defect_share = 0.5;
  command->add_option("--out", options->folder, "Folder for golden.png, images/ and parts.tsv")
      ->required();
  command->add_option("--parts", write.parts, "How many boards")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}));
  command->add_option("--seed", write.boards.seed, "Which series of boards")->capture_default_str();
  command->add_option("--design", write.boards.design, "Which layout")->capture_default_str();
  command->add_option("--defect-share", write.boards.defect_share, "Share of defective boards")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command->add_flag("--windows", write.windows, "Also windows.tsv: labelled samples for training");
  command->add_option("--val", write.val_share, "Share of the parts for validation")
      ->check(CLI::Range(0.0, 0.9));
  command->add_option("--test", write.test_share, "Share of the parts for testing")
      ->check(CLI::Range(0.0, 0.9));
  command->footer(
      "Example: taktgate sim --out boards --parts 1000 --seed 7\n"
      "Example: taktgate sim --out boards --parts 4000 --windows --val 0.1 --test 0.05");
  command->callback([options, &exit_code] { exit_code = WriteBoards(*options); });
}

}  // namespace taktgate::apps
