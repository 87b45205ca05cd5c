#include "bundle/tar.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "bundle/test_bundle.h"

namespace taktgate::bundle {
namespace {

using testing::Archive;
using testing::AsBytes;
using testing::Padded;
using testing::Put;
using testing::Seal;
using testing::UstarHeader;

void ExpectRefused(const std::string& archive, ErrorCode code, std::string_view words) {
  const auto entries = ReadTar(AsBytes(archive));
  ASSERT_FALSE(entries) << words;
  EXPECT_EQ(entries.error().code, code) << entries.error().message;
  EXPECT_NE(entries.error().message.find(words), std::string::npos) << entries.error().message;
}

// An archive of one file whose header was changed and sealed again.
std::string WithHeader(const std::function<void(std::string&)>& change) {
  std::string header = UstarHeader("a.txt", 5);
  change(header);
  Seal(header);
  return header + Padded("hello") + std::string(1024, '\0');
}

TEST(TarTest, FilesComeInOrderWithTheirContent) {
  const std::string archive =
      Archive({{"b/c-1_x.txt", "hello"}, {"a", ""}, {"d", std::string(1024, 'x')}});
  const auto entries = ReadTar(AsBytes(archive));
  ASSERT_TRUE(entries) << entries.error().message;
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[0].name, "b/c-1_x.txt");
  EXPECT_EQ(std::string((*entries)[0].content.begin(), (*entries)[0].content.end()), "hello");
  EXPECT_TRUE((*entries)[1].content.empty());
  EXPECT_EQ((*entries)[2].content.size(), 1024u);
}

TEST(TarTest, EmptyArchiveHasNoEntries) {
  const std::string zeros(1024, '\0');
  const auto entries = ReadTar(AsBytes(zeros));
  ASSERT_TRUE(entries);
  EXPECT_TRUE(entries->empty());
}

TEST(TarTest, CutAnywhereIsRefused) {
  const std::string archive = Archive({{"a", "hello"}, {"b", std::string(700, 'x')}});
  for (std::size_t size = 0; size < archive.size(); ++size) {
    const auto entries = ReadTar(AsBytes(archive).first(size));
    ASSERT_FALSE(entries) << size;
    ASSERT_EQ(entries.error().code, ErrorCode::kCorrupt) << size;
  }
}

TEST(TarTest, EndMustBeTwoZeroBlocksAndNothingMore) {
  const std::string archive = Archive({{"a", "hello"}});
  ExpectRefused(archive + std::string(512, '\0'), ErrorCode::kInvalid,
                "nothing after the two zero blocks");
  ExpectRefused(archive + Archive({{"b", "hidden"}}), ErrorCode::kInvalid, "nothing after");
  std::string dirty = archive;
  dirty.back() = 'x';
  ExpectRefused(dirty, ErrorCode::kCorrupt, "two zero blocks at the end, got other bytes");
  ExpectRefused("x", ErrorCode::kCorrupt, "whole blocks of 512 bytes");
  ExpectRefused("", ErrorCode::kCorrupt, "0 bytes");
}

TEST(TarTest, PaddingMustBeZero) {
  std::string archive = Archive({{"a", "hello"}});
  archive[512 + 5] = 'x';
  ExpectRefused(archive, ErrorCode::kCorrupt, "zeros after the content");
}

TEST(TarTest, OnlyRegularFiles) {
  const std::pair<char, std::string_view> kinds[] = {
      {'\0', "old-style"}, {'1', "hard link"},   {'2', "symbolic link"}, {'3', "device"},
      {'4', "device"},     {'5', "folder"},      {'6', "pipe"},          {'7', "unknown type"},
      {'x', "pax header"}, {'g', "pax header"},  {'L', "GNU long name"}, {'K', "GNU long name"},
      {'S', "sparse"},     {'V', "unknown type"}};
  for (const auto& [type, words] : kinds) {
    ExpectRefused(WithHeader([kind = type](std::string& header) { header[156] = kind; }),
                  ErrorCode::kInvalid, words);
  }
}

TEST(TarTest, SizeMustBeElevenOctalDigits) {
  const auto with_size = [](std::string_view text) {
    return WithHeader([&](std::string& header) { Put(header, 124, text); });
  };
  ExpectRefused(with_size(std::string_view("\x80\0\0\0\0\0\0\0\0\0\0\5", 12)), ErrorCode::kInvalid,
                "base-256");
  ExpectRefused(with_size(std::string_view("         5 \0", 12)), ErrorCode::kInvalid,
                "11 octal digits");
  ExpectRefused(with_size(std::string_view("0000000005 \0", 12)), ErrorCode::kInvalid,
                "11 octal digits");
  ExpectRefused(with_size("000000000005"), ErrorCode::kInvalid, "11 octal digits");
  ExpectRefused(with_size(std::string_view("00000000008\0", 12)), ErrorCode::kInvalid,
                "11 octal digits");
  ExpectRefused(with_size(std::string_view("-0000000005\0", 12)), ErrorCode::kInvalid,
                "11 octal digits");
  ExpectRefused(with_size(std::string_view("77777777777\0", 12)), ErrorCode::kInvalid,
                "at most 67108864");
  ExpectRefused(with_size(std::string_view("00400000001\0", 12)), ErrorCode::kInvalid,
                "at most 67108864");
  ExpectRefused(with_size(std::string_view("00400000000\0", 12)), ErrorCode::kCorrupt, "cut");
}

TEST(TarTest, FieldsWithOneRightValue) {
  const auto change = [](std::size_t offset, std::string_view text) {
    return WithHeader([&](std::string& header) { Put(header, offset, text); });
  };
  ExpectRefused(change(100, "0000644"), ErrorCode::kInvalid,
                "expected mode 0000444, got \"0000644\"; pack it");
  ExpectRefused(change(100, " 000444"), ErrorCode::kInvalid, "mode");
  ExpectRefused(change(108, "0001750"), ErrorCode::kInvalid, "owner");
  ExpectRefused(change(116, "0001750"), ErrorCode::kInvalid, "group");
  ExpectRefused(change(136, "14720000000"), ErrorCode::kInvalid, "time");
  ExpectRefused(change(157, "target"), ErrorCode::kInvalid, "link target");
  ExpectRefused(change(265, "root"), ErrorCode::kInvalid, "user name");
  ExpectRefused(change(297, "root"), ErrorCode::kInvalid, "group name");
  ExpectRefused(change(329, "0000001"), ErrorCode::kInvalid, "device");
  ExpectRefused(change(337, "x"), ErrorCode::kInvalid, "device");
  ExpectRefused(change(345, "prefix"), ErrorCode::kInvalid, "prefix");
  ExpectRefused(change(511, "x"), ErrorCode::kInvalid, "end of the header");
  ExpectRefused(change(257, std::string_view("ustar  \0", 8)), ErrorCode::kInvalid,
                "another tar format");
  ExpectRefused(change(263, "01"), ErrorCode::kInvalid, "another tar format");
}

TEST(TarTest, DeviceNumbersMayBeWrittenAsZero) {
  const std::string archive = WithHeader([](std::string& header) {
    Put(header, 329, "0000000");
    Put(header, 337, "0000000");
  });
  EXPECT_TRUE(ReadTar(AsBytes(archive)));
}

TEST(TarTest, ChecksumHasOneSpelling) {
  for (const std::size_t at : {148u, 154u, 155u}) {
    std::string archive = Archive({{"a", "hello"}});
    archive[at] = archive[at] == ' ' ? '\0' : ' ';
    ExpectRefused(archive, ErrorCode::kCorrupt, "right checksum");
  }
  ExpectRefused(std::string(512, 'x') + std::string(1024, '\0'), ErrorCode::kCorrupt,
                "no bundle at all");
}

TEST(TarTest, NamesStayInsideTheFolder) {
  for (const std::string name : {"", "/etc/passwd", "../a", "a/../b", "a/..", "./a", "a/.", "a//b",
                                 "a/", "A", "a b", "a\\b", "a\nb", "a\x80"}) {
    const std::string archive = WithHeader([&](std::string& header) {
      Put(header, 0, std::string(100, '\0'));
      Put(header, 0, name);
    });
    ExpectRefused(archive, ErrorCode::kInvalid, "expected a name [a-z0-9_./-]{1,96}");
  }
  ExpectRefused(Archive({{std::string(97, 'a'), ""}}), ErrorCode::kInvalid, "expected a name");
  ExpectRefused(Archive({{std::string(100, 'a'), ""}}), ErrorCode::kInvalid, "expected a name");
  EXPECT_TRUE(ReadTar(AsBytes(Archive({{std::string(96, 'a'), ""}}))));
  EXPECT_TRUE(ReadTar(AsBytes(Archive({{"a..b/...", ""}}))));
  ExpectRefused(WithHeader([](std::string& header) { header[7] = 'x'; }), ErrorCode::kInvalid,
                "zeros after the name");
}

TEST(TarTest, EveryNameOnce) {
  ExpectRefused(Archive({{"a", "1"}, {"b", ""}, {"a", "2"}}), ErrorCode::kInvalid,
                "two entries \"a\"");
}

TEST(TarTest, NumberOfEntriesIsLimited) {
  testing::NamedFiles files;
  for (int i = 0; i < 514; ++i) files.emplace_back("f" + std::to_string(i), "");
  EXPECT_TRUE(ReadTar(AsBytes(Archive(files))));
  files.emplace_back("one_more", "");
  ExpectRefused(Archive(files), ErrorCode::kInvalid, "at most 514 entries");
}

}  // namespace
}  // namespace taktgate::bundle
