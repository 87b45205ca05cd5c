#ifndef TAKTGATE_PLUGIN_ONNXRUNTIME_API_H_
#define TAKTGATE_PLUGIN_ONNXRUNTIME_API_H_

#include <onnxruntime_c_api.h>

#include <string>

namespace taktgate::plugin {

inline constexpr char kName[] = "TaktgateInt8";  // of the provider, and of `source` in its nodes
inline constexpr char kVersion[] = "0.1.0";

// ONNX Runtime's functions, as it hands them to a library of providers. Nothing of it is linked.
struct Api {
  const OrtApi* ort = nullptr;
  const OrtEpApi* ep = nullptr;

  OrtStatus* Refusal(const std::string& words) const {
    return ort->CreateStatus(ORT_INVALID_ARGUMENT, words.c_str());
  }
  // Whether a call worked; what it says is dropped.
  bool Works(OrtStatus* status) const {
    if (status == nullptr) return true;
    ort->ReleaseStatus(status);
    return false;
  }
};

// Does `work`, which gives a status, and lets no exception out.
template <typename Work>
OrtStatus* Guarded(const Api& api, const Work& work) noexcept {
  try {
    return work();
  } catch (...) {
    return api.ort->CreateStatus(ORT_FAIL, "the system has no memory for it");
  }
}

}  // namespace taktgate::plugin

#endif  // TAKTGATE_PLUGIN_ONNXRUNTIME_API_H_
