#include "network_node.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace taktgate::plugin {
namespace {

constexpr int kImagesAtOnce = 16;

std::int64_t SizeOf(const taktgate_int8_output& output) {
  return std::int64_t{output.height} * output.width * output.channels;
}

std::string Shape(const std::vector<std::int64_t>& sides) {
  std::string text;
  for (const std::int64_t side : sides) text += (text.empty() ? "" : " x ") + std::to_string(side);
  return text;
}

}  // namespace

std::string NetworkNode::Load(const Api& api, const std::string& network,
                              std::unique_ptr<NetworkNode>& node) {
  taktgate_int8* loaded = nullptr;
  std::array<char, 512> message{};
  const auto status = taktgate_int8_load(network.data(), network.size(), kImagesAtOnce, nullptr,
                                         &loaded, message.data(), message.size());
  if (status != TAKTGATE_INT8_OK) return message.data();
  node.reset(new NetworkNode(api, Network(loaded)));
  return "";
}

NetworkNode::NetworkNode(const Api& api, Network network)
    : OrtNodeComputeInfo{}, api_(api), network_(std::move(network)) {
  ort_version_supported = ORT_API_VERSION;
  CreateState = [](OrtNodeComputeInfo* self, OrtNodeComputeContext*, void** state) {
    *state = self;  // a node has no state but its own
    return static_cast<OrtStatus*>(nullptr);
  };
  OrtNodeComputeInfo::Compute = [](OrtNodeComputeInfo* self, void*, OrtKernelContext* context) {
    auto* node = static_cast<NetworkNode*>(self);
    return Guarded(node->api_, [&] { return node->Run(context); });
  };
  ReleaseState = [](OrtNodeComputeInfo*, void*) {};
  taktgate_int8_describe(network_.get(), &info_);
  planes_.resize(static_cast<std::size_t>(kImagesAtOnce * info_.channels));
  extra_outputs_.resize(static_cast<std::size_t>(info_.extra_outputs));
  for (int k = 0; k < info_.extra_outputs; ++k) {
    taktgate_int8_describe_output(network_.get(), k, &extra_outputs_[static_cast<std::size_t>(k)]);
  }
}

OrtStatus* NetworkNode::Run(OrtKernelContext* context) {
  const std::scoped_lock lock(one_run_);
  const OrtValue* tensor = nullptr;
  if (auto* status = api_.ort->KernelContext_GetInput(context, 0, &tensor)) return status;
  const std::uint8_t* pixels = nullptr;
  std::int64_t images = 0;
  if (auto* status = ReadPixels(tensor, pixels, images)) return status;
  if (auto* status = Outputs(context, images)) return status;
  return Compute(pixels, images);
}

OrtStatus* NetworkNode::ReadPixels(const OrtValue* tensor, const std::uint8_t*& pixels,
                                   std::int64_t& images) {
  OrtTensorTypeAndShapeInfo* info = nullptr;
  if (auto* status = api_.ort->GetTensorTypeAndShape(tensor, &info)) return status;
  ONNXTensorElementDataType type{};
  std::size_t count = 0;
  bool known = api_.Works(api_.ort->GetTensorElementType(info, &type)) &&
               api_.Works(api_.ort->GetDimensionsCount(info, &count));
  std::vector<std::int64_t> sides(count);
  known = known && api_.Works(api_.ort->GetDimensions(info, sides.data(), count));
  api_.ort->ReleaseTensorTypeAndShapeInfo(info);
  const std::vector<std::int64_t> wanted = {sides.empty() ? 0 : sides[0], info_.height, info_.width,
                                            info_.channels};
  if (!known || type != ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 || sides != wanted) {
    return api_.Refusal("expected uint8 pixels of images x " +
                        Shape({info_.height, info_.width, info_.channels}) + ", got type " +
                        std::to_string(type) + " of " + Shape(sides));
  }
  images = sides[0];
  void* data = nullptr;
  if (auto* status = api_.ort->GetTensorMutableData(const_cast<OrtValue*>(tensor), &data)) {
    return status;  // it is read only
  }
  pixels = static_cast<const std::uint8_t*>(data);
  return nullptr;
}

OrtStatus* NetworkNode::Outputs(OrtKernelContext* context, std::int64_t images) {
  std::size_t count = 0;
  if (auto* status = api_.ort->KernelContext_GetOutputCount(context, &count)) return status;
  if (count > 1 + extra_outputs_.size()) {
    return api_.Refusal("expected at most " + std::to_string(1 + extra_outputs_.size()) +
                        " outputs of this network, got " + std::to_string(count));
  }
  codes_.clear();
  for (std::size_t k = 0; k < count; ++k) {
    std::vector<std::int64_t> sides = {images, info_.labels};
    if (k > 0) {
      const taktgate_int8_output& output = extra_outputs_[k - 1];
      sides = {images, output.height, output.width, output.channels};
    }
    OrtValue* value = nullptr;
    void* data = nullptr;
    if (auto* status =
            api_.ort->KernelContext_GetOutput(context, k, sides.data(), sides.size(), &value)) {
      return status;
    }
    if (auto* status = api_.ort->GetTensorMutableData(value, &data)) return status;
    if (k == 0) {
      logits_ = static_cast<float*>(data);
    } else {
      codes_.push_back(static_cast<std::uint8_t*>(data));
    }
  }
  return nullptr;
}

OrtStatus* NetworkNode::Compute(const std::uint8_t* pixels, std::int64_t images) {
  const std::ptrdiff_t row = std::ptrdiff_t{info_.width} * info_.channels;
  std::array<char, 512> message{};
  for (std::int64_t first = 0; first < images; first += kImagesAtOnce) {
    const int now = static_cast<int>(std::min<std::int64_t>(kImagesAtOnce, images - first));
    for (int image = 0; image < now; ++image) {
      for (int c = 0; c < info_.channels; ++c) {
        planes_[static_cast<std::size_t>(image * info_.channels + c)] = {
            pixels + (first + image) * row * info_.height + c, row, info_.channels};
      }
    }
    const auto status =
        taktgate_int8_run(network_.get(), planes_.data(), now, logits_ + first * info_.labels,
                          message.data(), message.size());
    if (status != TAKTGATE_INT8_OK) return api_.Refusal(message.data());
    for (std::size_t k = 0; k < codes_.size(); ++k) {
      const std::int64_t size = SizeOf(extra_outputs_[k]);
      for (int image = 0; image < now; ++image) {
        std::memcpy(codes_[k] + (first + image) * size,
                    taktgate_int8_codes(network_.get(), image, static_cast<int>(k)),
                    static_cast<std::size_t>(size));
      }
    }
  }
  return nullptr;
}

}  // namespace taktgate::plugin
