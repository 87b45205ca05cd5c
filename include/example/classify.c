/* classify NETWORK PIXELS: the logits of one picture, whose bytes lie row by row, as a file. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <taktgate/int8.h>

#define MOST_BYTES (1 << 26) /* of a network, as docs/int8.md says */

/* The file's bytes, counted in `size`. Not 0: it was said why not. */
static int whole(const char* path, unsigned char* bytes, size_t* size) {
  FILE* file = fopen(path, "rb");
  if (!file) return fprintf(stderr, "%s: %s\n", path, strerror(errno)), 1;
  *size = fread(bytes, 1, MOST_BYTES, file);
  const int longer = !ferror(file) && fgetc(file) != EOF, failed = ferror(file), why = errno;
  fclose(file);
  if (failed) return fprintf(stderr, "%s: %s\n", path, strerror(why)), 1;
  if (longer)
    return fprintf(stderr, "%s: expected at most %d bytes, got more\n", path, MOST_BYTES), 1;
  return 0;
}

int main(int count, char** words) {
  static unsigned char file[MOST_BYTES], pixels[MOST_BYTES];
  char message[300];
  size_t size;
  taktgate_int8* network;
  taktgate_int8_info of;
  if (count != 3) return fprintf(stderr, "expected classify NETWORK PIXELS\n"), 2;
  if (whole(words[1], file, &size) != 0) return 1;
  if (taktgate_int8_load(file, size, 1, NULL, &network, message, sizeof message) != 0)
    return fprintf(stderr, "%s: %s\n", words[1], message), 1;
  taktgate_int8_describe(network, &of);
  if (whole(words[2], pixels, &size) != 0) return 1;
  const size_t expected = (size_t)of.height * of.width * of.channels;
  if (size != expected)
    return fprintf(stderr,
                   "%s: expected %zu bytes, %d rows of %d pixels of %d channels, got %zu; give a "
                   "picture of the network's size\n",
                   words[2], expected, of.height, of.width, of.channels, size),
           1;
  static taktgate_int8_plane planes[4096]; /* no tensor has more channels */
  static float logits[4096];
  for (int c = 0; c < of.channels; ++c)
    planes[c] = (taktgate_int8_plane){pixels + c, of.width * of.channels, of.channels};
  if (taktgate_int8_run(network, planes, 1, logits, message, sizeof message) != 0)
    return fprintf(stderr, "%s\n", message), 1;
  for (int label = 0; label < of.labels; ++label) printf("%.9g\n", logits[label]);
}
