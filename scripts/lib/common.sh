# What every script needs: messages, the cache folder, how much machine there is.
# Sourced by bash scripts that have set FA_ROOT to the checkout.

fa_say() { printf '==> %s\n' "$*"; }
fa_warn() { printf 'warning: %s\n' "$*" >&2; }
fa_die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

fa_is_root() { [ "$(id -u)" -eq 0 ]; }

# Where downloads live: outside the checkout, so that a second checkout doesn't fetch them again.
fa_cache() { printf '%s/fa-harness' "${XDG_CACHE_HOME:-$HOME/.cache}"; }

# Cores that this process may use: affinity, and the container's quota where there is one.
fa_cores() {
    local cores quota period
    cores=$(nproc)
    if [ -r /sys/fs/cgroup/cpu.max ]; then
        read -r quota period </sys/fs/cgroup/cpu.max
        if [ "$quota" != max ] && [ $((quota / period)) -ge 1 ] && [ $((quota / period)) -lt "$cores" ]; then
            cores=$((quota / period))
        fi
    fi
    printf '%s' "$cores"
}

# Compiler jobs at a time: LibTorch's headers take up to 2 GB each. FA_JOBS overrides.
fa_jobs() {
    local cores gigabytes jobs
    cores=$(fa_cores)
    gigabytes=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
    jobs=$((gigabytes / 2 < cores ? gigabytes / 2 : cores))
    printf '%s' "${FA_JOBS:-$((jobs < 1 ? 1 : jobs))}"
}

# fa_locked FOLDER COMMAND…: one script at a time works on a folder.
fa_locked() {
    local folder=$1
    shift
    mkdir -p "$folder"
    (
        exec 9>"$folder/fa-lock"
        if ! flock -n 9; then
            fa_say "waiting for another script that works on $folder" >&2
            flock 9
        fi
        "$@"
    )
}
