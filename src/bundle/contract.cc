#include "bundle/contract.h"

#include <limits>

#include "bundle/fields.h"
#include "bundle/names.h"

namespace taktgate::bundle {
namespace {

constexpr std::size_t kLongestTensorName = 128;

std::string TensorName(Fields& fields) {
  const std::string name = fields.Text("name");
  if (!IsPlain(name, kLongestTensorName)) {
    fields.Fail("name", "a tensor's name of 1 to 128 bytes without control characters",
                Quoted(name));
  }
  return name;
}

std::vector<double> PerChannel(Fields& fields, std::string_view key, std::size_t channels) {
  std::vector<double> values;
  for (const Json& value : fields.Array(key, channels, channels)) {
    if (!value.is_number()) fields.Fail(key, "numbers", Describe(value));
    values.push_back(value.is_number() ? value.get<double>() : 0.0);
  }
  return values;
}

// The tensor is float32: what a pixel of 255 gives must be one.
void CheckScale(Fields& fields, const image::InputContract& input) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  for (std::size_t i = 0; i < input.scale.size() && i < input.offset.size(); ++i) {
    const double white = 255.0 * input.scale[i] + input.offset[i];
    const bool fits = white <= kLargest && white >= -kLargest && input.offset[i] <= kLargest &&
                      input.offset[i] >= -kLargest;
    if (!fits) fields.Fail("scale", "pixel values that fit float32 after scaling", "larger ones");
  }
}

image::InputContract ParseInput(const Json& value, const std::string& file,
                                std::optional<Error>& fault) {
  Fields fields(value, file, "input",
                {"name", "width", "height", "channels", "golden", "resize", "scale", "offset"},
                fault);
  image::InputContract input;
  input.tensor_name = TensorName(fields);
  input.width = static_cast<int>(fields.Whole("width", 32, 320));
  input.height = static_cast<int>(fields.Whole("height", 32, 320));
  input.channels = fields.Choice("channels", {"grey", "rgb"}) == 0 ? image::PixelFormat::kGrey8
                                                                   : image::PixelFormat::kRgb8;
  input.golden = fields.Flag("golden");
  input.resize = fields.Choice("resize", {"area", "bilinear"}) == 0 ? image::Resize::kArea
                                                                    : image::Resize::kBilinear;
  const auto channels = static_cast<std::size_t>(input.channel_count());
  input.scale = PerChannel(fields, "scale", channels);
  input.offset = PerChannel(fields, "offset", channels);
  CheckScale(fields, input);
  return input;
}

std::string ParseOutputs(Fields& document, std::optional<Error>& fault) {
  const Json& outputs = document.Array("outputs", 1, 1);
  if (document.failed()) return {};
  Fields output(outputs[0], document.file(), "outputs[0]", {"name", "role"}, fault);
  output.Choice("role", {"logits"});
  return TensorName(output);
}

}  // namespace

Result<Contract> ParseContract(std::span<const std::uint8_t> bytes, const std::string& file) {
  Result<Json> document = ParseJson(bytes, file);
  if (!document) return document.error();
  if (Status schema = CheckSchema(*document, file); !schema) return schema.error();

  std::optional<Error> fault;
  Fields fields(*document, file, "", {"schema", "input", "outputs"}, fault);
  Contract contract;
  contract.input = ParseInput(fields.Value("input"), file, fault);
  contract.logits_name = ParseOutputs(fields, fault);
  if (fault) return *fault;
  return contract;
}

}  // namespace taktgate::bundle
