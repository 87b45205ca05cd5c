#ifndef TAKTGATE_PLUGIN_ONNXRUNTIME_PROVIDER_H_
#define TAKTGATE_PLUGIN_ONNXRUNTIME_PROVIDER_H_

#include <memory>
#include <string>

#include "api.h"
#include "network_node.h"

namespace taktgate::plugin {

// The provider of one session: takes the nodes EPContext whose `source` names it, and no other.
class Provider final : public OrtEp {
 public:
  explicit Provider(const Api& api);

 private:
  OrtStatus* Take(const OrtGraph* graph, OrtEpGraphSupportInfo* taken) const;
  OrtStatus* Make(const OrtGraph* graph, std::unique_ptr<NetworkNode>& made) const;
  // The whole attribute; false: there is none of this name and kind.
  bool Read(const OrtNode* node, const char* name, std::string& value) const;
  bool IsOurs(const OrtNode* node) const;

  const Api api_;
};

}  // namespace taktgate::plugin

#endif  // TAKTGATE_PLUGIN_ONNXRUNTIME_PROVIDER_H_
