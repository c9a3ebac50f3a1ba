/* Preloaded into a program, counts the calls that change files below a folder, and at the n-th brings disaster.
 *
 *   FA_SHIM_FOLDER  the folder (absolute, no links in it)
 *   FA_SHIM_LOG     each counted call is a line of this file: "<number> <call> <path>"
 *   FA_SHIM_RANK    only in this rank of an MPI job; without it in every process
 *   FA_SHIM_AT      n, counted from 1; without it calls are counted only
 *   FA_SHIM_DO      kill    SIGKILL before the call
 *                   torn    a write puts half its bytes down, then SIGKILL; other calls: as kill
 *                   enospc  the call fails with ENOSPC, later ones don't
 *                   eio     likewise with EIO
 *                   short   a write puts half its bytes down and says so; other calls are left alone
 *                   full    this and all later calls that need space fail with ENOSPC: the disk is full from here on
 *
 * HDF5 and Open MPI's ompio write with what libc exports (pwrite, pwritev), and so do libstdc++ and our own code.
 * Direct calls inside libc (stdio's buffers) are not seen: nothing that matters is written through those.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

_Static_assert(sizeof(off_t) == sizeof(off64_t), "the …64 calls are taken for the same as those without");

#define REAL(name) ((__typeof__(&name))real(#name))

static void* real(const char* name)
{
    void* const found = dlsym(RTLD_NEXT, name);
    if (found == NULL)
        abort();
    return found;
}

enum disaster { NOTHING, KILL, TORN, NO_SPACE, IO_ERROR, SHORT, FULL };

static enum disaster wanted(void)
{
    static const char* const words[] = {"", "kill", "torn", "enospc", "eio", "short", "full"};
    const char* const word = getenv("FA_SHIM_DO");
    for (int i = KILL; word != NULL && i <= FULL; ++i)
        if (strcmp(word, words[i]) == 0)
            return (enum disaster)i;
    return NOTHING;
}

static bool right_rank(void)
{
    const char* const wanted_rank = getenv("FA_SHIM_RANK");
    const char* const rank = getenv("OMPI_COMM_WORLD_RANK");
    return wanted_rank == NULL || (rank != NULL && strcmp(rank, wanted_rank) == 0);
}

static bool in_folder(const char* path)
{
    const char* const folder = getenv("FA_SHIM_FOLDER");
    const size_t length = folder == NULL ? 0 : strlen(folder);
    return length > 0 && strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0') && right_rank();
}

/* The path of an open file, or "" */
static const char* path_of(int file, char path[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = '\0';
    return path;
}

/* As open() would see it, without following a link at its end (rename and unlink don't). */
static const char* full_path(int folder, const char* name, char path[PATH_MAX])
{
    char base[PATH_MAX] = "";
    if (name[0] != '/' && folder == AT_FDCWD && getcwd(base, sizeof base) == NULL)
        base[0] = '\0';
    if (name[0] != '/' && folder != AT_FDCWD)
        path_of(folder, base);
    if (snprintf(path, PATH_MAX, name[0] == '/' ? "%s%s" : "%s/%s", base, name) >= PATH_MAX)
        path[0] = '\0';
    return path;
}

static void note(unsigned long number, const char* call, const char* path)
{
    char line[PATH_MAX + 64];
    const char* const log = getenv("FA_SHIM_LOG");
    const int file = log == NULL ? -1 : REAL(open)(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
        return;
    const int length = snprintf(line, sizeof line, "%lu %s %s\n", number, call, path);
    if (REAL(write)(file, line, (size_t)length) != length)
        abort();
    close(file);
}

/* Counts a call; what is to happen in it. */
static enum disaster count(const char* call, const char* path)
{
    static atomic_ulong calls;
    if (!in_folder(path))
        return NOTHING;
    const int before = errno;
    const unsigned long number = atomic_fetch_add(&calls, 1) + 1;
    note(number, call, path);
    const char* const at = getenv("FA_SHIM_AT");
    const unsigned long fatal = at == NULL ? 0 : strtoul(at, NULL, 10);
    const enum disaster disaster = wanted();
    errno = before;
    return fatal != 0 && (number == fatal || (disaster == FULL && number > fatal)) ? disaster : NOTHING;
}

_Noreturn static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* For calls that don't write: true if the call is to fail, errno set. */
static bool strikes(const char* call, const char* path, bool needs_space)
{
    switch (count(call, path)) {
    case KILL:
    case TORN:
        die();
    case NO_SPACE:
        errno = ENOSPC;
        return true;
    case IO_ERROR:
        errno = EIO;
        return true;
    case FULL:
        errno = ENOSPC;
        return needs_space;
    case NOTHING:
    case SHORT:
        break;
    }
    return false;
}

/* For writes: how many of `bytes` to write, or -1 if the call is to fail, errno set. `*last`: then die. */
static ssize_t allowed(const char* call, int file, size_t bytes, bool* last)
{
    char path[PATH_MAX];
    *last = false;
    switch (count(call, path_of(file, path))) {
    case KILL:
        die();
    case TORN:
        *last = true;
        return (ssize_t)(bytes / 2);
    case NO_SPACE:
    case FULL:
        errno = ENOSPC;
        return -1;
    case IO_ERROR:
        errno = EIO;
        return -1;
    case SHORT:
        return (ssize_t)(bytes > 1 ? bytes / 2 : bytes);
    case NOTHING:
        break;
    }
    return (ssize_t)bytes;
}

/* One body for all calls that write one buffer. */
#define WRITES(name, file, bytes, real_call)                                                                              \
    bool last;                                                                                                             \
    const ssize_t size = allowed(name, file, bytes, &last);                                                                \
    if (size < 0)                                                                                                          \
        return -1;                                                                                                         \
    const ssize_t written = real_call;                                                                                     \
    if (last)                                                                                                              \
        die();                                                                                                             \
    return written

ssize_t write(int file, const void* buffer, size_t bytes)
{
    WRITES("write", file, bytes, REAL(write)(file, buffer, (size_t)size));
}

ssize_t pwrite(int file, const void* buffer, size_t bytes, off_t offset)
{
    WRITES("pwrite", file, bytes, REAL(pwrite)(file, buffer, (size_t)size, offset));
}

ssize_t pwrite64(int, const void*, size_t, off64_t) __attribute__((alias("pwrite")));

/* The buffers of a vector, cut to `bytes`: the last one shorter, the rest empty. */
static void cut(struct iovec* vector, int buffers, size_t bytes)
{
    for (int i = 0; i < buffers; ++i) {
        vector[i].iov_len = vector[i].iov_len < bytes ? vector[i].iov_len : bytes;
        bytes -= vector[i].iov_len;
    }
}

static size_t bytes_of(const struct iovec* vector, int buffers)
{
    size_t bytes = 0;
    for (int i = 0; i < buffers; ++i)
        bytes += vector[i].iov_len;
    return bytes;
}

#define WRITES_VECTOR(name, file, vector, buffers, real_call)                                                              \
    struct iovec shortened[IOV_MAX];                                                                                       \
    if (buffers < 0 || buffers > IOV_MAX)                                                                                  \
        return errno = EINVAL, -1;                                                                                         \
    memcpy(shortened, vector, (size_t)buffers * sizeof *shortened);                                                        \
    bool last;                                                                                                             \
    const ssize_t size = allowed(name, file, bytes_of(vector, buffers), &last);                                            \
    if (size < 0)                                                                                                          \
        return -1;                                                                                                         \
    cut(shortened, buffers, (size_t)size);                                                                                 \
    const ssize_t written = real_call;                                                                                     \
    if (last)                                                                                                              \
        die();                                                                                                             \
    return written

ssize_t writev(int file, const struct iovec* vector, int buffers)
{
    WRITES_VECTOR("writev", file, vector, buffers, REAL(writev)(file, shortened, buffers));
}

ssize_t pwritev(int file, const struct iovec* vector, int buffers, off_t offset)
{
    WRITES_VECTOR("pwritev", file, vector, buffers, REAL(pwritev)(file, shortened, buffers, offset));
}

ssize_t pwritev64(int, const struct iovec*, int, off64_t) __attribute__((alias("pwritev")));

int fsync(int file)
{
    char path[PATH_MAX];
    return strikes("fsync", path_of(file, path), true) ? -1 : REAL(fsync)(file);
}

int fdatasync(int file)
{
    char path[PATH_MAX];
    return strikes("fdatasync", path_of(file, path), true) ? -1 : REAL(fdatasync)(file);
}

int ftruncate(int file, off_t bytes)
{
    char path[PATH_MAX];
    return strikes("ftruncate", path_of(file, path), bytes > 0) ? -1 : REAL(ftruncate)(file, bytes);
}

int ftruncate64(int, off64_t) __attribute__((alias("ftruncate")));

int rename(const char* from, const char* to)
{
    char path[PATH_MAX];
    return strikes("rename", full_path(AT_FDCWD, to, path), true) ? -1 : REAL(rename)(from, to);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to)
{
    char path[PATH_MAX];
    return strikes("rename", full_path(to_folder, to, path), true) ? -1 : REAL(renameat)(from_folder, from, to_folder, to);
}

int unlink(const char* name)
{
    char path[PATH_MAX];
    return strikes("unlink", full_path(AT_FDCWD, name, path), false) ? -1 : REAL(unlink)(name);
}

int unlinkat(int folder, const char* name, int flags)
{
    char path[PATH_MAX];
    return strikes("unlink", full_path(folder, name, path), false) ? -1 : REAL(unlinkat)(folder, name, flags);
}

int remove(const char* name) /* libc's calls its own unlink */
{
    char path[PATH_MAX];
    return strikes("unlink", full_path(AT_FDCWD, name, path), false) ? -1 : REAL(remove)(name);
}

int mkdir(const char* name, mode_t mode)
{
    char path[PATH_MAX];
    return strikes("mkdir", full_path(AT_FDCWD, name, path), true) ? -1 : REAL(mkdir)(name, mode);
}

/* Opening counts where it can make a file or empty one. */
#define OPENS(name, folder, flags, real_call)                                                                              \
    mode_t mode = 0;                                                                                                       \
    char path[PATH_MAX];                                                                                                   \
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {                                                      \
        va_list rest;                                                                                                      \
        va_start(rest, flags);                                                                                             \
        mode = va_arg(rest, mode_t);                                                                                       \
        va_end(rest);                                                                                                      \
    }                                                                                                                      \
    if ((flags & (O_CREAT | O_TRUNC)) != 0 && strikes("open", full_path(folder, name, path), true))                        \
        return -1;                                                                                                         \
    return real_call

int open(const char* name, int flags, ...)
{
    OPENS(name, AT_FDCWD, flags, REAL(open)(name, flags, mode));
}

int open64(const char*, int, ...) __attribute__((alias("open")));

int openat(int folder, const char* name, int flags, ...)
{
    OPENS(name, folder, flags, REAL(openat)(folder, name, flags, mode));
}

int openat64(int, const char*, int, ...) __attribute__((alias("openat")));
