# MPI: one MPI for compiler and HDF5, and how programs are started.

# fa_check_mpi PRESET: the MPI that mpicc links and the one that HDF5 was built with must be the same library.
fa_check_mpi() {
    local cache="$FA_ROOT/build/$1/CMakeCache.txt" hdf5 ours theirs
    ours=$(readlink -f "$(sed -n 's/^MPI_mpi_LIBRARY:FILEPATH=//p' "$cache")")
    hdf5=$(sed -n 's/^HDF5_C_LIBRARY_hdf5:FILEPATH=//p' "$cache")
    if [ "${hdf5%.a}" != "$hdf5" ]; then
        fa_say "MPI: HDF5 is linked statically ($hdf5), so it uses mpicc's"
        return 0
    fi
    theirs=$(ldd "$hdf5" | awk '/libmpi[_.a-z0-9]*\.so/ { print $3; exit }')
    [ -n "$theirs" ] || fa_die "MPI: $hdf5 uses no MPI; the parallel HDF5 is needed (Debian: libhdf5-openmpi-dev)"
    theirs=$(readlink -f "$theirs")
    [ "$ours" = "$theirs" ] || fa_die "MPI: mpicc links $ours but HDF5 ($hdf5) was built with $theirs; make them one" \
        "(PATH with the right mpicc, or HDF5_ROOT with the right HDF5)"
    fa_say "MPI: mpicc and HDF5 use the same one, $ours"
}

# Ranks for the examples: one a core, at least 2 so that MPI shows, at most 16.
fa_ranks() {
    local cores
    cores=$(fa_cores)
    printf '%s' "$((cores < 2 ? 2 : cores > 16 ? 16 : cores))"
}

# fa_mpirun RANKS COMMAND…
fa_mpirun() {
    local ranks=$1 cores
    shift
    if fa_is_root; then # Open MPI asks twice whether root really wants this
        export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    fi
    # mpirun counts physical cores; where they can't be told, let it have as many ranks as we want.
    cores=$( (lscpu -p=CORE,SOCKET 2>/dev/null || true) | awk '!/^#/ && !seen[$0]++' | wc -l)
    if [ "$ranks" -gt "$cores" ] || [ "$ranks" -gt "$(fa_cores)" ]; then
        set -- --oversubscribe "$@"
    fi
    mpirun -q -n "$ranks" "$@"
}
