// Keeps gRPC's threads for callbacks alive. Internal to libs/rpc.
#pragma once

namespace diego::rpc {

// gRPC 1.51 stops these threads when the last channel or server that uses callbacks goes, and now
// and then aborts while doing so ("assertion failed: prior > 0"). From the first call of this
// function they live as long as the process. Any thread; cheap when repeated.
void KeepCallbackThreads();

}  // namespace diego::rpc
