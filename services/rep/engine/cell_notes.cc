#include "services/rep/engine/cell_notes.h"

#include <utility>

#include "services/rep/containers/executor.h"

namespace diego::rep {

void CellNotes::Set(const std::string& guid, ContainerNote note) {
  notes_.With([&](auto& notes) { notes[guid] = std::move(note); });
}

ContainerNote CellNotes::Get(const std::string& guid) const {
  return notes_.With([&](const auto& notes) {
    const auto found = notes.find(guid);
    return found == notes.end() ? ContainerNote{} : found->second;
  });
}

bool CellNotes::Update(const std::string& guid, const LrpInstanceUpdate& update) {
  return notes_.With([&](auto& notes) {
    const auto found = notes.find(guid);
    if (found == notes.end()) return false;
    ContainerNote& note = found->second;
    bool changed = false;
    if (update.has_internal_routes && note.internal_routes != update.internal_routes) {
      note.internal_routes = update.internal_routes;
      changed = true;
    }
    if (update.has_metric_tags && note.metric_tags != update.metric_tags) {
      note.metric_tags = update.metric_tags;
      const auto source_id = note.metric_tags.find(kSourceIdTag);
      if (source_id != note.metric_tags.end()) note.metric_guid = source_id->second;
      changed = true;
    }
    return changed;
  });
}

void CellNotes::Forget(const std::string& guid) {
  notes_.With([&](auto& notes) { notes.erase(guid); });
}

}  // namespace diego::rep
