#include "services/bbs/migrate_command.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/status_util.h"
#include "libs/leadership/lock_keeper.h"
#include "libs/leadership/locket_lease.h"
#include "libs/sync/worker.h"
#include "services/bbs/config.h"
#include "services/bbs/connections.h"
#include "services/bbs/operator_command.h"
#include "services/bbs/store/migrations/history.h"
#include "services/bbs/store/sql_store.h"

namespace diego::bbs {
namespace {

constexpr char kHelp[] =
    R"(bbs migrate --to VERSION [--plan] [--drop-additions] --config FILE [--KEY VALUE]...

Brings the database to VERSION of the schema, up or down. A BBS brings it up to the latest by
itself when it becomes the active one; so this is for going back to an older program, or for
reading beforehand what an upgrade will do.

  --to VERSION       a version of the schema, "latest", or 0 for no tables at all
  --plan             print the steps, up or down, and what each would lose; change nothing
  --drop-additions   also drop the tables and columns that only this program knows, with what is
                     stored in them; the original ignores them, so it does not need this. Going
                     below the latest version always drops them
  --config FILE      the BBS's own configuration: database, keys, Locket; every key of it may also
                     be given as a flag (see `bbs --help`)

Going down, stop every BBS first: one that stands by takes office when this ends and brings the
database up again. It takes the BBS's lock at Locket for as long as it works, so it waits for an
active BBS, and gives up after two lock_ttl. Killed at any point, it can be run again, or be
called off with `bbs migrate --to latest`. Take a backup before going down.
)";

struct Flags {
  bool plan = false;
  bool drop_additions = false;
  std::optional<int64_t> to;
};

// What is wrong with the text, or "".
std::string ReadTarget(absl::string_view text, Flags* flags) {
  int64_t version = 0;
  if (text == "latest") {
    flags->to = SchemaVersion();
  } else if (absl::SimpleAtoi(text, &version) && version >= 0) {
    flags->to = version;
  } else {
    return absl::StrCat("--to \"", text, "\" is neither a version nor \"latest\"");
  }
  return "";
}

// The BBS's lock, held while it lives.
class HeldLock {
 public:
  HeldLock(const BbsConfig& config, clients::LocketClient& locket)
      // Not the uuid of the BBS on this machine: that one's lock is not ours.
      : lease_(locket, clients::LeaseType::kLock, kLockKey, absl::StrCat(config.uuid, "-migrate")),
        keeper_(
            {config.lock_ttl, config.lock_retry_interval}, lease_, RealClock(),
            log::Logger::Discard(), [] { return true; },
            [this](std::optional<leadership::Term> term) {
              held_.With([&](auto& held) { held = term; });
            }),
        worker_(std::make_unique<Worker>("lock-keeper", [this] {
          return std::min<absl::Duration>(keeper_.Step(), absl::Seconds(1));
        })) {}
  ~HeldLock() {
    worker_->Stop();
    keeper_.Release();
  }

  absl::StatusOr<uint64_t> Wait(absl::Duration longest) {
    const auto token = held_.When([](const auto& held) { return held.has_value(); }, longest,
                                  [](const auto& held, bool) { return held; });
    if (token) return static_cast<uint64_t>(token->token);
    const absl::Status why = keeper_.last_error();
    return Annotate(why.ok() ? absl::DeadlineExceededError("nothing yet") : why,
                    "the BBS's lock was not to be had; is a BBS still running? Locket says");
  }
  absl::Status StillHeld(uint64_t epoch) const {
    const auto term = keeper_.current();
    if (term && static_cast<uint64_t>(term->token) == epoch) return absl::OkStatus();
    return absl::AbortedError("the lock was lost");
  }
  // For one beyond `epoch`.
  void Renew(uint64_t epoch) {
    held_.With([](auto& held) { held.reset(); });
    keeper_.Resign(static_cast<int64_t>(epoch));
    worker_->Wake();
  }

 private:
  Guarded<std::optional<leadership::Term>> held_;
  leadership::LocketLease lease_;
  leadership::LockKeeper keeper_;
  std::unique_ptr<Worker> worker_;
};

absl::Status MigrateUnderLock(const BbsConfig& config, SqlStore& store, const Flags& flags,
                              std::ostream& out) {
  DIEGO_ASSIGN_OR_RETURN(const auto locket, clients::LocketClient::Create(LocketOptionsOf(config)));
  HeldLock lock(config, *locket);
  // A Locket that lost its database begins to count anew, below what the leadership row knows.
  for (int tries = 1;; ++tries) {
    DIEGO_ASSIGN_OR_RETURN(const uint64_t epoch, lock.Wait(2 * config.lock_ttl));
    MigrationRun run;
    run.epoch = epoch;
    run.to = *flags.to;
    run.drop_additions = flags.drop_additions;
    run.may_go_on = [&] { return lock.StillHeld(epoch); };
    run.progress = [&](const MigrationProgress& progress) { out << ToText(progress) << std::endl; };
    const absl::Status migrated = store.MigrateTo(run);
    if (!absl::IsAborted(migrated) || tries == 3) return migrated;
    lock.Renew(store.Confirm(epoch).standing_epoch);
  }
}

absl::Status Run(const BbsConfig& config, const Flags& flags, std::ostream& out) {
  DIEGO_ASSIGN_OR_RETURN(const crypto::KeyRing keys,
                         crypto::KeyRing::Make(config.active_key_label, config.encryption_keys));
  DIEGO_ASSIGN_OR_RETURN(const auto database, sql::Database::Open(DatabaseOptionsOf(config)));
  const RowCodec codec(&keys);
  DIEGO_ASSIGN_OR_RETURN(const std::string plan,
                         Migrator(database.get(), &codec, log::Logger::Discard())
                             .Describe(*flags.to, flags.drop_additions));
  out << plan;
  if (flags.plan) return absl::OkStatus();
  SqlStore store(database.get(), &keys, log::Logger::Discard());
  DIEGO_RETURN_IF_ERROR(MigrateUnderLock(config, store, flags, out));
  out << "done: the database is at version " << *flags.to << "\n";
  return absl::OkStatus();
}

}  // namespace

int RunMigrateCommand(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  Flags flags;
  OperatorCommand command;
  command.name = "migrate";
  command.help = kHelp;
  command.switches = {{"--plan", &flags.plan}, {"--drop-additions", &flags.drop_additions}};
  command.values["--to"] = [&flags](absl::string_view text) { return ReadTarget(text, &flags); };
  command.check = [&flags]() -> std::string {
    return flags.to ? "" : "--to is missing; write --to VERSION, or --to latest";
  };
  command.run = [&](const BbsConfig& config) { return Run(config, flags, out); };
  return RunOperatorCommand(command, argc, argv, out, err);
}

}  // namespace diego::bbs
