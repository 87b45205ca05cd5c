#ifndef TAKTGATE_INT8_H
#define TAKTGATE_INT8_H

/*
 * taktgate's INT8 engine as a library: runs a network that `taktgate-prep compile` has written, on
 * the CPU, and gives the same bytes on every CPU (docs/int8.md). A run neither allocates nor locks
 * nor calls the system; with more than one thread it calls the system to wake the others.
 *
 * Threads: one network runs on one thread at a time; a second run meanwhile is refused. Stop and
 * resume are for any thread. Different networks do not share anything.
 *
 * Errors: each call that can fail gives a status. The long ones also write a message for a person,
 * ended by a zero and cut to `message_size`, into `message` if that is not NULL. NULL in the place
 * of anything else is INVALID, or does nothing where there is no status.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a program must be compiled anew; the number in libtaktgate_int8.so.1. */
#define TAKTGATE_INT8_ABI 1

/* Of this library: the functions below, and nothing else. */
#pragma GCC visibility push(default)

typedef struct taktgate_int8 taktgate_int8;

typedef enum {
  TAKTGATE_INT8_OK = 0,
  TAKTGATE_INT8_INVALID = 1,     /* an argument or the file breaks a rule */
  TAKTGATE_INT8_CORRUPT = 2,     /* the file was cut or damaged */
  TAKTGATE_INT8_UNSUPPORTED = 3, /* of a later version, or not for this CPU */
  TAKTGATE_INT8_BUSY = 4,        /* another thread is in a run of this network */
  TAKTGATE_INT8_STOPPED = 5,     /* it was told to stop; there is no result */
  TAKTGATE_INT8_NO_MEMORY = 6,
  TAKTGATE_INT8_INTERNAL = 7 /* a bug of ours; please report it */
} taktgate_int8_status;

/* What a status means, in a few words; never NULL, also of a number that is none. */
const char* taktgate_int8_words(int status);

/* TAKTGATE_INT8_ABI of the library that was loaded. */
int taktgate_int8_abi(void);

/* One channel of a picture: its pixel at (row, column) is first[row * row_step + column * step]. */
typedef struct {
  const uint8_t* first;
  ptrdiff_t row_step;
  ptrdiff_t step;
} taktgate_int8_plane;

typedef struct {
  int height, width, channels; /* of the pictures */
  int labels;                  /* logits of each picture */
  int windows;                 /* pictures that one run may take */
  int extra_outputs;
  const char* instruction_set; /* that it runs on: "avx512-vnni"; lives as long as the network */
} taktgate_int8_info;

/* Codes beside the logits; a code q stands for (q - zero_point) * scale. */
typedef struct {
  int role; /* 0 embedding, 1 channel means, 2 class map */
  int height, width, channels;
  float scale;
  int zero_point;
} taktgate_int8_output;

/*
 * Loads a compiled network and repacks it for this CPU. `windows`: pictures that one run may take,
 * 1 to 64. `instruction_set`: NULL for the fastest, or "scalar", "avx2", "avx-vnni", "avx512-vnni",
 * "neon", "neon-dot", "neon-i8mm": the kernels of the engine, named by what they need of a CPU. The
 * file's bytes are not needed afterwards. `*network` is NULL unless the status is OK.
 */
taktgate_int8_status taktgate_int8_load(const void* file, size_t size, int windows,
                                        const char* instruction_set, taktgate_int8** network,
                                        char* message, size_t message_size);

/* The bytes that an arena needs, the memory that the maps of a run lie in. */
taktgate_int8_status taktgate_int8_arena_size(const void* file, size_t size, int windows,
                                              size_t* bytes, char* message, size_t message_size);

/*
 * As taktgate_int8_load, with an arena of the caller: of at least the bytes that
 * taktgate_int8_arena_size gives, from a multiple of 64 on, and of this network alone until it is
 * freed.
 */
taktgate_int8_status taktgate_int8_load_into(void* arena, size_t arena_size, const void* file,
                                             size_t size, int windows, const char* instruction_set,
                                             taktgate_int8** network, char* message,
                                             size_t message_size);

/*
 * Further threads for the runs to come: 1, as a network is loaded, to 4 in all. They are made here
 * and end with the network; between runs they sleep. The results are the same bytes. More than one
 * pays where as many cores are free. BUSY: a run is under way.
 */
taktgate_int8_status taktgate_int8_use_threads(taktgate_int8* network, int threads, char* message,
                                               size_t message_size);

/* NULL is allowed. No run may be under way. */
void taktgate_int8_free(taktgate_int8* network);

taktgate_int8_status taktgate_int8_describe(const taktgate_int8* network, taktgate_int8_info* info);

/*
 * The instruction sets, "avx512-vnni, avx2", that this CPU has and that are not used: when the
 * network was loaded their kernels gave other bytes than the plain ones. The results are right, but
 * slower than they could be; please report it with the CPU's name. "" if there is none, as it
 * should be. Lives as long as the network; NULL if that is NULL.
 */
const char* taktgate_int8_left_out(const taktgate_int8* network);

/* `index` counts from 0. INVALID: there is none of this number. */
taktgate_int8_status taktgate_int8_describe_output(const taktgate_int8* network, int index,
                                                   taktgate_int8_output* output);

/*
 * Computes `windows` pictures. `planes`: windows x channels, read in place; pixels lie anywhere,
 * steps are positive. `logits`: room for windows x labels floats, aligned as floats are. If the
 * status is not OK, nothing is written there.
 */
taktgate_int8_status taktgate_int8_run(taktgate_int8* network, const taktgate_int8_plane* planes,
                                       int windows, float* logits, char* message,
                                       size_t message_size);

/*
 * An extra output of the last run: height x width x channels codes, of `window`. NULL: there is no
 * such output or window. Valid until the next run.
 */
const uint8_t* taktgate_int8_codes(const taktgate_int8* network, int window, int index);

/* Makes a run in progress, or the next one, end between two layers, until it is resumed. */
void taktgate_int8_stop(taktgate_int8* network);
void taktgate_int8_resume(taktgate_int8* network);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TAKTGATE_INT8_H */
