#include "bundle/tar.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "base/utf8.h"
#include "bundle/names.h"

namespace taktgate::bundle {
namespace {

constexpr std::size_t kBlock = 512;
// The files of the manifest, the manifest itself and its signature.
constexpr std::size_t kMaxEntries = kMaxFiles + 2;

using Bytes = std::span<const std::uint8_t>;

struct Field {
  std::size_t offset;
  std::size_t size;
};
constexpr Field kName = {0, 100}, kMode = {100, 8}, kUid = {108, 8}, kGid = {116, 8},
                kSize = {124, 12}, kTime = {136, 12}, kChecksum = {148, 8}, kType = {156, 1},
                kLinkName = {157, 100}, kMagic = {257, 8}, kUserName = {265, 32},
                kGroupName = {297, 32}, kDeviceMajor = {329, 8}, kDeviceMinor = {337, 8},
                kPrefix = {345, 155}, kRest = {500, 12};

std::string_view Text(Bytes block, Field field) {
  return {reinterpret_cast<const char*>(block.data()) + field.offset, field.size};
}

bool IsZero(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '\0'; });
}

bool IsZero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

// All digits but the last place, which is NUL: the only form of a number that is accepted.
std::optional<std::uint64_t> Octal(std::string_view text) {
  if (text.back() != '\0') return std::nullopt;
  text.remove_suffix(1);
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    value = value * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

bool ChecksumFits(Bytes block) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool own = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
    sum += own ? std::uint32_t{' '} : block[i];
  }
  const std::string_view text = Text(block, kChecksum);  // six digits, NUL, space
  return text[7] == ' ' && Octal(text.substr(0, 7)) == sum;
}

// What the archive holds instead of a regular file.
std::string_view KindOf(char type) {
  switch (type) {
    case '\0':
      return "an old-style entry";
    case '1':
      return "a hard link";
    case '2':
      return "a symbolic link";
    case '3':
    case '4':
      return "a device";
    case '5':
      return "a folder";
    case '6':
      return "a pipe";
    case 'x':
    case 'g':
      return "a pax header";
    case 'L':
    case 'K':
      return "a GNU long name";
    case 'S':
      return "a GNU sparse file";
    default:
      return "an entry of unknown type";
  }
}

Result<std::string> ReadName(Bytes block, const std::string& where) {
  const std::string_view field = Text(block, kName);
  const std::string_view name = field.substr(0, field.find('\0'));
  if (!IsZero(field.substr(name.size()))) {
    return Invalid(where, "expected only zeros after the name, got other bytes");
  }
  if (!IsMemberName(name)) {
    return Invalid(where,
                   "expected a name [a-z0-9_./-]{1,96}, relative, without `.`, `..` or empty "
                   "parts, got " +
                       Quoted(name));
  }
  return std::string(name);
}

// What stands in a field up to its first NUL, as people may see it.
std::string Shown(std::string_view text) {
  text = text.substr(0, text.find('\0'));
  return text.empty() ? "other bytes" : Quoted(text);
}

// The fields that have one right value.
Status CheckFixedFields(Bytes block, const std::string& where) {
  const auto text = [&](Field field) { return Text(block, field); };
  const auto zero = [&](Field field) { return IsZero(text(field)); };
  const auto nought = [&](Field field) { return Octal(text(field)) == 0U; };
  struct Fixed {
    bool right;
    Field field;
    const char* words;
  };
  for (const Fixed& fixed : {
           Fixed{Octal(text(kMode)) == 0444U, kMode, "mode 0000444"},
           Fixed{nought(kUid), kUid, "owner 0"},
           Fixed{nought(kGid), kGid, "group 0"},
           Fixed{nought(kTime), kTime, "time 0"},
           Fixed{zero(kUserName), kUserName, "no user name"},
           Fixed{zero(kGroupName), kGroupName, "no group name"},
           Fixed{zero(kLinkName), kLinkName, "no link target"},
           Fixed{zero(kDeviceMajor) || nought(kDeviceMajor), kDeviceMajor, "no device numbers"},
           Fixed{zero(kDeviceMinor) || nought(kDeviceMinor), kDeviceMinor, "no device numbers"},
           Fixed{zero(kPrefix), kPrefix, "no prefix field"},
           Fixed{zero(kRest), kRest, "zeros at the end of the header"},
       }) {
    if (fixed.right) continue;
    return Invalid(where, std::string("expected ") + fixed.words + ", got " +
                              Shown(text(fixed.field)) + "; pack it with `taktgate-prep pack`");
  }
  return {};
}

struct Header {
  std::string name;
  std::size_t size = 0;
};

