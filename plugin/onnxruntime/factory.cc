// What ONNX Runtime looks for in a library of execution providers.
#include <memory>

#include "api.h"
#include "provider.h"

namespace taktgate::plugin {
namespace {

class Factory final : public OrtEpFactory {
 public:
  explicit Factory(const Api& api) : OrtEpFactory{}, api_(api) {
    ort_version_supported = ORT_API_VERSION;
    GetName = [](const OrtEpFactory*) noexcept { return kName; };
    GetVendor = [](const OrtEpFactory*) noexcept { return "taktgate"; };
    GetVendorId = [](const OrtEpFactory*) noexcept { return std::uint32_t{0}; };
    GetVersion = [](const OrtEpFactory*) noexcept { return kVersion; };
    GetSupportedDevices = &Devices;
    CreateEp = [](OrtEpFactory* self, const OrtHardwareDevice* const*,
                  const OrtKeyValuePairs* const*, std::size_t, const OrtSessionOptions*,
                  const OrtLogger*, OrtEp** made) noexcept {
      const Api& of_self = static_cast<Factory*>(self)->api_;
      return Guarded(of_self, [&]() -> OrtStatus* {
        *made = new Provider(of_self);
        return nullptr;
      });
    };
    ReleaseEp = [](OrtEpFactory*, OrtEp* provider) noexcept {
      delete static_cast<Provider*>(provider);
    };
    CreateAllocator = [](OrtEpFactory*, const OrtMemoryInfo*, const OrtKeyValuePairs*,
                         OrtAllocator** made) noexcept -> OrtStatus* {
      *made = nullptr;  // the CPU's own
      return nullptr;
    };
    ReleaseAllocator = [](OrtEpFactory*, OrtAllocator*) noexcept {};
    CreateDataTransfer = [](OrtEpFactory*, OrtDataTransferImpl** made) noexcept -> OrtStatus* {
      *made = nullptr;
      return nullptr;
    };
    IsStreamAware = [](const OrtEpFactory*) noexcept { return false; };
  }

 private:
  // The CPU, once.
  static OrtStatus* Devices(OrtEpFactory* self, const OrtHardwareDevice* const* devices,
                            std::size_t count, OrtEpDevice** found, std::size_t most,
                            std::size_t* number) noexcept {
    const Api& api = static_cast<Factory*>(self)->api_;
    *number = 0;
    for (std::size_t k = 0; k < count && *number < most; ++k) {
      if (api.ort->HardwareDevice_Type(devices[k]) != OrtHardwareDeviceType_CPU) continue;
      return api.ep->CreateEpDevice(self, devices[k], nullptr, nullptr, &found[(*number)++]);
    }
    return nullptr;
  }

  const Api api_;
};

}  // namespace
}  // namespace taktgate::plugin

extern "C" __attribute__((visibility("default"))) OrtStatus* CreateEpFactories(
    const char*, const OrtApiBase* base, const OrtLogger*, OrtEpFactory** factories,
    std::size_t most, std::size_t* number) {
  using taktgate::plugin::Api;
  const OrtApi* ort = base->GetApi(ORT_API_VERSION);  // null: it is older than 1.23
  const Api api{ort, ort == nullptr ? nullptr : ort->GetEpApi()};
  *number = 0;
  if (most == 0 || api.ep == nullptr) return nullptr;
  return taktgate::plugin::Guarded(api, [&]() -> OrtStatus* {
    factories[0] = new taktgate::plugin::Factory(api);
    *number = 1;
    return nullptr;
  });
}

extern "C" __attribute__((visibility("default"))) OrtStatus* ReleaseEpFactory(
    OrtEpFactory* factory) {
  delete static_cast<taktgate::plugin::Factory*>(factory);
  return nullptr;
}
