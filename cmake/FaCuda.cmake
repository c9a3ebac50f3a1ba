# The CUDA compiler and the CUDA libraries that LibTorch itself uses (FA_WITH_CUDA). No GPU and no driver is needed.
#
# fa_cuda   cudart, cuBLAS and their headers, for sources that call them (LibTorch's CUDA part comes with fa_torch)
# fa_nccl   NCCL and its header
#
# Libraries are the very files that libtorch_cuda.so asks for: a second copy of one, from the toolkit or the system,
# would have a state of its own.
set(FA_CUDA_PREFIX ${torch_cuda_prefix})
if(NOT FA_CUDA_PREFIX)
    message(FATAL_ERROR "FA_WITH_CUDA needs a CUDA build of LibTorch, and CMAKE_PREFIX_PATH (${CMAKE_PREFIX_PATH}) names none: "
                        "'./scripts/setup --cuda' fetches one; FA_WITH_CUDA=OFF builds for CPUs")
endif()

# What our kernels are compiled for: machine code for A100 and H100 and their kind, and PTX for what comes after.
set(cuda_architectures "8.0;9.0+PTX")
if(DEFINED ENV{TORCH_CUDA_ARCH_LIST})
    set(cuda_architectures "$ENV{TORCH_CUDA_ARCH_LIST}")
endif()
set(TORCH_CUDA_ARCH_LIST "${cuda_architectures}" CACHE STRING
    "GPU architectures, as PyTorch writes them: 8.0;9.0+PTX (the environment's, where it is set at the first configuring)")

# LibTorch's CMake files turn the list into flags of their own, and complain about CMake's.
set(CMAKE_CUDA_ARCHITECTURES OFF)
set(CMAKE_CUDA_RUNTIME_LIBRARY None) # LibTorch's libcudart, below
enable_language(CUDA)
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION) # CMake 3.25 doesn't know that nvcc has C++20
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
endif()
unset(CMAKE_CUDA_ARCHITECTURES)
# nvcc may be a script that starts the real one elsewhere: only nvcc knows where its toolkit is.
set(CUDA_TOOLKIT_ROOT_DIR ${CMAKE_CUDA_COMPILER_TOOLKIT_ROOT})
set(CUDAToolkit_ROOT ${CMAKE_CUDA_COMPILER_TOOLKIT_ROOT})

# fa_find_cuda_library(<name>): sets FA_CUDA_<name>, the file that libtorch_cuda.so gets when it asks for lib<name>
execute_process(COMMAND ldd ${FA_CUDA_PREFIX}/lib/libtorch_cuda.so OUTPUT_VARIABLE torch_cuda_needs
                ERROR_VARIABLE ldd_errors RESULT_VARIABLE ldd_failed)
if(ldd_failed)
    message(FATAL_ERROR "ldd ${FA_CUDA_PREFIX}/lib/libtorch_cuda.so: ${ldd_errors}")
endif()
function(fa_find_cuda_library name)
    if(NOT torch_cuda_needs MATCHES "lib${name}[^\n/]* => ([^\n]*/lib${name}[^\n ]*) ")
        message(FATAL_ERROR "libtorch_cuda.so in ${FA_CUDA_PREFIX}/lib asks for no lib${name} of its own, or it is missing; "
                            "right would be the LibTorch of the torch wheel with the CUDA wheels beside it "
                            "(./scripts/setup --cuda fetches them)")
    endif()
    get_filename_component(file ${CMAKE_MATCH_1} ABSOLUTE)
    set(FA_CUDA_${name} ${file} PARENT_SCOPE)
endfunction()
fa_find_cuda_library(cudart)
fa_find_cuda_library(cublas)
fa_find_cuda_library(nccl)

string(REGEX MATCH "[0-9]+$" toolkit_major ${FA_CUDA_cudart})
string(REGEX MATCH "^[0-9]+" nvcc_major ${CMAKE_CUDA_COMPILER_VERSION})
if(NOT toolkit_major STREQUAL nvcc_major)
    message(FATAL_ERROR "nvcc (${CMAKE_CUDA_COMPILER}) is of CUDA ${CMAKE_CUDA_COMPILER_VERSION}, LibTorch of CUDA ${toolkit_major} "
                        "(${FA_CUDA_cudart}): make them the same major version (FA_NVCC names another nvcc)")
