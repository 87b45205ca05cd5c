#include "bundle/contract_json.h"

#include <array>
#include <limits>
#include <set>

#include "base/utf8.h"
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
  Fields fields(
      value, file, "input",
      {"name", "width", "height", "channels", "golden", "resize", "fit", "scale", "offset"}, fault);
  image::InputContract input;
  input.tensor_name = TensorName(fields);
  input.width = static_cast<int>(fields.Whole("width", 32, 320));
  input.height = static_cast<int>(fields.Whole("height", 32, 320));
  input.channels = fields.Choice("channels", {"grey", "rgb"}) == 0 ? image::PixelFormat::kGrey8
                                                                   : image::PixelFormat::kRgb8;
  input.golden = fields.Flag("golden");
  input.resize =
      static_cast<image::Resize>(fields.Choice("resize", {"area", "bilinear", "antialias"}));
  if (fields.Has("fit")) {
    input.fit = fields.Choice("fit", {"stretch", "letterbox"}) == 0 ? image::Fit::kStretch
                                                                    : image::Fit::kLetterbox;
  }
  const auto channels = static_cast<std::size_t>(input.channel_count());
  input.scale = PerChannel(fields, "scale", channels);
  input.offset = PerChannel(fields, "offset", channels);
  CheckScale(fields, input);
  return input;
}

constexpr std::array<std::string_view, 4> kOutputRoles = {"logits", "embedding", "channel_means",
                                                          "class_map"};
constexpr std::size_t kLogits = 0;
constexpr std::size_t kClassMap = 3;

// Keys that another role has are as wrong as unknown ones.
void RefuseKeys(Fields& output, std::size_t role, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (!output.Has(key)) continue;
    output.Fail(key, "no such key with the role " + Quoted(kOutputRoles[role]), "one");
  }
}

ExtraOutput ParseExtra(Fields& fields, std::size_t role) {
  ExtraOutput output;
  output.role = static_cast<OutputRole>(role - 1);
  output.name = TensorName(fields);
  if (role == kClassMap) {
    RefuseKeys(fields, role, {"size"});
    output.width = static_cast<int>(fields.Whole("width", 1, 320));
    output.height = static_cast<int>(fields.Whole("height", 1, 320));
  } else {
    RefuseKeys(fields, role, {"width", "height"});
    output.width = static_cast<int>(fields.Whole("size", 1, 4096));
  }
  output.scale = fields.Number("scale", 0, 1e30);
  if (output.scale == 0) fields.Fail("scale", "a number above 0", "0");
  output.zero_point = static_cast<int>(fields.Whole("zero_point", 0, 255));
  return output;
}

// The logits once, every other role at most once, each output with a name of its own.
void ParseOutputs(Fields& document, Contract& contract, std::optional<Error>& fault) {
  const Json& outputs = document.Array("outputs", 1, kOutputRoles.size());
  std::set<std::size_t> roles;
  std::set<std::string> names;
  for (std::size_t i = 0; i < outputs.size() && !fault; ++i) {
    Fields output(outputs[i], document.file(), "outputs[" + std::to_string(i) + "]",
                  {"name", "role", "size", "width", "height", "scale", "zero_point"}, fault);
    const std::size_t role = output.Choice("role", kOutputRoles);
    if (!roles.insert(role).second) {
      output.Fail("role", "every role once", Quoted(kOutputRoles[role]) + " again");
    }
    if (!names.insert(TensorName(output)).second) {
      output.Fail("name", "a name of its own", "that of another output");
    }
    if (role == kLogits) {
      RefuseKeys(output, role, {"size", "width", "height", "scale", "zero_point"});
      contract.logits_name = TensorName(output);
    } else {
      contract.extra_outputs.push_back(ParseExtra(output, role));
    }
  }
  if (!fault && !roles.contains(kLogits)) document.Fail("outputs", "the role \"logits\"", "none");
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
  ParseOutputs(fields, contract, fault);
  if (fault) return *fault;
  return contract;
}

}  // namespace taktgate::bundle
