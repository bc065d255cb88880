/* Sets the clock of a process and its children on, by the seconds that the file SKEWED_CLOCK holds.

   To be preloaded. Waits until a time of that clock are given to the kernel in its own time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SINCE_1970 = 1000000000 };

static const int64_t *set_on;

__attribute__((constructor)) static void open_file(void)
{
    const char *name = getenv("SKEWED_CLOCK");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    void *mapped = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *set_on, PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED)
        set_on = mapped;
    if (file >= 0)
        close(file);
}

static int64_t seconds(void) { return set_on ? *set_on : 0; }

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += seconds();
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *kept)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (kept)
        *kept = now.tv_sec;
    return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t *restrict changed, pthread_mutex_t *restrict held,
                           const struct timespec *restrict until)
{
    if (until->tv_sec < SINCE_1970) /* the condition has the monotonic clock, which counts from the boot */
        return pthread_cond_clockwait(changed, held, CLOCK_MONOTONIC, until);
    struct timespec kernel = {until->tv_sec - seconds(), until->tv_nsec};
    return pthread_cond_clockwait(changed, held, CLOCK_REALTIME, &kernel);
}

long syscall(long number, ...)
{
    static long (*real)(long, ...);
    long a[6];
    va_list given;
    va_start(given, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(given, long);
    va_end(given);
    if (!real)
        real = dlsym(RTLD_NEXT, "syscall");
    struct timespec kernel;
    if (number == SYS_futex && (a[1] & FUTEX_CLOCK_REALTIME) && a[3]) {
        const struct timespec *until = (const struct timespec *)a[3];
        kernel = (struct timespec){until->tv_sec - seconds(), until->tv_nsec};
        a[3] = (long)&kernel;
    }
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
