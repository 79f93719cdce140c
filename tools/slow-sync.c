/* A disk that takes a millisecond to keep what it was given, as most that are not virtual do. Preloaded by tools/bench. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static int kept(const char *name, int file)
{
    const struct timespec millisecond = {0, 1000000};
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int done = sync(file);
    nanosleep(&millisecond, 0);
    return done;
}

int fsync(int file) { return kept("fsync", file); }

int fdatasync(int file) { return kept("fdatasync", file); }
