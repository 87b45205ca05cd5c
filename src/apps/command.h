#ifndef TAKTGATE_APPS_COMMAND_H_
#define TAKTGATE_APPS_COMMAND_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace taktgate::apps {

// Subcommands and their options. CLI11 is seen by command.cc and program.cc alone: it costs more to
// compile than any file here. Both classes are handles, good as long as the CLI::App lives.

// One option of a command. Each call gives it one more property.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}
  Option Required() const;
  Option ShowDefault() const;
  Option Between(int low, int high) const;
  Option Between(unsigned low, unsigned high) const;
  Option Between(std::uint64_t low, std::uint64_t high) const;
  Option Between(double low, double high) const;
  Option OneOf(const std::vector<std::string>& words) const;
  // The heading it stands under in the help.
  Option Group(const std::string& heading) const;
  Option Excludes(Option other) const;

  bool given() const;
  std::string name() const;

 private:
  CLI::Option* option_;
};

class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}
  Command Sub(const std::string& name, const std::string& help) const;
  // The value must outlive the parsing. Also for: a list of texts, which may be given repeatedly.
  Option Add(const std::string& name, std::string& value, const std::string& help = {}) const;
  Option Add(const std::string& name, std::vector<std::string>& value,
             const std::string& help) const;
  Option Add(const std::string& name, int& value, const std::string& help) const;
  Option Add(const std::string& name, unsigned& value, const std::string& help) const;
  Option Add(const std::string& name, std::uint64_t& value, const std::string& help = {}) const;
  Option Add(const std::string& name, double& value, const std::string& help) const;
  Option Flag(const std::string& name, bool& value, const std::string& help) const;
  Option Find(const std::string& name) const;
  // Not in the list of commands.
  Command Hidden() const;
  // It does nothing without one of its own subcommands.
  void NeedSub() const;
  void Footer(const std::string& text) const;
  void Run(std::function<void()> run) const;

 private:
  CLI::App* app_;
};

}  // namespace taktgate::apps

#endif  // TAKTGATE_APPS_COMMAND_H_
