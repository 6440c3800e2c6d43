/*
 * Keeps what a power loss would take. Preloaded (ld.so(8), LD_PRELOAD) it stands before the calls by which a process changes files below
 * POWER_ROOT, and writes into POWER_STORE, before each change, what was there. At fsync(2) or fdatasync(2) of the file that is forgotten,
 * whichever process wrote and whichever syncs, and at syncfs(2) that of all files. What is in the store when all have been killed is what no disk was told to keep:
 * power-off.ts puts it back.
 *
 * Two kinds of files in the store, both in the byte order of the machine:
 *   <id>    of one file: records of what was overwritten or cut off (struct piece, then `kept` bytes)
 *   names   of all directories: what was created, renamed, linked, unlinked, and what was synced, in order (struct name, then two paths)
 * An id is made of inode and birth time (statx(2)), since an inode comes again when its file is gone.
 *
 * Taken as durable, since it does not pass here: what libc writes by itself (stdio), mkdir, rmdir and symlink, what is written through mmap(2), and
 * what is called by syscall(2). sync_file_range(2) promises nothing and does nothing here. A write is durable at once where the file was
 * opened with O_SYNC or O_DSYNC.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHUNK 65536
#define PATH_BYTES 4096
#define STORE_BYTES 1024
#define EXPORT __attribute__((visibility("default")))

struct piece {
  int64_t offset;
  /* Bytes that are changed from there, of which the first `kept` were in the file and follow. */
  int64_t length;
  int64_t kept;
  /* Of the file, before. */
  int64_t size;
};

enum kind { CREATED = 1, RENAMED, LINKED, UNLINKED, FILE_SYNCED, FOLDER_SYNCED, ALL_SYNCED };

struct name {
  int64_t kind;
  /* Whose name it is. */
  uint64_t id;
  /* Of the directories of `from` and `to`. */
  uint64_t folders[2];
  /* Number of the link in the store that holds what was at `to` of RENAMED, or at `from` of UNLINKED; 0: nothing. */
  int64_t saved;
  int64_t lengths[2];
};

static char root[STORE_BYTES], store[STORE_BYTES];

static int isOn(void) { return root[0] != 0 && store[0] != 0; }

struct seen {
  uint64_t id;
  int64_t size;
  mode_t mode;
  int links;
};

/* Odd multiplier of 64 bits (golden ratio): power-off.ts computes the same. */
static uint64_t idOf(uint64_t inode, int64_t seconds, uint32_t nanoseconds) {
  return inode ^ (((uint64_t)seconds * 1000000000u + nanoseconds) * 0x9e3779b97f4a7c15u);
}

static int look(int at, const char *path, int flags, struct seen *seen) {
  struct statx found;
  if (syscall(SYS_statx, at, path, flags, STATX_BASIC_STATS | STATX_BTIME, &found) != 0) return -1;
  seen->id = idOf(found.stx_ino, found.stx_btime.tv_sec, found.stx_btime.tv_nsec);
  seen->size = (int64_t)found.stx_size;
  seen->mode = found.stx_mode;
  seen->links = (int)found.stx_nlink;
  return 0;
}

static int lookAt(int fd, struct seen *seen) { return look(fd, "", AT_EMPTY_PATH, seen); }

static int isBelow(const char *path) { return strncmp(path, root, strlen(root)) == 0; }

static int opened(int at, const char *path, int flags, mode_t mode) { return (int)syscall(SYS_openat, at, path, flags, mode); }

static void closed(int fd) { syscall(SYS_close, fd); }

static int64_t append(int fd, const void *bytes, int64_t length) { return syscall(SYS_write, fd, bytes, length); }

/* A simulation that forgets tells what is not so. */
static void fail(const char *what) {
  char text[256];
  int length = snprintf(text, sizeof text, "power: %s: %s\n", what, strerror(errno));
  syscall(SYS_write, 2, text, length);
  abort();
}

