#ifndef TAKTGATE_BUNDLE_CONTRACT_JSON_H_
#define TAKTGATE_BUNDLE_CONTRACT_JSON_H_

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "bundle/release.h"

namespace taktgate::bundle {

// contract.json as it stands in a bundle: without labels (docs/formats.md, 2 and 4).
Result<Contract> ParseContract(std::span<const std::uint8_t> bytes, const std::string& file);

}  // namespace taktgate::bundle

#endif  // TAKTGATE_BUNDLE_CONTRACT_JSON_H_
