#ifndef TAKTGATE_PLUGIN_ONNXRUNTIME_NETWORK_NODE_H_
#define TAKTGATE_PLUGIN_ONNXRUNTIME_NETWORK_NODE_H_

#include <taktgate/int8.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api.h"

namespace taktgate::plugin {

// A node that is a compiled network. Input: uint8 pixels [images, height, width, channels].
// Outputs: float logits [images, labels], then the extra outputs as uint8 codes [images, height,
// width, channels], as many as the node has.
//
// Threads: any; runs of one node wait for each other.
class NetworkNode final : public OrtNodeComputeInfo {
 public:
  // What is wrong with the bytes, in words; "" and `node` if nothing.
  static std::string Load(const Api& api, const std::string& network,
                          std::unique_ptr<NetworkNode>& node);

 private:
  struct Free {
    void operator()(taktgate_int8* network) const { taktgate_int8_free(network); }
  };
  using Network = std::unique_ptr<taktgate_int8, Free>;

  NetworkNode(const Api& api, Network network);
  OrtStatus* Run(OrtKernelContext* context);
  OrtStatus* ReadPixels(const OrtValue* tensor, const std::uint8_t*& pixels, std::int64_t& images);
  OrtStatus* Outputs(OrtKernelContext* context, std::int64_t images);
  OrtStatus* Compute(const std::uint8_t* pixels, std::int64_t images);

  const Api api_;
  const Network network_;
  taktgate_int8_info info_{};
  std::mutex one_run_;
  std::vector<taktgate_int8_plane> planes_;
  float* logits_ = nullptr;           // of the run in progress
  std::vector<std::uint8_t*> codes_;  // the same
  std::vector<taktgate_int8_output> extra_outputs_;
};

}  // namespace taktgate::plugin

#endif  // TAKTGATE_PLUGIN_ONNXRUNTIME_NETWORK_NODE_H_
