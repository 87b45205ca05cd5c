#ifndef TAKTGATE_SESSION_LOAD_RELEASE_H_
#define TAKTGATE_SESSION_LOAD_RELEASE_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "infer/classifier.h"
#include "infer/engine.h"
#include "inspect/inspector.h"

namespace taktgate::session {

// The release of a bundle, verified, loaded and ready to judge; messages name the file.
Result<std::unique_ptr<inspect::Inspector>> LoadRelease(const std::filesystem::path& bundle,
                                                        const infer::LoadSettings& settings);

// What a person should know of a release that was loaded: kernels that were left out, settings
// that its engine has no use for.
std::vector<std::string> NoticesOf(const infer::Classifier& classifier,
                                   const infer::LoadSettings& settings);

}  // namespace taktgate::session

#endif  // TAKTGATE_SESSION_LOAD_RELEASE_H_
