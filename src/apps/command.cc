#include "apps/command.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace taktgate::apps {
namespace {

// CLI11 takes -1 for 2^64 - 1, and what is larger for that, too.
std::string FaultOfNatural(const std::string& text) {
  errno = 0;
  (void)std::strtoull(text.c_str(), nullptr, 0);
  const bool fits = errno == 0 && text.find('-') == std::string::npos;
  return fits ? "" : "expected a whole number from 0 to 2^64 - 1, got " + text;
}

// Without words in the help.
CLI::Option* Natural(CLI::Option* option) {
  return option->check(CLI::Validator([](std::string& text) { return FaultOfNatural(text); }, ""));
}

}  // namespace

Option Option::Required() const { return Option(option_->required()); }

Option Option::ShowDefault() const { return Option(option_->capture_default_str()); }

Option Option::Between(int low, int high) const {
  return Option(option_->check(CLI::Range(low, high)));
}

Option Option::Between(unsigned low, unsigned high) const {
  return Option(option_->check(CLI::Range(low, high)));
}

Option Option::Between(std::uint64_t low, std::uint64_t high) const {
  return Option(option_->check(CLI::Range(low, high)));
}

Option Option::Between(double low, double high) const {
  return Option(option_->check(CLI::Range(low, high)));
}

Option Option::OneOf(const std::vector<std::string>& words) const {
  return Option(option_->check(CLI::IsMember(words)));
}

Option Option::Group(const std::string& heading) const { return Option(option_->group(heading)); }

Option Option::Excludes(Option other) const {
  option_->excludes(other.option_);
  return *this;
}

bool Option::given() const { return option_->count() != 0; }

std::string Option::name() const { return option_->get_name(); }

Command Command::Sub(const std::string& name, const std::string& help) const {
  return Command(app_->add_subcommand(name, help));
}

Option Command::Add(const std::string& name, std::string& value, const std::string& help) const {
  return Option(app_->add_option(name, value, help));
}

Option Command::Add(const std::string& name, std::vector<std::string>& value,
                    const std::string& help) const {
  return Option(app_->add_option(name, value, help));
}

Option Command::Add(const std::string& name, int& value, const std::string& help) const {
  return Option(app_->add_option(name, value, help));
}

Option Command::Add(const std::string& name, unsigned& value, const std::string& help) const {
  return Option(Natural(app_->add_option(name, value, help)));
}

Option Command::Add(const std::string& name, std::uint64_t& value, const std::string& help) const {
  return Option(Natural(app_->add_option(name, value, help)));
}

Option Command::Add(const std::string& name, double& value, const std::string& help) const {
  return Option(app_->add_option(name, value, help));
}

Option Command::Flag(const std::string& name, bool& value, const std::string& help) const {
  return Option(app_->add_flag(name, value, help));
}

Option Command::Find(const std::string& name) const { return Option(app_->get_option(name)); }

Command Command::Hidden() const { return Command(app_->group("")); }

void Command::NeedSub() const { app_->require_subcommand(1); }

void Command::Footer(const std::string& text) const { app_->footer(text); }

void Command::Run(std::function<void()> run) const { app_->callback(std::move(run)); }

}  // namespace taktgate::apps