/* Copied: PostgreSQL writes its title over its environment. */
static void take(const char *name, char *into) {
  const char *given = getenv(name);
  if (given != NULL && snprintf(into, STORE_BYTES, "%s", given) >= STORE_BYTES) fail(name);
}

__attribute__((constructor)) static void begin(void) {
  take("POWER_ROOT", root);
  take("POWER_STORE", store);
}

/* Opened anew each time: a lock of flock(2) belongs to the open file, which a fork or a thread would share. */
static int locked(const char *name, int flags) {
  char path[PATH_BYTES];
  snprintf(path, sizeof path, "%s/%s", store, name);
  int fd = opened(AT_FDCWD, path, flags | O_CLOEXEC | O_APPEND | O_RDWR, 0666);
  if (fd < 0) return -1;
  while (syscall(SYS_flock, fd, LOCK_EX) != 0)
    if (errno != EINTR) fail("flock");
  return fd;
}

static void nameOf(uint64_t id, char *name) { snprintf(name, 32, "%016llx", (unsigned long long)id); }

static int lockedPieces(uint64_t id, int flags) {
  char name[32];
  nameOf(id, name);
  return locked(name, flags);
}

/* What the file has from `offset` on; it may have been opened for writing alone. */
static int64_t before(int fd, char *bytes, int64_t length, int64_t offset) {
  int64_t got = syscall(SYS_pread64, fd, bytes, length, offset);
  if (got >= 0 || errno != EBADF) return got;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int readable = opened(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  if (readable < 0) return -1;
  got = syscall(SYS_pread64, readable, bytes, length, offset);
  closed(readable);
  return got;
}

static void keep(int pieces, int fd, int64_t offset, int64_t length, int64_t size) {
  char bytes[CHUNK];
  int64_t end = offset + length;
  do {
    int64_t part = end - offset < CHUNK ? end - offset : CHUNK;
    int64_t kept = size <= offset ? 0 : size - offset < part ? size - offset : part;
    /* Nothing was there: one record says so of all of it. */
    if (kept == 0) part = end - offset;
    if (kept > 0 && before(fd, bytes, kept, offset) != kept) fail("cannot read what is overwritten");
    struct piece piece = {offset, part, kept, size};
    if (append(pieces, &piece, sizeof piece) != sizeof piece) fail("the store takes no record");
    if (kept > 0 && append(pieces, bytes, kept) != kept) fail("the store takes no bytes");
    offset += part;
  } while (offset < end);
}

/*
 * Before a change of `length` bytes at `offset` (-1: where the file stands, or its end with O_APPEND; -2: from `length` to its end).
 * Returns the lock that is held until the change has been made, or -1 where there is nothing to keep.
 */
static int changing(int fd, int64_t offset, int64_t length) {
  struct seen seen;
  if (!isOn() || lookAt(fd, &seen) != 0 || !S_ISREG(seen.mode)) return -1;
  char link[64], path[PATH_BYTES];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t bytes = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  if (bytes < 0) return -1;
  path[bytes] = 0;
  if (!isBelow(path)) return -1;
  int flags = (int)syscall(SYS_fcntl, fd, F_GETFL);
  if ((flags & O_DSYNC) != 0 && offset != -2) return -1;
  int pieces = lockedPieces(seen.id, O_CREAT);
  if (pieces < 0) fail("the store cannot be opened");
  /* What another wrote meanwhile counts. */
  if (lookAt(fd, &seen) != 0) fail("statx");
  if (offset == -2) {
    offset = length;
    length = seen.size > length ? seen.size - length : 0;
  }
  if (offset == -1) offset = (flags & O_APPEND) != 0 ? seen.size : syscall(SYS_lseek, fd, 0, SEEK_CUR);
  keep(pieces, fd, offset, length, seen.size);
  return pieces;
}

/* Leaves errno as the change left it. */
static void changed(int pieces) {
  if (pieces < 0) return;
  int error = errno;
  closed(pieces);
  errno = error;
}

static int64_t total(const struct iovec *parts, int count) {
  int64_t bytes = 0;
  for (int n = 0; n < count; n++) bytes += (int64_t)parts[n].iov_len;
  return bytes;
}

EXPORT ssize_t write(int fd, const void *bytes, size_t length) {
  int pieces = changing(fd, -1, (int64_t)length);
  ssize_t done = syscall(SYS_write, fd, bytes, length);
  changed(pieces);
  return done;
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count) {
  int pieces = changing(fd, -1, total(parts, count));
  ssize_t done = syscall(SYS_writev, fd, parts, count);
  changed(pieces);
  return done;
}

EXPORT ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  int pieces = changing(fd, offset, (int64_t)length);
  ssize_t done = syscall(SYS_pwrite64, fd, bytes, length, offset);
  changed(pieces);
  return done;
}

EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return pwrite(fd, bytes, length, offset); }

EXPORT ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  int pieces = changing(fd, offset, total(parts, count));
  ssize_t done = syscall(SYS_pwritev, fd, parts, count, offset, 0);
  changed(pieces);
  return done;
}

EXPORT ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) { return pwritev(fd, parts, count, offset); }

EXPORT int ftruncate(int fd, off_t length) {
  int pieces = changing(fd, -2, length);
  int done = (int)syscall(SYS_ftruncate, fd, length);
  changed(pieces);
  return done;
}

EXPORT int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

EXPORT int truncate(const char *path, off_t length) {
  int fd = opened(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
  if (fd < 0) return -1;
  int done = ftruncate(fd, length);
  changed(fd);
  return done;
}

EXPORT int truncate64(const char *path, off64_t length) { return truncate(path, length); }

EXPORT int fallocate(int fd, int mode, off_t offset, off_t length) {
  int pieces = changing(fd, offset, length);
  int done = (int)syscall(SYS_fallocate, fd, mode, offset, length);
  changed(pieces);
  return done;
}

EXPORT int fallocate64(int fd, int mode, off64_t offset, off64_t length) { return fallocate(fd, mode, offset, length); }

/* Says what is wrong by what it returns. */
EXPORT int posix_fallocate(int fd, off_t offset, off_t length) {
  int error = errno;
  int result = fallocate(fd, 0, offset, length) == 0 ? 0 : errno;
  errno = error;
  return result;
}

EXPORT int posix_fallocate64(int fd, off64_t offset, off64_t length) { return posix_fallocate(fd, offset, length); }

EXPORT ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *offset, size_t length, unsigned flags) {
  int pieces = changing(to, offset == NULL ? -1 : *offset, (int64_t)length);
  ssize_t done = syscall(SYS_copy_file_range, from, at, to, offset, length, flags);
  changed(pieces);
  return done;
}

/* ---- Names ---- */

/* `path` from the root of all. Returns whether what it names is ours to keep. */
static int whole(int at, const char *path, char *out) {
  if (!isOn()) return 0;
  if (path[0] == '/') {
    snprintf(out, PATH_BYTES, "%s", path);
  } else {
    char folder[PATH_BYTES];
    if (at == AT_FDCWD) {
      if (syscall(SYS_getcwd, folder, sizeof folder) < 0) return 0;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", at);
      ssize_t bytes = syscall(SYS_readlinkat, AT_FDCWD, link, folder, sizeof folder - 1);
      if (bytes < 0) return 0;
      folder[bytes] = 0;
    }
    if (snprintf(out, PATH_BYTES, "%s/%s", folder, path) >= PATH_BYTES) return 0;
  }
  return isBelow(out);
}

static uint64_t folderOf(const char *path) {
  char folder[PATH_BYTES];
  snprintf(folder, sizeof folder, "%s", path);
  char *slash = strrchr(folder, '/');
  if (slash == NULL) return 0;
  *slash = 0;
  struct seen seen;
  return look(AT_FDCWD, folder, 0, &seen) == 0 ? seen.id : 0;
}

static int lockedNames(void) {
  int names = locked("names", O_CREAT);
  if (names < 0) fail("the store cannot be opened");
  return names;
}

