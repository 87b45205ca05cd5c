#include "bundle/zstd.h"

#include <gtest/gtest.h>

#include <string>

#include "bundle/test_bundle.h"

namespace taktgate::bundle {
namespace {

using testing::AsBytes;
using testing::ZstdOf;

const std::string kText = "some text that is packed: " + std::string(5000, 'x') + " and unpacked";

void ExpectRefused(const std::string& packed, std::size_t size, std::string_view words) {
  const auto decoded = DecodeZstd(AsBytes(packed), size);
  ASSERT_FALSE(decoded) << words;
  EXPECT_EQ(decoded.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(decoded.error().message.find(words), std::string::npos) << decoded.error().message;
}

// A frame that does not tell its size: the limit must hold while decoding.
std::string WithoutSize(const std::string& text) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress2(context, packed.data(), packed.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return packed;
}

TEST(ZstdTest, RightFramesDecode) {
  for (const std::string& packed : {ZstdOf(kText), WithoutSize(kText)}) {
    const auto decoded = DecodeZstd(AsBytes(packed), kText.size());
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(std::string(decoded->begin(), decoded->end()), kText);
  }
}

TEST(ZstdTest, AnotherSizeIsRefused) {
  ExpectRefused(ZstdOf(kText), kText.size() - 1, "one of 5039 bytes");
  ExpectRefused(ZstdOf(kText), kText.size() + 1, "one of 5039 bytes");
  ExpectRefused(WithoutSize(kText), kText.size() - 1, "does not decode to that");
  ExpectRefused(WithoutSize(kText), kText.size() + 1, "got 5039 bytes");
  // A bomb: a few bytes that would become 64 MiB.
  ExpectRefused(WithoutSize(std::string(64U << 20, '\0')), 1000, "does not decode to that");
}

TEST(ZstdTest, NothingAfterTheFrame) {
  ExpectRefused(ZstdOf(kText) + "x", kText.size(), "nothing after the zstd frame, got 1 bytes");
  ExpectRefused(ZstdOf(kText) + ZstdOf("more"), kText.size(), "nothing after the zstd frame");
  // A skippable frame of four bytes.
  ExpectRefused(ZstdOf(kText) + std::string("\x50\x2A\x4D\x18\4\0\0\0abcd", 12), kText.size(),
                "nothing after");
  ExpectRefused(std::string("\x50\x2A\x4D\x18\4\0\0\0abcd", 12), 4,
                "expected a zstd frame of 4 bytes");
}

TEST(ZstdTest, DamageIsRefused) {
  const std::string packed = ZstdOf(kText);
  ExpectRefused("", 10, "a zstd frame");
  ExpectRefused("plain text", 10, "a zstd frame, got other bytes");
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_FALSE(DecodeZstd(AsBytes(packed).first(size), kText.size())) << size;
  }
}

}  // namespace
}  // namespace taktgate::bundle
