// Dead processes of containers that became children of this one without anybody waiting for them:
// what a runc that was killed in its work leaves behind to its subreaper.
#pragma once

namespace diego::rep {

// Reaps them. A process that has just died may still have its waiter, so only those that are dead
// on two looks, 300 ms apart, are taken; it waits only when the first look finds one. Any thread.
void ReapStrayChildren();

}  // namespace diego::rep
