# A build from nothing pays for headers more than for code: with TAKTGATE_UNITY several files of a
# room are compiled as one. Not for tests: who changes one wants it back soon. Anonymous namespaces
# then meet, so a name in one must be the only one in its folder. CONTRIBUTING.md has what it costs.
function(taktgate_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${TAKTGATE_UNITY} UNITY_BUILD_BATCH_SIZE 8)
endfunction()
