# Configuring and building with the presets.

# fa_configure PRESET [CMAKE-ARGUMENTS…]
fa_configure() { fa_locked "$FA_ROOT/build/$1" fa_configure_alone "$@"; }
fa_configure_alone() {
    local preset=$1 build="$FA_ROOT/build/$1" fresh=
    local settings=(-DCMAKE_PREFIX_PATH:STRING="$fa_torch_prefix")
    shift
    [ -z "${fa_test_python:-}" ] || settings+=(-DFA_PYTHON:FILEPATH="$fa_test_python")
    if [ -n "${fa_nvcc:-}" ]; then
        settings+=(-DCMAKE_CUDA_COMPILER:FILEPATH="$fa_nvcc")
        [ -z "${TORCH_CUDA_ARCH_LIST:-}" ] || settings+=(-DTORCH_CUDA_ARCH_LIST:STRING="$TORCH_CUDA_ARCH_LIST")
    fi
    # What was found in another LibTorch, or with another nvcc, must not linger in the cache.
    if [ -f "$build/CMakeCache.txt" ] &&
        { [ "$(fa_cached CMAKE_PREFIX_PATH "$build")" != "$fa_torch_prefix" ] ||
            { [ -n "${fa_nvcc:-}" ] && [ "$(fa_cached CMAKE_CUDA_COMPILER "$build")" != "$fa_nvcc" ]; }; }; then
        fresh=--fresh
    fi
    fa_say "cmake --preset $preset"
    # shellcheck disable=SC2086 # empty or one word
    (cd "$FA_ROOT" && cmake --preset "$preset" $fresh "${settings[@]}" "$@" >"$build/configure.log" 2>&1) || {
        tail -n 40 "$build/configure.log" >&2
        fa_die "CMake could not configure preset $preset (all of it: $build/configure.log)"
    }
}

# fa_cached VARIABLE FOLDER: its value in that build's cache.
fa_cached() { sed -n "s/^$1:[A-Z]*=//p" "$2/CMakeCache.txt"; }

# fa_build PRESET [TARGETS…]
fa_build() { fa_locked "$FA_ROOT/build/$1" fa_build_alone "$@"; }
fa_build_alone() {
    local preset=$1 jobs
    shift
    jobs=$(fa_jobs)
    fa_say "building ${*:-everything} of preset $preset with $jobs jobs"
    cmake --build "$FA_ROOT/build/$preset" --parallel "$jobs" ${1:+--target "$@"}
}