static void note(int names, enum kind kind, uint64_t id, const char *from, const char *to, int64_t saved) {
  struct name name = {kind, id, {from == NULL ? id : folderOf(from), to == NULL ? 0 : folderOf(to)}, saved, {0, 0}};
  name.lengths[0] = from == NULL ? 0 : (int64_t)strlen(from);
  name.lengths[1] = to == NULL ? 0 : (int64_t)strlen(to);
  const struct iovec parts[] = {
      {&name, sizeof name}, {(void *)from, (size_t)name.lengths[0]}, {(void *)to, (size_t)name.lengths[1]}};
  if (syscall(SYS_writev, names, parts, 3) != total(parts, 3)) fail("the store takes no name");
}

/* Another link to what is about to lose its name. Returns its number, or 0 where nothing is there. */
static int64_t saved(int names, const char *path) {
  struct seen seen;
  if (look(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &seen) != 0 || !S_ISREG(seen.mode)) return 0;
  int64_t number = syscall(SYS_lseek, names, 0, SEEK_END) + 1;
  char link[PATH_BYTES];
  snprintf(link, sizeof link, "%s/saved-%lld", store, (long long)number);
  if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, link, 0) == 0) return number;
  /* Of another user, whose it is not ours to keep. */
  return 0;
}

static int opening(int at, const char *path, int flags, mode_t mode) {
  char from[PATH_BYTES];
  if ((flags & O_TMPFILE) == O_TMPFILE || (flags & (O_CREAT | O_TRUNC)) == 0 || !whole(at, path, from))
    return opened(at, path, flags, mode);
  int fd = (flags & O_EXCL) != 0 ? -1 : opened(at, path, flags & ~(O_CREAT | O_TRUNC), mode);
  if (fd < 0 && (flags & O_CREAT) != 0 && ((flags & O_EXCL) != 0 || errno == ENOENT)) {
    int names = lockedNames();
    fd = opened(at, path, flags & ~O_TRUNC, mode);
    int error = errno;
    struct seen seen;
    if (fd >= 0 && lookAt(fd, &seen) == 0 && S_ISREG(seen.mode)) note(names, CREATED, seen.id, from, NULL, 0);
    closed(names);
    errno = error;
  }
  if (fd >= 0 && (flags & O_TRUNC) != 0 && (flags & O_ACCMODE) != O_RDONLY && ftruncate(fd, 0) != 0 && errno != EINVAL) {
    int error = errno;
    closed(fd);
    errno = error;
    return -1;
  }
  return fd;
}

static mode_t modeOf(int flags, va_list rest) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
}

#define OPENS(called, first, at)                       \
  EXPORT int called(first const char *path, int flags, ...) { \
    va_list rest;                                      \
    va_start(rest, flags);                             \
    mode_t mode = modeOf(flags, rest);                 \
    va_end(rest);                                      \
    return opening(at, path, flags, mode);             \
  }
#define FOLDER int folder,
#define NOTHING
OPENS(open, NOTHING, AT_FDCWD)
OPENS(open64, NOTHING, AT_FDCWD)
OPENS(openat, FOLDER, folder)
OPENS(openat64, FOLDER, folder)

