#include "bundle/labels.h"

#include <algorithm>
#include <string_view>

#include "base/utf8.h"
#include "bundle/fields.h"
#include "bundle/names.h"

namespace taktgate::bundle {
namespace {

constexpr std::size_t kLongestLabel = 128;

// A release of which every label passes would let every part go; one of which none passes, none.
Status CheckVerdicts(const std::vector<Label>& labels, const std::string& file) {
  const auto passes = [](const Label& label) { return label.pass; };
  if (std::any_of(labels.begin(), labels.end(), passes) &&
      !std::all_of(labels.begin(), labels.end(), passes)) {
    return {};
  }
  std::vector<std::string_view> names;
  for (const Label& label : labels) names.push_back(label.name);
  return Invalid(file,
                 "labels: expected at least one that passes and one that fails, got only "
                 "such that " +
                     std::string(labels.front().pass ? "pass" : "fail") + " (" + Joined(names) +
                     "), which decides nothing");
}

}  // namespace

Result<std::vector<Label>> ParseLabels(std::span<const std::uint8_t> bytes,
                                       const std::string& file) {
  Result<Json> document = ParseJson(bytes, file);
  if (!document) return document.error();
  if (Status schema = CheckSchema(*document, file); !schema) return schema.error();

  std::optional<Error> fault;
  Fields fields(*document, file, "", {"schema", "labels"}, fault);
  std::vector<Label> labels;
  for (const Json& entry : fields.Array("labels", 2, kMostLabels)) {
    const std::string path = "labels[" + std::to_string(labels.size()) + "]";
    Fields label(entry, file, path, {"name", "pass"}, fault);
    const std::string name = OneForm(label.Text("name"));
    if (!IsPlain(name, kLongestLabel)) {
      label.Fail("name", "1 to 128 bytes without control characters", Quoted(name));
    }
    for (const Label& other : labels) {
      if (other.name == name) label.Fail("name", "every name once", "a second " + Quoted(name));
    }
    labels.push_back({name, label.Flag("pass")});
  }
  if (fault) return *fault;
  if (Status verdicts = CheckVerdicts(labels, file); !verdicts) return verdicts.error();
  return labels;
}

}  // namespace taktgate::bundle
