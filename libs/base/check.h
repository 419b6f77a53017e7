// Invariants that stay checked in production. A CHECK that fails is a bug in this program, never a
// reaction to input: it prints where and why on stderr and aborts.
#pragma once

#include <sstream>
#include <string>

namespace diego {

namespace check_internal {

// Collects what is streamed into a failed CHECK, and aborts at the end of the full expression.
class Failure {
 public:
  Failure(const char* file, int line, const char* condition);
  [[noreturn]] ~Failure();
  Failure(const Failure&) = delete;
  Failure& operator=(const Failure&) = delete;

  template <typename T>
  Failure& operator<<(const T& value) {
    text_ << value;
    return *this;
  }

 private:
  std::ostringstream text_;
};

struct Voidify {
  void operator&(Failure&) {}
  void operator&(Failure&&) {}
};

}  // namespace check_internal
}  // namespace diego

// DIEGO_CHECK(x > 0) << "more words";
#define DIEGO_CHECK(condition)                       \
  (condition) ? (void)0                              \
              : ::diego::check_internal::Voidify() & \
                    ::diego::check_internal::Failure(__FILE__, __LINE__, #condition)
