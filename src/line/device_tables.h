#ifndef TAKTGATE_LINE_DEVICE_TABLES_H_
#define TAKTGATE_LINE_DEVICE_TABLES_H_

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/strict_table.h"

namespace taktgate::line {

// The tables of one station file, for all who read keys of them: a table may have keys of the
// station and of its devices. The first thing that is wrong anywhere is kept.
//
// Threads: one.
class DeviceTables {
 public:
  using Tables = std::map<std::string, StrictTable, std::less<>>;

  // `folder`: what paths in the file are relative to. `error` outlives this.
  DeviceTables(TomlFile file, std::filesystem::path folder, std::optional<Error>& error)
      : file_(std::move(file)), folder_(std::move(folder)), error_(error) {}

  // The table [name], which need not be there.
  StrictTable& operator[](std::string_view name) {
    const auto found = tables_.find(name);
    if (found != tables_.end()) return found->second;
    return tables_.try_emplace(std::string(name), file_, name, error_).first->second;
  }
  const std::filesystem::path& folder() const { return folder_; }
  // What is wrong between several keys, unless something was wrong before.
  void Refuse(std::string message) {
    if (!error_) error_ = Invalid(std::move(message));
  }
  // Those that somebody asked for so far.
  Tables& asked_for() { return tables_; }
  // The same file for somebody whose findings are only looked at.
  DeviceTables Again(std::optional<Error>& error) const { return {file_, folder_, error}; }

 private:
  const TomlFile file_;
  const std::filesystem::path folder_;
  std::optional<Error>& error_;
  Tables tables_;
};

}  // namespace taktgate::line

#endif  // TAKTGATE_LINE_DEVICE_TABLES_H_
