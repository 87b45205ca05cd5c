#ifndef TAKTGATE_APPS_TEST_PROGRAM_H_
#define TAKTGATE_APPS_TEST_PROGRAM_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/program.h"

namespace taktgate::apps::testing {

// What a call of the program came to.
struct Ended {
  int code = 0;
  std::string out;
  std::string err;
};

// `taktgate` with these arguments, in this process.
inline Ended Taktgate(const std::vector<std::string>& words) {
  std::vector<const char*> arguments{"taktgate"};
  for (const std::string& word : words) arguments.push_back(word.c_str());
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Ended ended;
  ended.code = RunProgram(static_cast<int>(arguments.size()), arguments.data());
  ended.err = ::testing::internal::GetCapturedStderr();
  ended.out = ::testing::internal::GetCapturedStdout();
  return ended;
}

inline ::testing::AssertionResult Has(const std::string& text, const std::string& words) {
  if (text.find(words) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "expected \"" << words << "\" in:\n" << text;
}

// It was refused with this code, in one line that has these words; nothing was printed as a result.
inline void ExpectRefused(const Ended& ended, int code, const std::vector<std::string>& words) {
  EXPECT_EQ(ended.code, code) << ended.err;
  EXPECT_EQ(ended.out, "");
  for (const std::string& word : words) EXPECT_TRUE(Has(ended.err, word));
  if (code == kExitBadInput) {
    EXPECT_EQ(ended.err.rfind("taktgate: error: ", 0), 0U) << ended.err;
    EXPECT_EQ(ended.err.find('\n'), ended.err.size() - 1) << ended.err;
  }
}

inline std::string TextOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace taktgate::apps::testing

#endif  // TAKTGATE_APPS_TEST_PROGRAM_H_
