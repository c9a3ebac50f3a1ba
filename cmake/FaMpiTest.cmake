# fa_mpi_test(<name> RANKS <n>… [TORCH] SOURCES … LINK …)
# One GoogleTest program, one ctest entry per number of ranks. Its main (tests/support/mpi_main.cpp) lets exceptions
# end the job: a throw that GoogleTest catches on one rank leaves the others hanging.
function(fa_mpi_test name)
    cmake_parse_arguments(test "TORCH" "" "RANKS;SOURCES;LINK" ${ARGN})
    if(test_TORCH AND NOT FA_WITH_TORCH)
        return()
    endif()
    add_executable(${name} ${test_SOURCES} ${PROJECT_SOURCE_DIR}/tests/support/mpi_main.cpp)
    target_link_libraries(${name} PRIVATE fa_options GTest::gmock MPI::MPI_C ${test_LINK})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
    fa_compile_as(${name} ${test_TORCH})
    foreach(ranks IN LISTS test_RANKS)
        add_test(NAME ${name}_${ranks}_ranks
                 COMMAND ${PROJECT_SOURCE_DIR}/tests/support/mpirun ${ranks} $<TARGET_FILE:${name}>)
        set_tests_properties(${name}_${ranks}_ranks PROPERTIES TIMEOUT 60 PROCESSORS 2)
        if(FA_SANITIZE) # Open MPI itself leaks at exit
            set_property(TEST ${name}_${ranks}_ranks PROPERTY ENVIRONMENT_MODIFICATION ASAN_OPTIONS=set:detect_leaks=0)
        endif()
    endforeach()
endfunction()