endif()

# Headers: the toolkit's first; what it lacks (cuBLAS, NCCL …) from the wheels that the libraries come from.
set(cuda_includes ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
foreach(library cudart cublas nccl)
    get_filename_component(folder ${FA_CUDA_${library}} DIRECTORY)
    list(APPEND cuda_library_folders ${folder})
    get_filename_component(folder ${folder}/../include ABSOLUTE)
    if(EXISTS ${folder})
        list(APPEND cuda_includes ${folder})
    endif()
endforeach()
# (CUDA 12's wheels have a folder each: nvidia/cublas, nvidia/cusparse …; ATen's headers include several)
get_filename_component(wheels ${FA_CUDA_PREFIX}/../nvidia ABSOLUTE)
file(GLOB wheel_includes ${wheels}/*/include)
list(APPEND cuda_includes ${wheel_includes})
list(REMOVE_DUPLICATES cuda_includes)
list(REMOVE_DUPLICATES cuda_library_folders)
find_path(FA_CUBLAS_INCLUDE_DIR cublas_v2.h PATHS ${cuda_includes} NO_DEFAULT_PATH REQUIRED)
find_path(FA_NCCL_INCLUDE_DIR nccl.h PATHS ${cuda_includes} NO_DEFAULT_PATH)
find_path(FA_NCCL_INCLUDE_DIR nccl.h REQUIRED)

# TorchConfig links libnvrtc and finds it in the toolkit alone.
find_file(CUDA_nvrtc_LIBRARY NAMES libnvrtc.so.${toolkit_major} libnvrtc.so NO_DEFAULT_PATH
          PATHS ${cuda_library_folders} ${wheels}/cuda_nvrtc/lib ${CMAKE_CUDA_COMPILER_TOOLKIT_ROOT}/lib64 REQUIRED)

# Warnings are errors, nvcc's and the host compiler's, but on a machine that nobody here has seen.
if(NOT FA_GPU_CHECK_ONLY)
    target_compile_options(fa_options INTERFACE
        "$<$<COMPILE_LANGUAGE:CUDA>:--Werror=all-warnings;-Xcompiler=-Wall,-Wextra,-Werror>")
endif()

add_library(fa_cuda INTERFACE)
target_include_directories(fa_cuda SYSTEM INTERFACE ${cuda_includes})
target_link_libraries(fa_cuda INTERFACE ${FA_CUDA_cudart} ${FA_CUDA_cublas} fa_torch)
# A run path that counts before LD_LIBRARY_PATH, as LibTorch's own does: a module's NCCL there is not LibTorch's.
target_link_options(fa_cuda INTERFACE LINKER:--disable-new-dtags)

add_library(fa_nccl INTERFACE)
target_include_directories(fa_nccl SYSTEM INTERFACE ${FA_NCCL_INCLUDE_DIR})
target_link_libraries(fa_nccl INTERFACE ${FA_CUDA_nccl} fa_cuda)
list(APPEND CMAKE_INSTALL_RPATH ${cuda_library_folders})

# fa_cuda_kernels(<target> <source.cu>…): kernels for GPUs, compiled into <target>.
#
# --fmad=false: a fused multiply-add rounds differently, and draws must have the CPU's bits (design 7); divisions and
# square roots are IEEE-exact unless -use_fast_math says otherwise, and it never does.
function(fa_cuda_kernels target)
    if(NOT TARGET ${target})
        return()
    endif()
    set(objects ${target}_cuda_kernels)
    if(NOT TARGET ${objects})
        add_library(${objects} OBJECT)
        target_link_libraries(${objects} PRIVATE fa_options fa_cuda)
        target_compile_options(${objects} PRIVATE --fmad=false)
        set_target_properties(${objects} PROPERTIES POSITION_INDEPENDENT_CODE ON)
        target_sources(${target} PRIVATE $<TARGET_OBJECTS:${objects}>)
        target_link_libraries(${target} PUBLIC fa_cuda)
    endif()
    target_sources(${objects} PRIVATE ${ARGN})
endfunction()
