#include "apps/demo_bundle.h"

#include <filesystem>
#include <system_error>

namespace taktgate::apps {

std::string FindDemoBundle() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const auto installed = program.parent_path().parent_path() / "share" / "taktgate" / "demo.tgb";
  return std::filesystem::exists(installed, ignored) ? installed.string() : "demo/demo.tgb";
}

}  // namespace taktgate::apps
