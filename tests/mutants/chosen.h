// Put in front of every source that is compiled for the mutants (-include): which one is alive.
#ifndef TAKTGATE_TESTS_MUTANTS_CHOSEN_H_
#define TAKTGATE_TESTS_MUTANTS_CHOSEN_H_

namespace taktgate_mutants {

// From the environment, TAKTGATE_MUTANT: 0 none, -1 none, and whichever is come by is noted.
extern int chosen;
bool Note(int mutant);  // false

inline bool Alive(int mutant) {
  return __builtin_expect(chosen == mutant, 0) || (__builtin_expect(chosen < 0, 0) && Note(mutant));
}

}  // namespace taktgate_mutants

#define TG_MUTANT(number) ::taktgate_mutants::Alive(number)

#endif  // TAKTGATE_TESTS_MUTANTS_CHOSEN_H_
