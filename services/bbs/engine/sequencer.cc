#include "services/bbs/engine/sequencer.h"

#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/bbs/core/execute.h"
#include "services/bbs/core/request_memory.h"

namespace diego::bbs {

namespace {
// Calls that run between two looks at the open group: the committer may take them then.
constexpr size_t kCallsPerStep = 64;
}  // namespace

Sequencer::Sequencer(const EngineSettings& settings, const Clock& clock, uint64_t seed,
                     OpenGroup* open_group)
    : settings_(settings),
      clock_(clock),
      random_(seed),
      open_group_(open_group),
      queue_(settings.queue_calls) {}

absl::Status Sequencer::Submit(Call call) {
  if (queue_.TryPush(call)) return absl::OkStatus();
  if (queue_.closed()) return absl::UnavailableError("this BBS is not active");
  return absl::ResourceExhaustedError(
      absl::StrCat("this BBS is overloaded: ", settings_.queue_calls,
                   " calls are waiting; try again after a pause"));
}

void Sequencer::Step(absl::Duration patience) {
  if (!open_group_->WaitForRoom(patience)) return;
  std::vector<Call> calls = queue_.PopSome(kCallsPerStep, patience);
  if (calls.empty()) return;
  Group part;
  part.calls.reserve(calls.size());
  for (Call& call : calls) Run(std::move(call), &part);
  if (!open_group_->Append(part)) {
    part.Refuse(absl::UnavailableError("this BBS lost office before the call was committed"));
  }
}

void Sequencer::Run(Call call, Group* part) {
  const Stamp stamp{clock_.Now(), random_.Next()};
  const bool converges = std::holds_alternative<Converge>(call.command);
  const absl::Duration began_at = converges ? clock_.Monotonic() : absl::ZeroDuration();
  Outcome outcome = call.once
                        ? ExecuteOnce(state_, *call.once, call.command, stamp, settings_.rules)
                        : Execute(state_, call.command, stamp, settings_.rules);
  ExecutedCall executed;
  executed.change_count = outcome.changes.size();
  executed.effects = std::move(outcome.effects);
  executed.reply.status = std::move(outcome.status);
  executed.reply.should_start = outcome.should_start;
  executed.reply.keep_container = outcome.keep_container;
  executed.reply.is_repetition = outcome.is_repetition;
  executed.reply.converge_next = std::move(outcome.converge_next);
  executed.reply.converge_counts = std::move(outcome.converge_counts);
  executed.reply.stranded = std::move(outcome.stranded);
  executed.reply_to = std::move(call.reply);
  executed.trace_id = std::move(call.trace_id);
  for (Change& change : outcome.changes) {
    const auto* domain = converges ? std::get_if<DomainChange>(&change) : nullptr;
    if (domain != nullptr && domain->after == nullptr) {
      executed.reply.pruned_domains.push_back(domain->before->domain);
    }
    state_.Apply(change);
    part->changes.push_back(std::move(change));
  }
  if (converges) executed.reply.took = clock_.Monotonic() - began_at;
  part->calls.push_back(std::move(executed));
}

void Sequencer::Close(const absl::Status& reason) {
  queue_.Close();
  Reply reply;
  reply.status = reason;
  while (true) {
    const std::vector<Call> calls = queue_.PopSome(kCallsPerStep, absl::ZeroDuration());
    if (calls.empty()) return;
    for (const Call& call : calls) call.reply(reply);
  }
}

}  // namespace diego::bbs
