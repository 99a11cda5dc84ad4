/*
 * Notes, in order, what a process does to the files of one folder: preloaded, it stands
 * before the functions of libc by which SQLite writes. A record is a header and the data,
 * written with one call under one lock, so that the notes have the order of the calls.
 * What a call did is noted before it returns: nobody knows of a sync that is not noted.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATED = 1, WROTE, TRUNCATED, SYNCED, UNLINKED, SYNCED_FOLDER };

struct record { uint32_t what, name; uint64_t offset, size; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int notes = -1;
static char folder[PATH_MAX];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("POWERCUT_NOTES"), *where = getenv("POWERCUT_FOLDER");
  if (!path || !where || !realpath(where, folder)) return;
  notes = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void note(uint32_t what, const char *name, uint64_t offset, const void *data, uint64_t size) {
  struct record r = {what, (uint32_t)strlen(name), offset, size};
  struct iovec parts[] = {{&r, sizeof r}, {(void *)name, r.name}, {(void *)data, data ? size : 0}};
  ssize_t whole = sizeof r + r.name + (data ? size : 0);
  if (writev(notes, parts, 3) != whole) abort(); /* notes with a gap prove nothing */
}

/* within gives the name of a path in the folder, "" for the folder itself, or NULL. */
static const char *within(const char *path) {
  size_t n = strlen(folder);
  if (notes < 0 || strncmp(path, folder, n)) return NULL;
  if (!path[n]) return path + n;
  return path[n] == '/' ? path + n + 1 : NULL;
}

static const char *of(int fd, char *buffer) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = notes < 0 ? -1 : readlink(link, buffer, PATH_MAX - 1);
  if (n < 0) return NULL;
  buffer[n] = 0;
  return within(buffer);
}

static int opened(int fd, int flags, int was_there) {
  char buffer[PATH_MAX];
  const char *name = fd < 0 ? NULL : of(fd, buffer);
  if (name && *name && (flags & O_CREAT) && !was_there) note(CREATED, name, 0, NULL, 0);
  if (name && *name && (flags & O_TRUNC) && was_there) note(TRUNCATED, name, 0, NULL, 0);
  return fd;
}

#define OPEN(function)                                             \
  int function(const char *path, int flags, ...) {                 \
    va_list rest;                                                  \
    va_start(rest, flags);                                         \
    mode_t mode = va_arg(rest, mode_t);                            \
    va_end(rest);                                                  \
    struct stat info;                                              \
    pthread_mutex_lock(&lock);                                     \
    int was_there = notes >= 0 && stat(path, &info) == 0;          \
    int fd = opened(REAL(function)(path, flags, mode), flags, was_there); \
    pthread_mutex_unlock(&lock);                                   \
    return fd;                                                     \
  }
OPEN(open)
OPEN(open64)

static void wrote(int fd, const void *data, ssize_t n, off_t offset) {
  char buffer[PATH_MAX];
  const char *name = n > 0 ? of(fd, buffer) : NULL;
  if (name) note(WROTE, name, offset, data, n);
}

#define PWRITE(function, offset_type)                                           \
  ssize_t function(int fd, const void *data, size_t size, offset_type offset) { \
    pthread_mutex_lock(&lock);                                                  \
    ssize_t n = REAL(function)(fd, data, size, offset);                         \
    wrote(fd, data, n, offset);                                                 \
    pthread_mutex_unlock(&lock);                                                \
    return n;                                                                   \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *data, size_t size) {
  char buffer[PATH_MAX];
  if (!of(fd, buffer)) return REAL(write)(fd, data, size);
  pthread_mutex_lock(&lock);
  off_t at = lseek(fd, 0, SEEK_CUR);
  ssize_t n = REAL(write)(fd, data, size);
  wrote(fd, data, n, at);
  pthread_mutex_unlock(&lock);
  return n;
}

#define TRUNCATE(function, offset_type)                  \
  int function(int fd, offset_type size) {               \
    char buffer[PATH_MAX];                               \
    pthread_mutex_lock(&lock);                           \
    int result = REAL(function)(fd, size);               \
    const char *name = result ? NULL : of(fd, buffer);   \
    if (name) note(TRUNCATED, name, 0, NULL, size);      \
    pthread_mutex_unlock(&lock);                         \
    return result;                                       \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(function)                                                        \
  int function(int fd) {                                                      \
    char buffer[PATH_MAX];                                                    \
    pthread_mutex_lock(&lock);                                                \
    int result = REAL(function)(fd);                                          \
    const char *name = result ? NULL : of(fd, buffer);                        \
    if (name) note(*name ? SYNCED : SYNCED_FOLDER, name, 0, NULL, 0);         \
    pthread_mutex_unlock(&lock);                                              \
    return result;                                                            \
  }
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
  char whole[PATH_MAX];
  const char *name = realpath(path, whole) ? within(whole) : NULL;
  pthread_mutex_lock(&lock);
  int result = REAL(unlink)(path);
  if (!result && name) note(UNLINKED, name, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}
