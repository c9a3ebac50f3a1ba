# fa_torch: LibTorch's headers and libraries. Its folder comes from CMAKE_PREFIX_PATH (./scripts/setup finds one).
add_library(fa_torch INTERFACE)

set(torch_cuda_prefix "")
foreach(prefix IN LISTS CMAKE_PREFIX_PATH)
    if(EXISTS ${prefix}/share/cmake/Torch/TorchConfig.cmake AND EXISTS ${prefix}/lib/libtorch_cuda.so)
        set(torch_cuda_prefix ${prefix})
        break()
    endif()
endforeach()

if(FA_WITH_CUDA)
    include(FaCuda)
    find_package(Torch REQUIRED)
    set(CMAKE_CUDA_ARCHITECTURES OFF) # TorchConfig put them into CMAKE_CUDA_FLAGS
    # Not TORCH_LIBRARIES: it names libnvrtc, too, which none of ours calls.
    target_link_libraries(fa_torch INTERFACE torch torch_library c10 c10_cuda)
    set_property(TARGET torch::cudart PROPERTY INTERFACE_LINK_LIBRARIES ${FA_CUDA_cudart})
    # The toolkit's headers before the wheels': those are of another patch release, maybe.
    target_include_directories(fa_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS} ${cuda_includes})
    list(APPEND CMAKE_INSTALL_RPATH ${FA_CUDA_PREFIX}/lib)
elseif(torch_cuda_prefix)
    # A CUDA build's own CMake files insist on the CUDA toolkit; its CPU part can be linked without one.
    target_include_directories(fa_torch SYSTEM INTERFACE ${torch_cuda_prefix}/include
                                                         ${torch_cuda_prefix}/include/torch/csrc/api/include)
    foreach(library torch torch_cpu c10)
        find_library(FA_TORCH_LIBRARY_${library} ${library} PATHS ${torch_cuda_prefix}/lib NO_DEFAULT_PATH REQUIRED)
        target_link_libraries(fa_torch INTERFACE ${FA_TORCH_LIBRARY_${library}})
    endforeach()
    list(APPEND CMAKE_INSTALL_RPATH ${torch_cuda_prefix}/lib)
    # What libtorch.so asks for beyond that (libcudart …) is found by its own run path when a program starts.
    target_link_options(fa_torch INTERFACE -Wl,--allow-shlib-undefined)
else()
    find_package(Torch REQUIRED)
    target_include_directories(fa_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
    target_link_libraries(fa_torch INTERFACE ${TORCH_LIBRARIES})
    list(APPEND CMAKE_INSTALL_RPATH ${TORCH_INSTALL_PREFIX}/lib)
endif()
