#ifndef TAKTGATE_INFER_WARM_UP_H_
#define TAKTGATE_INFER_WARM_UP_H_

#include "base/result.h"
#include "image/contract.h"
#include "infer/classifier.h"
#include "infer/engine.h"

namespace taktgate::infer {

// Runs on made-up pixels until all is in place, and leaves nothing of it to be read. invalid: a run
// that fails or does not come back, or an answer that is no number.
Status WarmUp(Classifier& classifier, const image::InputContract& contract,
              const LoadSettings& settings);

}  // namespace taktgate::infer

#endif  // TAKTGATE_INFER_WARM_UP_H_
