#include "infer/int8_engine.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "infer/int8_classifier.h"
#include "int8/engine.h"
#include "int8/kernels/isa.h"
#include "int8/kernels/kernels.h"
#include "int8/network/network_file.h"
#include "int8/network/network_layout.h"

namespace taktgate::infer {
namespace {

constexpr std::size_t kMostWindowsOfARun = 64;
// A scale is a float in the network, and digits in the contract.
constexpr double kNearlyOne = 1e-6;

std::string SizeInWords(int height, int width, int channels) {
  return std::to_string(width) + " x " + std::to_string(height) + " px with " +
         std::to_string(channels) + (channels == 1 ? " channel" : " channels");
}

Error Differs(const std::string& what, const std::string& expected, const std::string& came) {
  return {ErrorCode::kInvalid, "compiled network: " + what + ": expected " + expected +
                                   " as in the contract, got " + came +
                                   "; make the bundle again with `taktgate-prep pack`"};
}

Error NoMemory() {
  return {ErrorCode::kIo,
          "expected memory for the compiled network, got none; free some, or take a smaller "
          "network"};
}

int8::OutputRole RoleInNetwork(bundle::OutputRole role) {
  switch (role) {
    case bundle::OutputRole::kEmbedding:
      return int8::OutputRole::kEmbedding;
    case bundle::OutputRole::kChannelMeans:
      return int8::OutputRole::kChannelMeans;
    case bundle::OutputRole::kClassMap:
      break;
  }
  return int8::OutputRole::kClassMap;
}

Status CheckInput(const int8::Tensor& input, const image::InputContract& contract) {
  const int channels = contract.channel_count();
  if (input.height == contract.height && input.width == contract.width &&
      input.channels == channels) {
    return {};
  }
  return Differs("input", SizeInWords(contract.height, contract.width, channels),
                 SizeInWords(input.height, input.width, input.channels));
}

// Where the network has this output.
Result<std::size_t> PlaceOf(const bundle::ExtraOutput& wanted, const int8::Network& network) {
  const auto found = std::ranges::find(network.extra_outputs, RoleInNetwork(wanted.role),
                                       &int8::ExtraOutput::role);
  if (found == network.extra_outputs.end()) {
    return Differs("outputs", "the output \"" + wanted.name + "\"", "none of its role");
  }
  const int8::Tensor& tensor = network.tensors[static_cast<std::size_t>(found->tensor)];
  const std::string what = "output \"" + wanted.name + "\"";
  if (tensor.size() != wanted.size()) {
    return Differs(what, std::to_string(wanted.size()) + " values", std::to_string(tensor.size()));
  }
  const double scale = static_cast<double>(tensor.scale);
  if (tensor.zero_point != wanted.zero_point ||
      std::abs(scale - wanted.scale) > kNearlyOne * wanted.scale) {
    return Differs(what,
                   "the scale " + std::to_string(wanted.scale) + " and the zero point " +
                       std::to_string(wanted.zero_point),
                   std::to_string(scale) + " and " + std::to_string(tensor.zero_point));
  }
  return static_cast<std::size_t>(found - network.extra_outputs.begin());
}

Result<std::vector<std::size_t>> PlacesOf(const bundle::Contract& contract,
                                          const int8::Network& network) {
  std::vector<std::size_t> places;
  for (const bundle::ExtraOutput& wanted : contract.extra_outputs) {
    const auto place = PlaceOf(wanted, network);
    if (!place) return place.error();
    places.push_back(*place);
  }
  return places;
}

// A network that goes with the contract, and where it has each extra output of that.
struct FittingNetwork {
  int8::Network network;
  std::vector<std::size_t> extras;
};

Error Unreadable(const Error& error) {
  Error refused = error.Within("compiled network");
  if (error.code == ErrorCode::kUnsupported) refused.message += "; install a newer taktgate, or";
  refused.message += (error.code == ErrorCode::kUnsupported ? " " : "; ") +
                     std::string("make the bundle again with `taktgate-prep pack`");
  return refused;
}

Result<FittingNetwork> ReadFitting(const bundle::Release& release) {
  auto network = int8::ReadNetwork(release.network);
  if (!network) return Unreadable(network.error());
  const bundle::Contract& contract = release.contract;
  if (Status fits = CheckInput(network->input(), contract.input); !fits) return fits.error();
  auto extras = PlacesOf(contract, *network);
  if (!extras) return extras.error();
  const std::size_t labels = release.labels.size();
  if (const int came = network->labels(); static_cast<std::size_t>(came) != labels) {
    return Differs("logits", "one for each of " + std::to_string(labels) + " labels",
                   std::to_string(came));
  }
  return FittingNetwork{std::move(*network), std::move(*extras)};
}

// The set that was asked for by name.
Result<int8::Isa> KernelsOf(const EngineChoice& choice, int weight_bits) {
  const auto isa = int8::IsaNamed(choice.kernels);
  if (!isa) return isa.error();
  if (int8::KernelsFor(*isa, weight_bits) != nullptr) return *isa;
  std::vector<int8::Isa> known = int8::IsasOfThisCpu();
  std::erase_if(known, [weight_bits](int8::Isa one) {
    return int8::KernelsFor(one, weight_bits) == nullptr;
  });
  return Error{ErrorCode::kUnsupported, "expected kernels of this CPU, one of " +
                                            int8::NamesOf(known) + ", got " + choice.kernels +
                                            "; " + RemedyFor(choice, "taktgate or auto")};
}

Result<std::unique_ptr<Classifier>> OpenNetwork(const bundle::Release& release,
                                                const LoadSettings& settings) {
  auto read = ReadFitting(release);
  if (!read) return read.error();
  int8::EngineSettings wanted;
  wanted.windows = static_cast<int>(
      std::clamp<std::size_t>(release.recipe.windows.size(), 1, kMostWindowsOfARun));
  if (!settings.choice.kernels.empty()) {
    const auto isa = KernelsOf(settings.choice, read->network.weight_bits);
    if (!isa) return isa.error();
    wanted.isa = *isa;
  }
  auto engine = int8::Engine::Create(read->network, wanted);
  if (!engine) return engine.error();
  if (auto used = (*engine)->UseThreads(std::min(settings.threads, int8::kMostThreads)); !used) {
    return used.error();
  }
  return {std::make_unique<Int8Classifier>(std::move(*engine), std::move(read->extras))};
}

}  // namespace

Status CheckCompiledNetwork(const bundle::Release& release) {
  if (release.network.empty()) return {};
  try {
    const auto read = ReadFitting(release);
    return read ? Status() : read.error();
  } catch (const std::bad_alloc&) {
    return NoMemory();
  }
}

Result<std::unique_ptr<Classifier>> LoadInt8(const bundle::Release& release,
                                             const LoadSettings& settings) {
  try {
    return OpenNetwork(release, settings);
  } catch (const std::bad_alloc&) {
    return NoMemory();
  }
}

std::string Int8EngineVersion() {
  return "networks of version " + std::to_string(int8::kVersion) + " (" +
         int8::NamesOf(int8::IsasOfThisCpu()) + ")";
}

}  // namespace taktgate::infer
