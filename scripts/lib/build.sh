# Configuring and building with the presets.

# fa_configure PRESET [CMAKE-ARGUMENTS…]
fa_configure() { fa_locked "$FA_ROOT/build/$1" fa_configure_alone "$@"; }
fa_configure_alone() {
    local preset=$1 build="$FA_ROOT/build/$1" fresh=
    shift
    # What was found in another LibTorch, or with another nvcc, must not linger in the cache.
    if [ -f "$build/CMakeCache.txt" ] &&
        { ! grep -qxF "CMAKE_PREFIX_PATH:STRING=$fa_torch_prefix" "$build/CMakeCache.txt" ||
            { [ -n "${fa_nvcc:-}" ] && ! grep -qxF "CMAKE_CUDA_COMPILER:FILEPATH=$fa_nvcc" "$build/CMakeCache.txt"; }; }; then
        fresh=--fresh
    fi
    fa_say "cmake --preset $preset"
    # shellcheck disable=SC2086 # empty or one word
    (cd "$FA_ROOT" && cmake --preset "$preset" $fresh -DCMAKE_PREFIX_PATH:STRING="$fa_torch_prefix" \
        ${fa_test_python:+-DFA_PYTHON:FILEPATH="$fa_test_python"} \
        ${fa_nvcc:+-DCMAKE_CUDA_COMPILER:FILEPATH="$fa_nvcc"} "$@" >"$build/configure.log" 2>&1) || {
        tail -n 40 "$build/configure.log" >&2
        fa_die "CMake could not configure preset $preset (all of it: $build/configure.log)"
    }
}

# fa_build PRESET [TARGETS…]
fa_build() { fa_locked "$FA_ROOT/build/$1" fa_build_alone "$@"; }
fa_build_alone() {
    local preset=$1 jobs
    shift
    jobs=$(fa_jobs)
    fa_say "building ${*:-everything} of preset $preset with $jobs jobs"
    cmake --build "$FA_ROOT/build/$preset" --parallel "$jobs" ${1:+--target "$@"}
}
