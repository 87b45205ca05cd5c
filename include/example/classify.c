/* classify NETWORK PIXELS: the logits of one picture, whose bytes lie row by row, as a file. */
#include <stdio.h>
#include <taktgate/int8.h>

static size_t whole(const char* path, unsigned char* bytes, size_t most) {
  FILE* file = fopen(path, "rb");
  const size_t size = file ? fread(bytes, 1, most, file) : 0;
  return file && fclose(file) == 0 ? size : 0;
}

int main(int count, char** words) {
  static unsigned char file[1 << 24], pixels[1 << 24];
  char message[300];
  taktgate_int8* network;
  taktgate_int8_info of;
  if (count != 3) return fprintf(stderr, "expected classify NETWORK PIXELS\n"), 2;
  const size_t size = whole(words[1], file, sizeof file);
  if (taktgate_int8_load(file, size, 1, NULL, &network, message, sizeof message) != 0)
    return fprintf(stderr, "%s: %s\n", words[1], message), 1;
  taktgate_int8_describe(network, &of);
  if (whole(words[2], pixels, sizeof pixels) != (size_t)of.height * of.width * of.channels)
    return fprintf(stderr, "expected %d x %d x %d bytes\n", of.height, of.width, of.channels), 1;
  static taktgate_int8_plane planes[4096]; /* no tensor has more channels */
  static float logits[4096];
  for (int c = 0; c < of.channels; ++c)
    planes[c] = (taktgate_int8_plane){pixels + c, of.width * of.channels, of.channels};
  if (taktgate_int8_run(network, planes, 1, logits, message, sizeof message) != 0)
    return fprintf(stderr, "%s\n", message), 1;
  for (int label = 0; label < of.labels; ++label) printf("%.9g\n", logits[label]);
}
