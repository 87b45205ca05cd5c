#include "fuzz_target.h"
#include "samples/sample_list.h"

namespace taktgate::fuzz {
namespace {

void CheckList(Bytes bytes) {
  FileOf("a.png", {});
  FileOf("b.jpg", {});
  const std::vector<bundle::Label> labels = {{"good", true}, {"open", false}};
  const auto rows = samples::LoadSamples(FileOf("list.tsv", bytes), "", labels);
  if (!rows) return ExpectForAPerson(rows.error());
  Expect(!rows->empty(), "a list without a row is refused");
  for (const samples::SampleRow& row : *rows) {
    Expect(row.image.parent_path() == Folder(), "no image lies outside the list's folder");
    Expect(row.split == "train" || row.split == "val" || row.split == "test", "a split is known");
    Expect(row.label.empty() || bundle::IndexOfLabel(labels, row.label) >= 0, "a label is known");
    Expect(!row.window || image::IsSupportedSize(row.window->w, row.window->h),
           "a window has a size that can be read");
  }
}

}  // namespace
}  // namespace taktgate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  taktgate::fuzz::CheckList({data, size});
  return 0;
}
