#include "provider.h"

#include <cstring>
#include <vector>

namespace taktgate::plugin {

Provider::Provider(const Api& api) : OrtEp{}, api_(api) {
  ort_version_supported = ORT_API_VERSION;
  GetName = [](const OrtEp*) noexcept { return kName; };
  GetCapability = [](OrtEp* self, const OrtGraph* graph, OrtEpGraphSupportInfo* taken) noexcept {
    const auto* provider = static_cast<Provider*>(self);
    return Guarded(provider->api_, [&] { return provider->Take(graph, taken); });
  };
  Compile = [](OrtEp* self, const OrtGraph** graphs, const OrtNode**, std::size_t count,
               OrtNodeComputeInfo** made, OrtNode**) noexcept {
    const auto* provider = static_cast<Provider*>(self);
    return Guarded(provider->api_, [&]() -> OrtStatus* {
      std::vector<std::unique_ptr<NetworkNode>> nodes(count);
      for (std::size_t k = 0; k < count; ++k) {
        if (auto* status = provider->Make(graphs[k], nodes[k])) return status;
      }
      for (std::size_t k = 0; k < count; ++k) made[k] = nodes[k].release();
      return nullptr;
    });
  };
  ReleaseNodeComputeInfos = [](OrtEp*, OrtNodeComputeInfo** made, std::size_t count) noexcept {
    for (std::size_t k = 0; k < count; ++k) delete static_cast<NetworkNode*>(made[k]);
  };
}

OrtStatus* Provider::Take(const OrtGraph* graph, OrtEpGraphSupportInfo* taken) const {
  std::size_t count = 0;
  if (auto* status = api_.ort->Graph_GetNumNodes(graph, &count)) return status;
  std::vector<const OrtNode*> nodes(count);
  if (auto* status = api_.ort->Graph_GetNodes(graph, nodes.data(), count)) return status;
  for (const OrtNode* node : nodes) {
    if (!IsOurs(node)) continue;
    if (auto* status = api_.ep->EpGraphSupportInfo_AddNodesToFuse(taken, &node, 1, nullptr)) {
      return status;
    }
  }
  return nullptr;
}

OrtStatus* Provider::Make(const OrtGraph* graph, std::unique_ptr<NetworkNode>& made) const {
  const OrtNode* node = nullptr;
  if (auto* status = api_.ort->Graph_GetNodes(graph, &node, 1)) return status;
  std::string network;
  if (!Read(node, "ep_cache_context", network)) {
    return api_.Refusal("expected a compiled network in ep_cache_context, got none");
  }
  const std::string wrong = NetworkNode::Load(api_, network, made);
  return wrong.empty() ? nullptr : api_.Refusal("ep_cache_context: " + wrong);
}

bool Provider::Read(const OrtNode* node, const char* name, std::string& value) const {
  const OrtOpAttr* attribute = nullptr;
  if (!api_.Works(api_.ort->Node_GetAttributeByName(node, name, &attribute)) ||
      attribute == nullptr) {
    return false;
  }
  std::size_t size = 0;  // said by a call that has no room
  (void)api_.Works(api_.ort->ReadOpAttr(attribute, ORT_OP_ATTR_STRING, nullptr, 0, &size));
  value.resize(size);
  return api_.Works(api_.ort->ReadOpAttr(attribute, ORT_OP_ATTR_STRING, value.data(), size, &size));
}

bool Provider::IsOurs(const OrtNode* node) const {
  const char* type = nullptr;
  std::string source;
  return api_.Works(api_.ort->Node_GetOperatorType(node, &type)) &&
         std::strcmp(type, "EPContext") == 0 && Read(node, "source", source) &&
         source.c_str() == std::string(kName);
}

}  // namespace taktgate::plugin
