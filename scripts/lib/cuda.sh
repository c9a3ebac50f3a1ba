# CUDA's compiler, and whether it fits LibTorch.

# Sets fa_nvcc: FA_NVCC, CUDACXX, the PATH's, /usr/local/cuda's.
fa_find_nvcc() {
    local prefix=$1 candidate ours theirs
    fa_nvcc=
    for candidate in "${FA_NVCC:-}" "${CUDACXX:-}" "$(command -v nvcc || true)" /usr/local/cuda/bin/nvcc; do
        [ -n "$candidate" ] || continue
        fa_nvcc=$(command -v "$candidate") || fa_die "$candidate (FA_NVCC or CUDACXX) is no program; right would be the path of an nvcc"
        break
    done
    [ -n "$fa_nvcc" ] || fa_die "no nvcc: FA_NVCC, CUDACXX, PATH and /usr/local/cuda/bin name none; install CUDA's compiler" \
        "(Debian: nvidia-cuda-toolkit, or NVIDIA's cuda-nvcc package), or set FA_NVCC"
    ours=$("$fa_nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')
    theirs=$(fa_cuda_major_of_torch "$prefix")
    [ "${ours%%.*}" = "$theirs" ] || fa_die "$fa_nvcc is of CUDA ${ours:-unknown}, but this LibTorch was built with" \
        "CUDA ${theirs:-unknown} ($prefix): both must have one major version; FA_NVCC names another nvcc"
    fa_say "CUDA: nvcc $ours ($fa_nvcc), LibTorch's CUDA is ${theirs}.x"
}

# The major version of the libcudart that LibTorch asks for.
fa_cuda_major_of_torch() {
    readelf -d "$1/lib/libc10_cuda.so" | sed -n 's/.*\[libcudart[^]]*\.so\.\([0-9]*\).*\].*/\1/p'
}
