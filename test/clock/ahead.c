/*
 * Sets the wall clock of a process ahead: by CLOCK_AHEAD_SECONDS, and by the seconds that the file CLOCK_AHEAD_FILE
 * holds at each reading, so that a test moves the clock of a running process. Debian's libfaketime does the same for
 * Node, but workerd hangs under it: libfaketime looks symbols up while workerd's allocator holds a lock, and the
 * lookup allocates. This calls the kernel directly and looks nothing up. Monotonic clocks and file times stay as they
 * are.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t seconds_in(const char *path) {
  char text[24] = "";
  long file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  syscall(SYS_read, file, text, sizeof text - 1);
  syscall(SYS_close, file);
  return atol(text);
}

static time_t ahead(void) {
  const char *seconds = getenv("CLOCK_AHEAD_SECONDS");
  const char *path = getenv("CLOCK_AHEAD_FILE");
  return (seconds == NULL ? 0 : atol(seconds)) + (path == NULL ? 0 : seconds_in(path));
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int failed = syscall(SYS_clock_gettime, clock, now) != 0;
  if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += ahead();
  return failed ? -1 : 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  int failed = syscall(SYS_gettimeofday, now, zone) != 0;
  if (!failed) now->tv_sec += ahead();
  return failed ? -1 : 0;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != NULL) *result = now.tv_sec;
  return now.tv_sec;
}