Result<Header> ReadHeader(Bytes block, const std::string& where) {
  if (!ChecksumFits(block)) {
    return Error{ErrorCode::kCorrupt, where +
                                          ": expected a header with a right checksum, got "
                                          "other bytes: damaged, or no bundle at all"};
  }
  if (Text(block, kMagic) != std::string_view("ustar\0"
                                              "00",
                                              8)) {
    return Invalid(where, "expected a ustar header, got another tar format");
  }
  const char type = Text(block, kType)[0];
  if (type != '0') {
    return Invalid(where, "expected a regular file, got " + std::string(KindOf(type)));
  }
  Result<std::string> name = ReadName(block, where);
  if (!name) return name.error();
  if (Status fixed = CheckFixedFields(block, where + " (" + *name + ")"); !fixed) {
    return fixed.error();
  }
  const std::string_view size_text = Text(block, kSize);
  const std::optional<std::uint64_t> size = Octal(size_text);
  if (!size) {
    const bool binary = (static_cast<unsigned char>(size_text[0]) & 0x80U) != 0;
    return Invalid(where + " (" + *name + ")",
                   std::string("expected a size of 11 octal digits and a NUL, got ") +
                       (binary ? "one in base-256" : Quoted(size_text)));
  }
  if (*size > kMaxFileBytes) {
    return Invalid(where + " (" + *name + ")", "expected a file of at most " +
                                                   std::to_string(kMaxFileBytes) + " bytes, got " +
                                                   std::to_string(*size));
  }
  return Header{std::move(*name), static_cast<std::size_t>(*size)};
}

Status CheckWhole(Bytes bytes) {
  if (bytes.empty()) return Error{ErrorCode::kCorrupt, "expected a bundle, got 0 bytes"};
  if (bytes.size() > kMaxBundleBytes) {
    return Error{ErrorCode::kInvalid, "expected a bundle of at most " +
                                          std::to_string(kMaxBundleBytes) + " bytes, got " +
                                          std::to_string(bytes.size())};
  }
  if (bytes.size() % kBlock != 0) {
    return Error{ErrorCode::kCorrupt, "expected whole blocks of 512 bytes, got " +
                                          std::to_string(bytes.size()) +
                                          " bytes: cut, or something was added"};
  }
  return {};
}

Status CheckEnd(Bytes bytes, std::size_t at) {
  if (bytes.size() - at < 2 * kBlock) {
    return Error{ErrorCode::kCorrupt, "expected two zero blocks at the end, got one: cut"};
  }
  if (!IsZero(bytes.subspan(at, 2 * kBlock))) {
    return Error{ErrorCode::kCorrupt, "expected two zero blocks at the end, got other bytes"};
  }
  if (bytes.size() - at > 2 * kBlock) {
    return Error{ErrorCode::kInvalid,
                 "expected nothing after the two zero blocks at the end, got " +
                     std::to_string(bytes.size() - at - 2 * kBlock) + " bytes more"};
  }
  return {};
}

// The entry at `at`, which is moved past it.
Result<TarEntry> ReadEntry(Bytes bytes, std::size_t& at) {
  const std::string where = "entry at byte " + std::to_string(at);
  Result<Header> header = ReadHeader(bytes.subspan(at, kBlock), where);
  if (!header) return header.error();
  at += kBlock;
  const std::size_t padded = (header->size + kBlock - 1) / kBlock * kBlock;
  if (bytes.size() - at < padded) {
    return Error{ErrorCode::kCorrupt, header->name + ": expected " + std::to_string(header->size) +
                                          " bytes, got " + std::to_string(bytes.size() - at) +
                                          ": cut"};
  }
  if (!IsZero(bytes.subspan(at + header->size, padded - header->size))) {
    return Error{ErrorCode::kCorrupt,
                 header->name + ": expected zeros after the content, got other bytes"};
  }
  TarEntry entry{std::move(header->name), bytes.subspan(at, header->size)};
  at += padded;
  return entry;
}

}  // namespace

Result<std::vector<TarEntry>> ReadTar(Bytes bytes) {
  if (Status whole = CheckWhole(bytes); !whole) return whole.error();
  std::vector<TarEntry> entries;
  std::set<std::string> names;
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (IsZero(bytes.subspan(at, kBlock))) {
      if (Status end = CheckEnd(bytes, at); !end) return end.error();
      return entries;
    }
    if (entries.size() == kMaxEntries) {
      return Error{ErrorCode::kInvalid,
                   "expected at most " + std::to_string(kMaxEntries) + " entries, got more"};
    }
    Result<TarEntry> entry = ReadEntry(bytes, at);
    if (!entry) return entry.error();
    if (!names.insert(entry->name).second) {
      return Error{ErrorCode::kInvalid,
                   "expected every name once, got two entries " + Quoted(entry->name)};
    }
    entries.push_back(std::move(*entry));
  }
  return Error{ErrorCode::kCorrupt, "expected two zero blocks at the end, got none: cut"};
}

}  // namespace taktgate::bundle
