# LibTorch: where it comes from, and whether it is one that we can build with.

# fa_find_torch cpu|cuda: sets fa_torch_prefix (the folder with include/, lib/, share/cmake/Torch) and fa_python (empty,
# or a Python with torch). Order: FA_TORCH_DIR, FA_PYTHON, an environment in the cache. `cpu` takes CUDA builds, too.
fa_find_torch() {
    local kind=$1 environment
    fa_torch_prefix=
    fa_python=
    if [ -n "${FA_TORCH_DIR:-}" ]; then
        fa_torch_prefix=$(fa_torch_of_dir "$FA_TORCH_DIR") || exit 1
        [ -z "${FA_PYTHON:-}" ] || fa_python=$FA_PYTHON
    elif [ -n "${FA_PYTHON:-}" ]; then
        fa_torch_prefix=$(fa_torch_of_python "$FA_PYTHON") ||
            fa_die "FA_PYTHON=$FA_PYTHON has no torch; unset it, or name a Python with torch 2.11 to 2.14"
        fa_python=$FA_PYTHON
    elif [ "$kind" = cuda ]; then
        environment=$(fa_locked "$(fa_cache)" fa_make_cuda_environment) ||
            fa_die "no CUDA build of torch==$fa_torch_cuda_version could be installed with" \
                "$(fa_interpreters | cut -d ' ' -f 1 | tr '\n' ' '); set FA_TORCH_DIR to a CUDA LibTorch, or FA_PYTHON to a" \
                "Python with a CUDA build of torch 2.11 to 2.14"
        fa_python=$environment/bin/python
        fa_torch_prefix=$(fa_torch_of_python "$fa_python") || fa_die "$environment is damaged; remove it and try again"
    else
        environment=$(fa_locked "$(fa_cache)" fa_make_torch_environment) ||
            fa_die "no torch==$fa_torch_version could be installed with $(fa_interpreters | cut -d ' ' -f 1 | tr '\n' ' ');" \
                "set FA_TORCH_DIR to a LibTorch zip or folder, or FA_PYTHON to a Python with torch 2.11 to 2.14"
        fa_python=$environment/bin/python
        fa_torch_prefix=$(fa_torch_of_python "$fa_python") || fa_die "$environment is damaged; remove it and try again"
    fi
    fa_check_torch "$kind" "$fa_torch_prefix"
}

# Sets fa_test_python to one that can run the tests, whatever LibTorch came from.
fa_find_test_python() {
    local environment
    if [ -z "$fa_python" ]; then
        environment=$(fa_locked "$(fa_cache)" fa_make_torch_environment) ||
            fa_die "the tests need a Python with torch: set FA_PYTHON"
        fa_python=$environment/bin/python
    fi
    environment=$(fa_locked "$(fa_cache)" fa_make_test_environment "$fa_python") ||
        fa_die "the tests need $fa_test_requirements beside $fa_python, and pip couldn't bring them"
    fa_test_python=$environment/bin/python
}

# Prints the LibTorch inside a Python's torch (found, not imported: that takes seconds).
fa_torch_of_python() {
    "$1" -c 'import importlib.util, sys
spec = importlib.util.find_spec("torch")
sys.exit(1) if spec is None else print(list(spec.submodule_search_locations)[0])'
}

# Prints the LibTorch of a zip (unpacked into the cache) or of a folder.
fa_torch_of_dir() {
    local given=$1
    if [ -f "$given" ]; then
        given=$(fa_locked "$(fa_cache)" fa_unpack_torch "$given") || return 1
    fi
    [ -d "$given/libtorch" ] && given=$given/libtorch
    [ -f "$given/share/cmake/Torch/TorchConfig.cmake" ] ||
        fa_die "FA_TORCH_DIR=$FA_TORCH_DIR holds no share/cmake/Torch/TorchConfig.cmake; right would be a LibTorch zip or" \
            "the folder it unpacks to"
    (cd "$given" && pwd)
}

fa_unpack_torch() {
    local zip=$1 folder
    folder="$(fa_cache)/libtorch-$(basename "$zip" .zip)-$(stat -c '%s-%Y' "$zip")"
    if ! [ -f "$folder/fa-complete" ]; then
        fa_say "LibTorch: unpacking $zip into $folder" >&2
        rm -rf "$folder"
        mkdir -p "$folder"
        python3 -m zipfile -e "$zip" "$folder" || fa_die "$zip can't be unpacked: is it a LibTorch zip?"
        touch "$folder/fa-complete"
    fi
    echo "$folder"
}

# fa_check_torch cpu|cuda PREFIX: version, C++ ABI and CUDA, each with its sentence.
fa_check_torch() {
    local kind=$1 prefix=$2 version
    version=$(fa_torch_version_of "$prefix")
    case $version in
        2.1[1-4].*) fa_say "LibTorch $version in $prefix" ;;
        *) fa_die "LibTorch ${version:-of unknown version} in $prefix: 2.11 to 2.14 is supported" ;;
    esac
    if grep -qs '_GLIBCXX_USE_CXX11_ABI=0' "$prefix/share/cmake/Torch/TorchConfig.cmake" ||
        ! grep -qa '__cxx11' "$prefix/lib/libc10.so"; then
        fa_die "this LibTorch was built with the old C++ ABI (_GLIBCXX_USE_CXX11_ABI=0); take the 'cxx11 ABI' download" \
            "or a wheel of 2.7 or newer"
    fi
    fa_say "C++ ABI: LibTorch uses the cxx11 one, as our compiler does"
    if [ "$kind" = cuda ]; then
        [ -f "$prefix/lib/libtorch_cuda.so" ] || fa_die "LibTorch in $prefix is a CPU build; a build for GPUs needs a CUDA" \
            "one (unset FA_TORCH_DIR and FA_PYTHON, and './scripts/setup --cuda' fetches one)"
    elif ! [ -f "$prefix/lib/libtorch_cuda.so" ]; then
        fa_say "CUDA: LibTorch is a CPU build, as preset 'release' wants"
    else
        fa_say "CUDA: LibTorch is a CUDA build; preset 'release' uses its CPU part"
    fi
}

fa_torch_version_of() {
    local header
    for header in "$1/include/torch/headeronly/version.h" "$1/include/torch/csrc/api/include/torch/version.h"; do
        [ -f "$header" ] || continue
        awk '$1 == "#define" && $2 ~ /^TORCH_VERSION_(MAJOR|MINOR|PATCH)$/ && $3 ~ /^[0-9]+$/ {
            printf "%s%s", separator, $3; separator = "." }' "$header" | grep . && return 0
    done
}
