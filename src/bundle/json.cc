#include "bundle/json.h"

#include <algorithm>
#include <vector>

#include "base/utf8.h"

namespace taktgate::bundle {
namespace {

// Builds the document from the parser's events (which come without recursion) and stops at the
// first thing that strict JSON forbids.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return Add(nullptr); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(std::int64_t value) override { return Add(value); }
  bool number_unsigned(std::uint64_t value) override { return Add(value); }
  bool number_float(double value, const std::string&) override { return Add(value); }
  bool string(std::string& value) override { return Add(std::move(value)); }
  bool binary(Json::binary_t&) override { return Stop("no binary value"); }
  bool start_object(std::size_t) override { return Open(Json::object()); }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return Open(Json::array()); }
  bool end_array() override { return Close(); }

  bool key(std::string& name) override {
    if (open_.back()->contains(name)) {
      return Stop("expected every key once, got a second " + Quoted(name));
    }
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::json::exception& error) override {
    if (dynamic_cast<const nlohmann::json::out_of_range*>(&error) != nullptr) {
      return Stop("expected numbers that fit a double, got " + Quoted(token));
    }
    return Stop("expected strict JSON, got something else at byte " + std::to_string(position) +
                " near " + Quoted(token));
  }

  const std::string& fault() const { return fault_; }
  Json Take() { return std::move(document_); }

 private:
  bool Stop(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }

  Json* Place(Json value) {
    if (open_.empty()) {
      document_ = std::move(value);
      return &document_;
    }
    Json& parent = *open_.back();
    if (parent.is_object()) return &(parent[key_] = std::move(value));
    parent.push_back(std::move(value));
    return &parent.back();
  }

  bool Add(Json value) {
    Place(std::move(value));
    return true;
  }

  bool Open(Json value) {
    if (open_.size() == static_cast<std::size_t>(kMaxJsonDepth)) {
      return Stop("expected nesting of at most " + std::to_string(kMaxJsonDepth) + ", got deeper");
    }
    open_.push_back(Place(std::move(value)));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  Json document_;
  std::vector<Json*> open_;  // from the document inwards; only the last one grows
  std::string key_;
  std::string fault_;
};

}  // namespace

Result<Json> ParseJson(std::span<const std::uint8_t> bytes, const std::string& file) {
  const auto refuse = [&](const std::string& what) {
    return Error{ErrorCode::kInvalid, file + ": " + what};
  };
  if (bytes.size() > kMaxJsonBytes) {
    return refuse("expected at most " + std::to_string(kMaxJsonBytes) + " bytes of JSON, got " +
                  std::to_string(bytes.size()));
  }
  // The parser takes a NUL for the end of the text; a byte order mark it skips.
  if (std::find(bytes.begin(), bytes.end(), std::uint8_t{0}) != bytes.end()) {
    return refuse("expected JSON text, got a NUL byte");
  }
  Builder builder;
  if (!Json::sax_parse(bytes.begin(), bytes.end(), &builder)) return refuse(builder.fault());
  return builder.Take();
}

std::string Describe(const Json& value) {
  if (value.is_string()) return Quoted(value.get_ref<const std::string&>());
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array of " + std::to_string(value.size());
  return value.dump();
}

Status CheckSchema(const Json& document, const std::string& file) {
  if (!document.is_object()) {
    return Error{ErrorCode::kInvalid, file + ": expected an object, got " + Describe(document)};
  }
  const auto schema = document.find("schema");
  if (schema == document.end()) {
    return Error{ErrorCode::kInvalid, file + ": schema: expected 1, got nothing"};
  }
  if (schema->is_number_integer() && *schema == 1) return {};
  const bool newer = schema->is_number_integer() && *schema > 1;
  return Error{
      newer ? ErrorCode::kUnsupported : ErrorCode::kInvalid,
      file + ": schema: expected 1, got " + Describe(*schema) + (newer ? ", a newer format" : "")};
}

}  // namespace taktgate::bundle
