#ifndef TAKTGATE_RECORD_APPENDED_FILE_H_
#define TAKTGATE_RECORD_APPENDED_FILE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace taktgate::record {

// A place in a file, whatever the file is called now.
struct FilePlace {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;
};

// When a file is put aside as NAME.1 (NAME.1 as NAME.2, ...) and a new one begun; zero: never.
struct Rotation {
  std::uint64_t bytes = 0;
  Duration age{};
  int keep = 10;  // how many are kept besides the one that is written
};

// A file of lines that others may read, rename, remove and rotate while it is written. Only whole
// lines are in it, and only one process writes it.
//
// Threads: one; WantReopen from any.
class AppendedFile {
 public:
  AppendedFile(std::filesystem::path path, const Rotation& rotation);
  ~AppendedFile();
  AppendedFile(const AppendedFile&) = delete;
  AppendedFile& operator=(const AppendedFile&) = delete;

  // Opens or creates it. wrong_state: another process writes it. io: it cannot be written.
  Status Open();
  // The next Prepare opens it anew.
  void WantReopen() { reopen_wanted_ = true; }
  // Call before appending that many bytes, and from time to time: opens a file that is not open, or
  // was renamed or removed, and rotates one that is large or old enough. `said` is what a person
  // should know about it, or nothing.
  Status Prepare(std::size_t bytes, std::string& said);
  // Lines that were lost with removed files.
  std::uint64_t lines_removed() const { return lines_removed_; }
  // Where the next line begins.
  FilePlace End() const;
  // Appends whole lines; how many bytes of them are in the file, all of `lines` unless `why` says
  // why not.
  std::size_t Append(std::string_view lines, std::string& why);
  // What was appended can no longer be found: the file was removed.
  bool Removed() const;
  // On the disk when it returns.
  Status Sync();

 private:
  bool AtItsPath() const;
  bool ToRotate(std::size_t bytes) const;
  Status RotateOr(std::string& said);
  Status Rotate();
  std::filesystem::path Aside(int number) const;
  std::size_t AppendToPipe(std::string_view lines, std::string& why);
  void Close();
  Error CannotWrite(const std::string& why) const;

  const std::filesystem::path path_;
  const Rotation rotation_;
  int fd_ = -1;
  bool regular_ = false;
  bool inside_line_ = false;  // it ends with somebody else's half line
  bool cannot_rotate_ = false;
  std::uint64_t lines_ = 0;  // appended since it was opened
  std::uint64_t lines_removed_ = 0;
  std::chrono::system_clock::time_point begun_{};
  std::atomic<bool> reopen_wanted_{false};
};

}  // namespace taktgate::record

#endif  // TAKTGATE_RECORD_APPENDED_FILE_H_
