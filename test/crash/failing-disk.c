/*
 * Loaded into a process by LD_PRELOAD: calls that touch files fail with EIO, as on a disk that dies, while a test says so.
 * FAILING_DISK names a file that the test writes and this maps: three flags (write, sync, read), a NUL, and what paths must contain.
 * Streams are LevelDB's log and manifest; libuv and LevelDB's tables use descriptors. Page faults on what is mapped already are not seen.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { writes = 0, syncs = 1, reads = 2, pattern = 4, control_bytes = 4096 };

static volatile const char *control;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAILING_DISK");
  int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  void *(*map)(void *, size_t, int, int, int, off_t) = dlsym(RTLD_NEXT, "mmap");
  void *at = map(NULL, control_bytes, PROT_READ, MAP_SHARED, fd, 0);
  if (at != MAP_FAILED) control = at;
  close(fd);
}

static int fails(int kind, int fd) {
  char link[32], path[4096];
  if (control == NULL || control[kind] != '1' || fd < 0) return 0;
  int before = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = before;
  if (length <= 0) return 0;
  path[length] = 0;
  if (strstr(path, (const char *)control + pattern) == NULL) return 0;
  errno = EIO;
  return 1;
}

#define REAL(result, name, ...) \
  static result (*real)(__VA_ARGS__); \
  if (real == NULL) real = dlsym(RTLD_NEXT, name)

#define ON_FD(kind, result, function, parameters, arguments, ...) \
  result function parameters { \
    REAL(result, #function, __VA_ARGS__); \
    return fails(kind, fd) ? (result)-1 : real arguments; \
  }

ON_FD(writes, ssize_t, write, (int fd, const void *from, size_t n), (fd, from, n), int, const void *, size_t)
ON_FD(writes, ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n), int, const struct iovec *, int)
ON_FD(writes, ssize_t, pwrite, (int fd, const void *from, size_t n, off_t at), (fd, from, n, at), int, const void *, size_t, off_t)
ON_FD(writes, ssize_t, pwrite64, (int fd, const void *from, size_t n, off64_t at), (fd, from, n, at), int, const void *, size_t, off64_t)
ON_FD(writes, ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at), int, const struct iovec *, int, off_t)
ON_FD(writes, ssize_t, pwritev64, (int fd, const struct iovec *v, int n, off64_t at), (fd, v, n, at), int, const struct iovec *, int, off64_t)
ON_FD(syncs, int, fsync, (int fd), (fd), int)
ON_FD(syncs, int, fdatasync, (int fd), (fd), int)
ON_FD(reads, ssize_t, read, (int fd, void *to, size_t n), (fd, to, n), int, void *, size_t)
ON_FD(reads, ssize_t, readv, (int fd, const struct iovec *v, int n), (fd, v, n), int, const struct iovec *, int)
ON_FD(reads, ssize_t, pread, (int fd, void *to, size_t n, off_t at), (fd, to, n, at), int, void *, size_t, off_t)
ON_FD(reads, ssize_t, pread64, (int fd, void *to, size_t n, off64_t at), (fd, to, n, at), int, void *, size_t, off64_t)
ON_FD(reads, ssize_t, preadv, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at), int, const struct iovec *, int, off_t)
ON_FD(reads, ssize_t, preadv64, (int fd, const struct iovec *v, int n, off64_t at), (fd, v, n, at), int, const struct iovec *, int, off64_t)
ON_FD(reads, void *, mmap, (void *to, size_t n, int how, int flags, int fd, off_t at), (to, n, how, flags, fd, at), void *, size_t, int, int, int, off_t)
ON_FD(reads, void *, mmap64, (void *to, size_t n, int how, int flags, int fd, off64_t at), (to, n, how, flags, fd, at), void *, size_t, int, int, int, off64_t)

/* glibc has macros of these names. */
#undef fread_unlocked
#undef fwrite_unlocked

/* A stream that fails is left as it is: what it holds may reach the file later, as after a real failure. */
int fflush_unlocked(FILE *stream) {
  REAL(int, "fflush_unlocked", FILE *);
  return stream != NULL && fails(writes, fileno(stream)) ? EOF : real(stream);
}

size_t fwrite_unlocked(const void *from, size_t size, size_t n, FILE *stream) {
  REAL(size_t, "fwrite_unlocked", const void *, size_t, size_t, FILE *);
  return fails(writes, fileno(stream)) ? 0 : real(from, size, n, stream);
}

/* Not at its end and short: LevelDB takes that for an error, and asks errno which. */
size_t fread_unlocked(void *to, size_t size, size_t n, FILE *stream) {
  REAL(size_t, "fread_unlocked", void *, size_t, size_t, FILE *);
  return fails(reads, fileno(stream)) ? 0 : real(to, size, n, stream);
}
