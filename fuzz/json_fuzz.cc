// Strict JSON, and every document of a bundle that is written in it.
#include "bundle/contract_json.h"
#include "bundle/json.h"
#include "bundle/labels.h"
#include "bundle/manifest.h"
#include "bundle/recipe.h"
#include "fuzz_target.h"

namespace taktgate::fuzz {
namespace {

template <typename T>
void Look(const Result<T>& result) {
  if (!result) ExpectForAPerson(result.error());
}

void CheckDocument(Bytes bytes) {
  const auto json = bundle::ParseJson(bytes, "document");
  Look(json);
  if (json) {
    const std::string text = json->dump();
    const auto again = bundle::ParseJson(
        {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, "document");
    Expect(!again || *again == *json, "what is read is the same when it is written and read again");
  }
  Look(bundle::ParseContract(bytes, "contract.json"));
  Look(bundle::ParseLabels(bytes, "labels.json"));
  Look(bundle::ParseManifest(bytes));
  const auto recipe = bundle::ParseRecipe(bytes, "recipe.json");
  Look(recipe);
  if (!recipe) return;
  const bundle::Thresholds& limits = recipe->thresholds;
  Expect(0 <= limits.pass_at_most && limits.pass_at_most <= limits.fail_at_least &&
             limits.fail_at_least <= 1,
         "thresholds stand in their order");
}

}  // namespace
}  // namespace taktgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  taktgate::fuzz::CheckDocument({data, size});
  return 0;
}
