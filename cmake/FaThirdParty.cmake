# Every third-party package, found once. `./scripts/setup` installs what is missing.
find_package(Threads REQUIRED)
if(FA_GPU_CHECK_ONLY)
    include(FaTorch)
    # LibTorch's headers have an fmt among them.
    add_library(fa_fmt INTERFACE)
    target_compile_definitions(fa_fmt INTERFACE FMT_HEADER_ONLY=1)
    add_library(fmt::fmt-header-only ALIAS fa_fmt)
    return()
endif()
find_package(MPI REQUIRED COMPONENTS C)

set(HDF5_PREFER_PARALLEL ON)
find_package(HDF5 1.10 REQUIRED COMPONENTS C)
if(NOT HDF5_IS_PARALLEL)
    message(FATAL_ERROR "The HDF5 found (${HDF5_C_INCLUDE_DIRS}) is a serial build; fa-harness needs the parallel "
                        "one of the same MPI (Debian: libhdf5-openmpi-dev).")
endif()

if(FA_WITH_TORCH)
    include(FaTorch)
endif()
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_path(RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED)

# hdf5.h of the parallel build includes mpi.h: whoever includes the one needs the other's headers.
add_library(fa_hdf5 INTERFACE)
target_include_directories(fa_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
target_link_libraries(fa_hdf5 INTERFACE ${HDF5_C_LIBRARIES} MPI::MPI_C)

add_library(fa_random123 INTERFACE)
target_include_directories(fa_random123 SYSTEM INTERFACE ${RANDOM123_INCLUDE_DIR})

# libzip's own CMake files ask for its command-line tools, which distributions package apart.
find_path(LIBZIP_INCLUDE_DIR zip.h REQUIRED)
find_library(LIBZIP_LIBRARY zip REQUIRED)
add_library(fa_libzip INTERFACE)
target_include_directories(fa_libzip SYSTEM INTERFACE ${LIBZIP_INCLUDE_DIR})
target_link_libraries(fa_libzip INTERFACE ${LIBZIP_LIBRARY})
