#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/status_util.h"
#include "libs/wire/json.h"
#include "services/cfdot/checks.h"
#include "services/cfdot/commands/commands.h"
#include "services/cfdot/commands/flags.h"
#include "services/cfdot/follow.h"
#include "services/cfdot/render/event_text.h"
#include "services/cfdot/render/groups.h"
#include "services/cfdot/render/json_lines.h"

namespace diego::cfdot {
namespace {

constexpr Flag kAfter = {"after", 'a', FlagKind::kInteger, "REVISION",
                         "start after this revision, not from now"};
constexpr Flag kRevisions = {"revisions", 'r', FlagKind::kBool, "",
                             "add each event's revision as \"revision\""};

void PrintJson(Session& session, absl::string_view name, absl::string_view data, int64_t revision) {
  const std::string suffix = session.invocation().Bool("revisions")
                                 ? absl::StrCat(",\"revision\":", revision)
                                 : std::string();
  session.Print(absl::StrCat("{\"type\":", JsonString(name), ",\"data\":", data, suffix, "}"));
}

absl::StatusOr<SubscribeRequest> RequestOf(Session& session) {
  DIEGO_RETURN_IF_ERROR(ExpectArguments(session, 0));
  SubscribeRequest request;
  request.set_cell_id(session.invocation().Text("cell-id"));
  if (session.invocation().Has("after")) {
    int64_t revision = 0;
    if (!absl::SimpleAtoi(session.invocation().Text("after"), &revision) || revision < 0) {
      return Invalid("after should be a revision, a non-negative integer");
    }
    request.set_after_revision(revision);
  }
  return request;
}

absl::Status FollowAndPrint(Session& session, const SubscribeRequest& request, bool with_groups) {
  GroupEvents groups;
  return Follow(
      session, request, [&](int64_t revision, const std::vector<SubscribeResponse>& events) {
        for (const SubscribeResponse& event : events) {
          if (session.as_table()) {
            session.Print(EventText(event, session.io().clock.Now()));
          } else {
            PrintJson(session, EventName(event), wire::ToJson(EventMessage(event)), revision);
          }
        }
        if (with_groups && !session.as_table()) {
          for (const GroupEvent& event : groups.Of(events)) {
            PrintJson(session, event.name(), event.json(), revision);
          }
        }
        session.io().out.flush();
      });
}

absl::Status RunLrpEvents(Session& session) {
  DIEGO_ASSIGN_OR_RETURN(SubscribeRequest request, RequestOf(session));
  request.set_lrp_instances(true);
  request.set_desired_lrps(true);
  const bool with_groups = !session.invocation().Bool("exclude-actual-lrp-groups");
  if (with_groups) {
    session.io().err << "Events of actual LRP groups are deprecated; leave them out with "
                        "--exclude-actual-lrp-groups.\n";
  }
  return FollowAndPrint(session, request, with_groups);
}

absl::Status RunTaskEvents(Session& session) {
  DIEGO_ASSIGN_OR_RETURN(SubscribeRequest request, RequestOf(session));
  request.set_tasks(true);
  return FollowAndPrint(session, request, false);
}

}  // namespace

std::vector<Command> EventCommands() {
  return {
      {"lrp-events",
       "",
       "follow changes of LRPs and their instances",
       Peers::kBbsStream,
       {kCellFlag,
        {"exclude-actual-lrp-groups", 'x', FlagKind::kBool, "",
         "without the deprecated events of pairs"},
        kAfter,
        kRevisions},
       RunLrpEvents},
      {"task-events",
       "",
       "follow changes of tasks",
       Peers::kBbsStream,
       {kAfter, kRevisions},
       RunTaskEvents},
  };
}

}  // namespace diego::cfdot
