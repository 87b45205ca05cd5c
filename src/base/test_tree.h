#ifndef TAKTGATE_BASE_TEST_TREE_H_
#define TAKTGATE_BASE_TEST_TREE_H_

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace taktgate::testing {

// A made-up /proc and /sys in a folder of its own, removed at the end.
class Tree {
 public:
  Tree() {
    char name[] = "/tmp/taktgate_tree_XXXXXX";
    root_ = mkdtemp(name);
  }
  ~Tree() { std::filesystem::remove_all(root_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  void Write(const std::string& path, std::string_view text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << '\n';
  }
  const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace taktgate::testing

#endif  // TAKTGATE_BASE_TEST_TREE_H_
