#include <cstdio>
#include <memory>
#include <string>

#include "apps/commands.h"
#include "bundle/read_bundle.h"
#include "infer/int8_engine.h"

namespace taktgate::apps {
namespace {

void PrintContract(const bundle::Release& release) {
  const image::InputContract& input = release.contract.input;
  std::printf("input     %s: %d x %d px, %s%s, %s resize\n", input.tensor_name.c_str(), input.width,
              input.height, input.channels == image::PixelFormat::kGrey8 ? "grey" : "rgb",
              input.golden ? " + golden" : "", image::ToString(input.resize).data());
  std::printf("labels   ");
  for (const bundle::Label& label : release.labels) {
    std::printf(" %s%s", label.name.c_str(), label.pass ? " (pass)" : "");
  }
  std::printf("\n");
}

void PrintRecipe(const bundle::Recipe& recipe) {
  if (recipe.windows.empty()) {
    std::printf("windows   the whole frame\n");
  } else {
    for (const bundle::Window& window : recipe.windows) {
      std::printf("window    %s: %d x %d px at %d, %d\n", window.name.c_str(), window.rect.w,
                  window.rect.h, window.rect.x, window.rect.y);
    }
  }
  if (recipe.alignment) {
    std::printf("alignment up to %d px, score at least %g\n", recipe.alignment->max_shift,
                recipe.alignment->min_score);
  }
  std::printf("defect score: pass at most %g, fail at least %g\n", recipe.thresholds.pass_at_most,
              recipe.thresholds.fail_at_least);
}

const char* SignatureInWords(const bundle::Release& release) {
  return release.has_signature ? "present, not checked by this version" : "none";
}

const char* EnginesFor(const bundle::Release& release) {
  if (release.network.empty()) return "onnxruntime (it has no compiled network)";
  if (release.model.empty()) return "taktgate (it has no ONNX model)";
  return "taktgate, onnxruntime";
}

// The bundle, and the compiled network in it: its digests say nothing about what was packed.
Result<bundle::Release> ReadSound(const std::string& path) {
  auto release = bundle::ReadBundleFile(path);
  if (!release) return release;
  if (Status sound = infer::CheckCompiledNetwork(*release); !sound) {
    return sound.error().Within(path);
  }
  return release;
}

int Show(const std::string& path) {
  const auto release = ReadSound(path);
  if (!release) return Refuse(release.error());
  std::printf("release   %s %s\nid        %s\nsignature %s\n", release->name.c_str(),
              release->version.c_str(), release->id.c_str(), SignatureInWords(*release));
  for (const bundle::Member& member : release->members) {
    std::printf("file      %-18s %-12s %9llu bytes  %s\n", member.name.c_str(), member.role.c_str(),
                static_cast<unsigned long long>(member.size), member.sha256.substr(0, 12).c_str());
  }
  std::printf("engines   %s\n", EnginesFor(*release));
  PrintContract(*release);
  PrintRecipe(release->recipe);
  if (!release->certificate.empty()) {
    std::printf("certificate\n%s\n", release->certificate.c_str());
  }
  return kExitOk;
}

int Verify(const std::string& path) {
  const auto release = ReadSound(path);
  if (!release) return Refuse(release.error());
  std::printf("%s: whole and sound, release %s %s, id %s, signature %s\n", path.c_str(),
              release->name.c_str(), release->version.c_str(), release->id.c_str(),
              SignatureInWords(*release));
  return kExitOk;
}

}  // namespace

void AddBundleCommand(const Command& app, int& exit_code) {
  const Command command = app.Sub("bundle", "Look into a bundle");
  command.NeedSub();
  command.Footer("Example: taktgate bundle show demo/demo.tgb");
  auto path = std::make_shared<std::string>();
  const Command show = command.Sub("show", "Verify a bundle and print what is in it");
  show.Add("BUNDLE", *path, "The bundle file").Required();
  show.Footer("Example: taktgate bundle show demo/demo.tgb");
  show.Run([path, &exit_code] { exit_code = Show(*path); });
  const Command verify =
      command.Sub("verify", "Verify every byte of a bundle, and its compiled network");
  verify.Add("BUNDLE", *path, "The bundle file").Required();
  verify.Footer("Example: taktgate bundle verify demo/demo.tgb\nExit 1 when it is not sound.");
  verify.Run([path, &exit_code] { exit_code = Verify(*path); });
}

}  // namespace taktgate::apps
