# The set-up that all scripts share. Source it with FA_ROOT set.
# shellcheck source-path=SCRIPTDIR
for part in common packages python torch cuda build mpi; do
    . "$FA_ROOT/scripts/lib/$part.sh"
done

# fa_setup [tests]: packages, LibTorch, the checks, build/release configured. `tests`: a Python for the tests too.
fa_setup() {
    fa_install_packages
    [ "${1:-}" != tests ] || fa_install_test_packages
    fa_find_torch cpu
    [ "${1:-}" != tests ] || fa_find_test_python
    fa_configure release
    fa_check_mpi release
}

# fa_setup_cuda [tests]: the same with a CUDA LibTorch and nvcc, and build/cuda.
fa_setup_cuda() {
    fa_install_packages
    [ "${1:-}" != tests ] || fa_install_test_packages
    fa_find_torch cuda
    fa_find_nvcc "$fa_torch_prefix"
    [ "${1:-}" != tests ] || fa_find_test_python
    fa_configure cuda
    fa_check_mpi cuda
}
