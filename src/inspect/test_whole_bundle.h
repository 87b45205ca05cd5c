#ifndef TAKTGATE_INSPECT_TEST_WHOLE_BUNDLE_H_
#define TAKTGATE_INSPECT_TEST_WHOLE_BUNDLE_H_

#include <string>
#include <utility>

#include "bundle/test_bundle.h"
#include "infer/test_model.h"
#include "infer/test_network.h"

namespace taktgate::inspect::testing {

// A bundle whose model loads and judges: the linear model of infer/test_model.h on the whole frame,
// grey, of any size.
inline bundle::testing::TestBundle WholeBundle() {
  bundle::testing::TestBundle bundle;
  bundle.Remove("golden");
  const auto model = infer::testing::LinearModel().Bytes();
  bundle.Member("model") = {"model.onnx", "model", {model.begin(), model.end()}, {}};
  bundle.Member("contract").content = R"({"schema": 1,
 "input": {"name": "input", "width": 32, "height": 32, "channels": "grey", "golden": false,
  "resize": "area", "scale": [0.00390625], "offset": [0.0]},
 "outputs": [{"name": "logits", "role": "logits"}]})";
  bundle.Member("labels").content = R"({"schema": 1, "labels": [{"name": "good", "pass": true},
 {"name": "open", "pass": false}, {"name": "short", "pass": false}]})";
  bundle.Member("recipe").content =
      R"({"schema": 1, "frame": null, "golden": null, "windows": "whole_frame",
 "alignment": null, "thresholds": {"pass_at_most": 0.25, "fail_at_least": 0.5}})";
  return bundle;
}

// The same with a compiled network in the place of the model.
inline bundle::testing::TestBundle NetworkBundle(
    std::string network = infer::testing::NetworkBytes()) {
  bundle::testing::TestBundle bundle = WholeBundle();
  bundle.Member("model") = {"network.tgn", "network", std::move(network), {}};
  return bundle;
}

}  // namespace taktgate::inspect::testing

#endif  // TAKTGATE_INSPECT_TEST_WHOLE_BUNDLE_H_
