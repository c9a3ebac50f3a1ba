# Pythons: those of the machine, and the virtual environments with PyTorch that the cache keeps.

fa_torch_version=2.13.0      # for preset release
fa_torch_cuda_version=2.14.1 # for preset cuda
fa_torch_cpu_index=${FA_TORCH_CPU_INDEX:-https://download.pytorch.org/whl/cpu}
fa_test_requirements='numpy h5py safetensors jsonschema clang-format==19.1.7'

# Prints the machine's Pythons that can make virtual environments, best first, as "path pyXY".
fa_interpreters() {
    local name
    for name in python3 /usr/bin/python3 python3.13 python3.12 python3.11 python3.10; do
        "$name" -c 'import ensurepip, os, sys, venv
if (3, 10) <= sys.version_info[:2] <= (3, 14):
    print(os.path.realpath(sys.executable), "py%d%d" % sys.version_info[:2])' 2>/dev/null || true
    done | awk '!seen[$1]++'
}

fa_pip() {
    local environment=$1
    shift
    "$environment/bin/python" -m pip --disable-pip-version-check install --quiet --only-binary=:all: \
        "$@" 2>>"$environment/pip.log"
}

# The marker is written last: an environment without it (or with other contents wanted) is not believed.
fa_is_complete() {
    [ -f "$1/fa-complete" ] && [ "$(cat "$1/fa-complete")" = "$2" ] && "$1/bin/python" -c pass 2>/dev/null
}

# fa_known_environment PREFIX MARKER: prints the first complete one whose path begins so.
fa_known_environment() {
    local environment
    for environment in "$1"-*; do
        if fa_is_complete "$environment" "$2"; then
            echo "$environment"
            return 0
        fi
    done
    return 1
}

# Prints the virtual environment with PyTorch, made if need be (with the cache locked).
fa_make_torch_environment() {
    local wanted="torch==$fa_torch_version" cache
    cache=$(fa_cache)
    fa_known_environment "$cache/torch-$fa_torch_version" "$wanted" && return 0
    # The configured index, if it offers a CPU build; PyTorch's CPU index; whatever the configured index has.
    fa_try_torch $fa_torch_version cpu "$wanted" "torch==$fa_torch_version+cpu" && return 0
    fa_try_torch $fa_torch_version cpu "$wanted" "torch==$fa_torch_version+cpu" --extra-index-url "$fa_torch_cpu_index" \
        --retries 1 --timeout 30 && return 0
    fa_try_torch $fa_torch_version any "$wanted" "torch==$fa_torch_version" && return 0
    fa_warn "pip's last words: $(cat "$cache/torch-$fa_torch_version"-*/pip.log 2>/dev/null | tail -n 1)"
    return 1
}

# The same with a CUDA build of PyTorch and the CUDA libraries that its wheel asks for: an environment of its own.
fa_make_cuda_environment() {
    local wanted="torch==$fa_torch_cuda_version with CUDA" cache
    cache=$(fa_cache)
    fa_known_environment "$cache/torch-$fa_torch_cuda_version-cuda" "$wanted" && return 0
    # === is no +cpu build, which pip takes for newer; an index of CUDA builds alone calls them +cu….
    fa_try_torch $fa_torch_cuda_version cuda "$wanted" "torch===$fa_torch_cuda_version" && return 0
    fa_try_torch $fa_torch_cuda_version cuda "$wanted" "torch==$fa_torch_cuda_version" && return 0
    fa_warn "pip's last words: $(cat "$cache/torch-$fa_torch_cuda_version-cuda"-*/pip.log 2>/dev/null | tail -n 1)"
    return 1
}

# fa_try_torch VERSION LABEL MARKER PIP-ARGUMENTS…: with each of the machine's Pythons until one gets its wheel.
fa_try_torch() {
    local version=$1 label=$2 wanted=$3 environment interpreter tag
    shift 3
    while read -r interpreter tag; do
        environment="$(fa_cache)/torch-$version-$label-$tag"
        rm -rf "$environment" # what an interrupted set-up left is not to be trusted
        "$interpreter" -m venv "$environment" >/dev/null 2>&1 || continue
        fa_say "PyTorch: pip install $* (with $interpreter) into $environment" >&2
        if fa_pip "$environment" "$@"; then
            echo "$wanted" >"$environment/fa-complete"
            echo "$environment"
            return 0
        fi
    done < <(fa_interpreters)
    return 1
}

# Prints a virtual environment that sees the packages of Python $1 and has what the tests need besides.
fa_make_test_environment() {
    local base=$1 environment
    environment="$(fa_cache)/tests-$(printf '%s' "$base" | cksum | cut -d ' ' -f 1)"
    if ! fa_is_complete "$environment" "$base $fa_test_requirements"; then
        fa_say "tests: what $base lacks of $fa_test_requirements goes to $environment" >&2
        rm -rf "$environment"
        "$base" -m venv "$environment" || return 1
        "$base" -c 'import sysconfig; print(*sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}), sep="\n")' \
            >"$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/fa-base.pth"
        # shellcheck disable=SC2086 # a list of words
        fa_pip "$environment" $fa_test_requirements || { tail -n 1 "$environment/pip.log" >&2; return 1; }
        echo "$base $fa_test_requirements" >"$environment/fa-complete"
    fi
    echo "$environment"
}