EXPORT int creat(const char *path, mode_t mode) { return opening(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
EXPORT int creat64(const char *path, mode_t mode) { return creat(path, mode); }

static int renaming(int at, const char *from, int to, const char *target, unsigned flags) {
  char old[PATH_BYTES], fresh[PATH_BYTES];
  struct seen seen;
  if (!whole(at, from, old) || !whole(to, target, fresh) || look(AT_FDCWD, old, AT_SYMLINK_NOFOLLOW, &seen) != 0)
    return (int)syscall(SYS_renameat2, at, from, to, target, flags);
  int names = lockedNames();
  int64_t replaced = saved(names, fresh);
  int done = (int)syscall(SYS_renameat2, at, from, to, target, flags);
  int error = errno;
  if (done == 0) note(names, RENAMED, seen.id, old, fresh, replaced);
  closed(names);
  errno = error;
  return done;
}

EXPORT int rename(const char *from, const char *to) { return renaming(AT_FDCWD, from, AT_FDCWD, to, 0); }
EXPORT int renameat(int at, const char *from, int folder, const char *to) { return renaming(at, from, folder, to, 0); }
EXPORT int renameat2(int at, const char *from, int folder, const char *to, unsigned flags) {
  return renaming(at, from, folder, to, flags);
}

static int linking(int at, const char *from, int to, const char *target, int flags) {
  char old[PATH_BYTES], fresh[PATH_BYTES];
  struct seen seen;
  if (!whole(at, from, old) || !whole(to, target, fresh) || look(AT_FDCWD, old, AT_SYMLINK_NOFOLLOW, &seen) != 0)
    return (int)syscall(SYS_linkat, at, from, to, target, flags);
  int names = lockedNames();
  int done = (int)syscall(SYS_linkat, at, from, to, target, flags);
  int error = errno;
  if (done == 0) note(names, LINKED, seen.id, fresh, NULL, 0);
  closed(names);
  errno = error;
  return done;
}

EXPORT int link(const char *from, const char *to) { return linking(AT_FDCWD, from, AT_FDCWD, to, 0); }
EXPORT int linkat(int at, const char *from, int folder, const char *to, int flags) { return linking(at, from, folder, to, flags); }

static int unlinking(int at, const char *path, int flags) {
  char from[PATH_BYTES];
  struct seen seen;
  if ((flags & AT_REMOVEDIR) != 0 || !whole(at, path, from) || look(AT_FDCWD, from, AT_SYMLINK_NOFOLLOW, &seen) != 0)
    return (int)syscall(SYS_unlinkat, at, path, flags);
  int names = lockedNames();
  int64_t kept = saved(names, from);
  int done = (int)syscall(SYS_unlinkat, at, path, flags);
  int error = errno;
  if (done == 0) note(names, UNLINKED, seen.id, from, NULL, kept);
  closed(names);
  errno = error;
  return done;
}

EXPORT int unlink(const char *path) { return unlinking(AT_FDCWD, path, 0); }
EXPORT int unlinkat(int at, const char *path, int flags) { return unlinking(at, path, flags); }

/* ---- What makes it durable ---- */

static void forget(const char *name) {
  int pieces = locked(name, 0);
  if (pieces < 0) return;
  if (syscall(SYS_ftruncate, pieces, 0) != 0) fail("the store cannot be emptied");
  closed(pieces);
}

/* Forgotten before the disk is asked: what is written meanwhile may not be counted as kept by it. */
static void syncing(int fd) {
  struct seen seen;
  if (!isOn() || lookAt(fd, &seen) != 0 || (!S_ISREG(seen.mode) && !S_ISDIR(seen.mode))) return;
  if (S_ISREG(seen.mode)) {
    char name[32];
    nameOf(seen.id, name);
    forget(name);
  }
  int names = lockedNames();
  note(names, S_ISDIR(seen.mode) ? FOLDER_SYNCED : FILE_SYNCED, seen.id, NULL, NULL, 0);
  closed(names);
}

EXPORT int fsync(int fd) {
  syncing(fd);
  return (int)syscall(SYS_fsync, fd);
}

EXPORT int fdatasync(int fd) {
  syncing(fd);
  return (int)syscall(SYS_fdatasync, fd);
}

/* The store is on the file system of what it keeps. */
EXPORT int syncfs(int fd) {
  DIR *pieces = isOn() ? opendir(store) : NULL;
  if (pieces != NULL) {
    for (struct dirent *entry; (entry = readdir(pieces)) != NULL;)
      if (strlen(entry->d_name) == 16 && strchr(entry->d_name, '-') == NULL) forget(entry->d_name);
    closedir(pieces);
    int names = lockedNames();
    note(names, ALL_SYNCED, 0, NULL, NULL, 0);
    closed(names);
  }
  return (int)syscall(SYS_syncfs, fd);
}
