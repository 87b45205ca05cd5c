#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "apps/commands.h"
#include "boards/write_images.h"

namespace taktgate::apps {
namespace {

struct SimOptions {
  std::string folder;
  boards::WriteSettings write;
};

int WriteBoards(const SimOptions& options) {
  const bool live = isatty(STDERR_FILENO) != 0;
  const auto progress = [&](std::uint64_t done) {
    if (!live || (done % 100 != 0 && done != options.write.parts)) return;
    std::fprintf(stderr, "\r%llu of %llu boards", static_cast<unsigned long long>(done),
                 static_cast<unsigned long long>(options.write.parts));
    if (done == options.write.parts) std::fprintf(stderr, "\n");
  };
  if (Status written = boards::WriteImages(options.folder, options.write, progress); !written) {
    return Refuse(written.error());
  }
  std::printf("%llu boards of design %llu: %s/parts.tsv%s\n",
              static_cast<unsigned long long>(options.write.parts),
              static_cast<unsigned long long>(options.write.boards.design), options.folder.c_str(),
              options.write.windows ? " and windows.tsv" : "");
  return kExitOk;
}

}  // namespace

void AddSimCommand(const Command& app, int& exit_code) {
  const Command command = app.Sub("sim", "Write images of simulated boards and their list");
  auto options = std::make_shared<SimOptions>();
  boards::WriteSettings& write = options->write;
  write.boards.defect_share = 0.5;
  command.Add("--out", options->folder, "Folder for golden.png, images/ and parts.tsv").Required();
  command.Add("--parts", write.parts, "How many boards")
      .ShowDefault()
      .Between(std::uint64_t{1}, std::uint64_t{1'000'000});
  command.Add("--seed", write.boards.seed, "Which series of boards").ShowDefault();
  command.Add("--design", write.boards.design, "Which layout").ShowDefault();
  command.Add("--defect-share", write.boards.defect_share, "Share of defective boards")
      .ShowDefault()
      .Between(0.0, 1.0);
  command.Flag("--windows", write.windows, "Also windows.tsv: labelled samples for training");
  command.Add("--val", write.val_share, "Share of the parts for validation").Between(0.0, 0.9);
  command.Add("--test", write.test_share, "Share of the parts for testing").Between(0.0, 0.9);
  command.Footer(
      "Example: taktgate sim --out boards --parts 1000 --seed 7\n"
      "Example: taktgate sim --out boards --parts 4000 --windows --val 0.1 --test 0.05");
  command.Run([options, &exit_code] { exit_code = WriteBoards(*options); });
}

}  // namespace taktgate::apps
