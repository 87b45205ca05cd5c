#ifndef TAKTGATE_APPS_DEMO_BUNDLE_H_
#define TAKTGATE_APPS_DEMO_BUNDLE_H_

#include <string>

namespace taktgate::apps {

// The demo's release: installed beside the program, or in the source tree when called from there.
std::string FindDemoBundle();

}  // namespace taktgate::apps

#endif  // TAKTGATE_APPS_DEMO_BUNDLE_H_
