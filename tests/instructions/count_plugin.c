// A plugin of qemu-user: counts the instructions that a program executes, all of them, by function,
// and between one call of a marked function and the next. Debian's qemu-user has no header for
// plugins, so what is used of its interface (version 1) is declared here.
//
//   qemu-aarch64 -plugin libcount_plugin.so,out=FILE[,mark=PART_OF_A_NAME...] PROGRAM
//
// FILE gets "total COUNT", "function COUNT NAME" and, in the order of the calls, "call COUNT NAME"
// with what was executed until the next marked call or the end.
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { kNoRegisters = 0, kAddWord = 0 };
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
                                           void (*)(qemu_plugin_id_t, struct qemu_plugin_tb*));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn*, void (*)(unsigned, void*),
                                            int flags, void* data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn*, int op, void* word,
                                                uint64_t add);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void*),
                                    void* data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn*);
const char* qemu_plugin_insn_symbol(const struct qemu_plugin_insn*);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { kMostFunctions = 20000, kMostMarks = 16, kMostCalls = 100000 };
struct Function {
  char* name;
  uint64_t count;
  uint64_t entry;  // of a marked function; 0: of others
};
struct Call {
  const struct Function* function;
  uint64_t total;
};
static uint64_t total;
static struct Function functions[kMostFunctions];
static size_t function_count;
static struct Call calls[kMostCalls];
static size_t call_count;
static const char* marks[kMostMarks];
static size_t mark_count;
static const char* out_path;

static struct Function* FunctionOf(const char* symbol, uint64_t address) {
  const char* name = symbol != NULL && *symbol != 0 ? symbol : "?";
  for (size_t k = 0; k < function_count; ++k) {
    if (strcmp(functions[k].name, name) == 0) return &functions[k];
  }
  if (function_count == kMostFunctions) return &functions[kMostFunctions - 1];
  struct Function* made = &functions[function_count++];
  made->name = strdup(name);
  for (size_t k = 0; k < mark_count; ++k) {
    if (strstr(name, marks[k]) != NULL) made->entry = address;
  }
  return made;
}

static void OnCall(unsigned cpu, void* data) {
  (void)cpu;
  if (call_count < kMostCalls) calls[call_count++] = (struct Call){data, total};
}

// A function is translated for the first time when it is called, from where it begins; it may be
// translated more than once.
static void OnTranslated(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  for (size_t k = 0; k < qemu_plugin_tb_n_insns(block); ++k) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, k);
    const uint64_t address = qemu_plugin_insn_vaddr(instruction);
    struct Function* function = FunctionOf(qemu_plugin_insn_symbol(instruction), address);
    if (function->entry == address) {
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, OnCall, kNoRegisters, function);
    }
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, kAddWord, &total, 1);
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, kAddWord, &function->count, 1);
  }
}

static void OnExit(qemu_plugin_id_t id, void* data) {
  (void)id;
  (void)data;
  FILE* out = fopen(out_path, "w");
  if (out == NULL) {
    fprintf(stderr, "count_plugin: expected a file that can be written, got %s\n", out_path);
    return;
  }
  fprintf(out, "total %" PRIu64 "\n", total);
  for (size_t k = 0; k < function_count; ++k) {
    fprintf(out, "function %" PRIu64 " %s\n", functions[k].count, functions[k].name);
  }
  for (size_t k = 0; k < call_count; ++k) {
    const uint64_t end = k + 1 < call_count ? calls[k + 1].total : total;
    fprintf(out, "call %" PRIu64 " %s\n", end - calls[k].total, calls[k].function->name);
  }
  fclose(out);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id,
                                                               const struct qemu_info* info,
                                                               int count, char** words) {
  (void)info;
  for (int k = 0; k < count; ++k) {
    if (strncmp(words[k], "out=", 4) == 0) out_path = strdup(words[k] + 4);
    if (strncmp(words[k], "mark=", 5) == 0 && mark_count < kMostMarks) {
      marks[mark_count++] = strdup(words[k] + 5);
    }
  }
  if (out_path == NULL) {
    fprintf(stderr, "count_plugin: expected out=FILE, got none\n");
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnTranslated);
  qemu_plugin_register_atexit_cb(id, OnExit, NULL);
  return 0;
}
