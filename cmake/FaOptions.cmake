# What every target of ours is compiled with.
option(FA_SANITIZE "Build with AddressSanitizer and UBSan" OFF)
option(FA_WITH_TORCH "Build what needs LibTorch; OFF leaves the rooms (and tests) that do without it" ON)
option(FA_WITH_CUDA "Build for NVIDIA GPUs, too: needs nvcc and a CUDA LibTorch, but no GPU" OFF)
option(FA_GPU_CHECK_ONLY "Build what ./scripts/gpu-check runs, which needs LibTorch, CUDA and a compiler alone" OFF)
option(FA_FUZZ "Build the fuzzers of what reads files that no one vouches for (tests/fuzz; clang only)" OFF)
set(FA_PYTHON "" CACHE FILEPATH "Python with torch, numpy, h5py and safetensors, for tests that are written in it")

add_library(fa_options INTERFACE)
target_compile_features(fa_options INTERFACE cxx_std_20)
target_include_directories(fa_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(fa_options INTERFACE "$<$<COMPILE_LANGUAGE:C,CXX>:-Wall;-Wextra;-Wpedantic>")
if(NOT FA_GPU_CHECK_ONLY) # which meets compilers that nobody here has seen
    target_compile_options(fa_options INTERFACE "$<$<COMPILE_LANGUAGE:C,CXX>:-Werror>")
endif()
# Open MPI's C++ bindings break linking; hdf5.h of a parallel HDF5 includes mpi.h, so every room needs this.
target_compile_definitions(fa_options INTERFACE OMPI_SKIP_MPICXX)
# GCC 12 sees overlaps and endless copies in "literal" + std::string that are not there (GCC bug 105651).
target_compile_options(fa_options INTERFACE
    "$<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict;-Wno-stringop-overflow>")
if(FA_SANITIZE)
    target_compile_options(fa_options INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer
                                                -fno-sanitize-recover=undefined)
    target_link_options(fa_options INTERFACE -fsanitize=address,undefined)
endif()

if(FA_FUZZ) # tests/fuzz: libFuzzer sees which branches an input takes
    target_compile_options(fa_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer
                                                -fno-sanitize-recover=undefined)
    target_link_options(fa_options INTERFACE -fsanitize=address,undefined)
endif()

# LibTorch's own headers do not survive -Wconversion; rooms without it add this.
add_library(fa_strict INTERFACE)
target_compile_options(fa_strict INTERFACE -Wconversion -Wshadow)

find_program(FA_CCACHE ccache)
if(FA_CCACHE)
    # ccache with precompiled headers: -fpch-preprocess below, and this sloppiness.
    set(launcher ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${FA_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${launcher})
    target_compile_options(fa_options INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
endif()
