#ifndef TAKTGATE_INSPECT_SAMPLE_REPORT_H_
#define TAKTGATE_INSPECT_SAMPLE_REPORT_H_

#include <string>

#include "bundle/release.h"
#include "inspect/inspector.h"
#include "inspect/sample_judge.h"
#include "samples/sample_list.h"

// What `taktgate inspect` shows of samples: for people, and as one line of JSON each.
namespace taktgate::inspect {

std::string SampleText(const bundle::Release& release, const samples::SampleRow& row,
                       const Inspection& inspection);
// `refused`: the message where it could not be judged, else empty.
std::string SampleJson(const bundle::Release& release, const samples::SampleRow& row,
                       const Inspection& inspection, const std::string& refused);

std::string SummaryText(const SampleJudge& judge, std::uint64_t left_out);
std::string SummaryJson(const SampleJudge& judge, std::uint64_t left_out);

}  // namespace taktgate::inspect

#endif  // TAKTGATE_INSPECT_SAMPLE_REPORT_H_
