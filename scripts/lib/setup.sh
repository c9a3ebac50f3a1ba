# The set-up that all scripts share. Source it with FA_ROOT set.
# shellcheck source-path=SCRIPTDIR
for part in common packages python torch build mpi; do
    . "$FA_ROOT/scripts/lib/$part.sh"
done

# fa_setup [tests]: packages, LibTorch, the checks, build/release configured. `tests`: a Python for the tests too.
fa_setup() {
    fa_install_packages
    [ "${1:-}" != tests ] || fa_install_test_packages
    fa_find_torch
    [ "${1:-}" != tests ] || fa_find_test_python
    fa_configure release
    fa_check_mpi
}
