// The first process of every container: reaps orphans and sleeps. It is linked without a C
// library, so that it runs in an image that has none, and is carried inside the rep's own binary.

namespace {

constexpr int kSignalChild = 17;

// The kernel's struct sigaction, whose layout differs from the C library's.
struct KernelSigaction {
  unsigned long handler;
  unsigned long flags;
  unsigned long restorer;
  unsigned long mask;
};
constexpr unsigned long kIgnore = 1;

#if defined(__x86_64__)
constexpr long kSysRtSigaction = 13;
constexpr long kSysPause = 34;
long Syscall(long number, long a, long b, long c, long d) {
  long result;
  register long r10 asm("r10") = d;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
               : "rcx", "r11", "memory");
  return result;
}
void Pause() { Syscall(kSysPause, 0, 0, 0, 0); }
#elif defined(__aarch64__)
constexpr long kSysRtSigaction = 134;
constexpr long kSysPpoll = 73;
long Syscall(long number, long a, long b, long c, long d) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}
void Pause() { Syscall(kSysPpoll, 0, 0, 0, 0); }
#else
#error "no system call convention known for this architecture"
#endif

}  // namespace

extern "C" [[noreturn]] void _start() {
  // With SIGCHLD ignored the kernel reaps children by itself.
  static KernelSigaction action = {kIgnore, 0, 0, 0};
  Syscall(kSysRtSigaction, kSignalChild, reinterpret_cast<long>(&action), 0, sizeof action.mask);
  while (true) Pause();
}
