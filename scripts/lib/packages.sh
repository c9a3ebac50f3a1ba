# Debian/Ubuntu packages: which are missing, and installing them where that is ours to do.
# What counts is whether the thing itself is there (a command, a header), whoever installed it.

# package=command
fa_commands='g++=g++ cmake=cmake ninja-build=ninja ccache=ccache libopenmpi-dev=mpicc openmpi-bin=mpirun
    libhdf5-openmpi-dev=h5pcc python3=python3'
# package=header
fa_headers='libboost-program-options-dev=boost/program_options.hpp
    libboost-dev=boost/math/distributions/students_t.hpp libgtest-dev=gtest/gtest.h
    libgmock-dev=gmock/gmock.h nlohmann-json3-dev=nlohmann/json.hpp
    libfmt-dev=fmt/format.h librandom123-dev=Random123/philox.h libzip-dev=zip.h
    zlib1g-dev=zlib.h libssl-dev=openssl/evp.h'

# package=command: what some tests start; they are skipped without it.
fa_test_commands='munge=munged slurmctld=slurmctld slurmd=slurmd slurm-client=srun mandoc=mandoc shellcheck=shellcheck
    texlive-latex-recommended=pdflatex texlive-science=ulqda poppler-utils=pdftotext
    gnuplot-nox=gnuplot chromium=chromium'

fa_cmake_is_new_enough() {
    local version
    version=$(cmake --version | awk 'NR == 1 { print $3 }')
    [ "$(printf '%s\n' 3.25 "$version" | sort -V | head -n 1)" = 3.25 ]
}

# Prints the packages that are missing, one a line.
fa_missing_packages() {
    local entry
    for entry in $fa_commands; do
        command -v "${entry#*=}" >/dev/null || echo "${entry%%=*}"
    done
    if command -v g++ >/dev/null; then
        for entry in $fa_headers; do
            printf '#if !__has_include(<%s>)\nmissing %s\n#endif\n' "${entry#*=}" "${entry%%=*}"
        done | g++ -std=c++20 -E -P -x c++ - | sed -n 's/^missing \(.*\)$/\1/p' | tr -d ' '
    else
        for entry in $fa_headers; do echo "${entry%%=*}"; done
    fi
    [ -n "$(fa_interpreters)" ] || echo python3-venv
}

# Installs what is missing as root; otherwise says what an administrator would run.
fa_install_packages() {
    local missing
    missing=$(fa_missing_packages | sort -u | tr '\n' ' ')
    if [ -z "$missing" ]; then
        fa_say "system packages: all there"
    elif [ -n "${MODULESHOME:-}${LOADEDMODULES:-}" ]; then
        fa_missing_is_fatal "$missing" "Environment modules rule here: load modules that bring them"
    elif ! command -v apt-get >/dev/null; then
        fa_missing_is_fatal "$missing" "This is no Debian or Ubuntu: install what these packages hold"
    elif ! fa_is_root; then
        fa_missing_is_fatal "$missing" "Installing them takes an administrator"
    else
        fa_say "system packages: installing $missing"
        export DEBIAN_FRONTEND=noninteractive
        apt-get -o DPkg::Lock::Timeout=600 update -qq
        # shellcheck disable=SC2086 # a list of words
        apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends $missing >/dev/null
        hash -r
    fi
    fa_cmake_is_new_enough || fa_die "CMake $(cmake --version | awk 'NR == 1 { print $3 }') is too old:" \
        "3.25 or newer is needed (Debian 12 and Ubuntu 24.04 have it; 'pip install cmake' brings it too)"
}

# For tests that start other programs: installed where that is ours to do, else those tests are skipped.
fa_install_test_packages() {
    local entry package missing=
    for entry in $fa_test_commands; do
        PATH=$PATH:/usr/sbin:/sbin command -v "${entry#*=}" >/dev/null || missing="$missing ${entry%%=*}"
    done
    if [ -z "$missing" ]; then
        fa_say "packages for some tests: all there"
    elif [ -n "${MODULESHOME:-}${LOADEDMODULES:-}" ] || ! command -v apt-get >/dev/null || ! fa_is_root; then
        fa_say "tests that need them will be skipped: not installed, and not ours to install:$missing"
    else
        fa_say "packages for some tests: installing$missing"
        apt-get -o DPkg::Lock::Timeout=600 update -qq || true
        for package in $missing; do # one by one: not every distribution has each
            DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq \
                --no-install-recommends "$package" >/dev/null ||
                fa_warn "$package can't be installed: the tests that need it will be skipped"
        done
    fi
}

# Everything but ccache is needed.
fa_missing_is_fatal() {
    local missing=$1 why=$2
    if [ "$missing" = "ccache " ]; then
        fa_warn "ccache is not installed: rebuilding takes longer"
        return 0
    fi
    fa_die "missing: $missing
$why, or an administrator of a Debian or Ubuntu machine runs:
    apt-get update && apt-get install -y --no-install-recommends $missing"
}
