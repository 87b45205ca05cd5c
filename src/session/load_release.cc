#include "session/load_release.h"

#include <utility>

#include "bundle/read_bundle.h"

namespace taktgate::session {

Result<std::unique_ptr<inspect::Inspector>> LoadRelease(const std::filesystem::path& bundle,
                                                        const infer::LoadSettings& settings) {
  auto release = bundle::ReadBundleFile(bundle);
  if (!release) return release.error();
  return inspect::Inspector::Create(std::move(*release), settings).Within(bundle.string());
}

std::vector<std::string> NoticesOf(const infer::Classifier& classifier,
                                   const infer::LoadSettings& settings) {
  std::vector<std::string> notices;
  if (std::string warning = classifier.warning(); !warning.empty()) {
    notices.push_back(std::move(warning));
  }
  if (const int used = classifier.threads(); used < settings.threads) {
    notices.push_back("[inference] threads = " + std::to_string(settings.threads) +
                      " is more than a run uses: " + classifier.name() + " runs on " +
                      std::to_string(used) + (used == 1 ? " thread" : " threads"));
  }
  return notices;
}

}  // namespace taktgate::session
