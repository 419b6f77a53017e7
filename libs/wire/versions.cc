#include "libs/wire/versions.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace diego::wire {
namespace {

using models::Action;
using models::ImageLayer;

// "sha256"; "" when there is none.
std::string AlgorithmOf(const ImageLayer& layer) {
  if (layer.digest_algorithm() == ImageLayer::DigestAlgorithmInvalid) return "";
  return absl::AsciiStrToLower(ImageLayer::DigestAlgorithm_Name(layer.digest_algorithm()));
}

models::CachedDependency ToDependency(const ImageLayer& layer) {
  models::CachedDependency dependency;
  dependency.set_name(layer.name());
  dependency.set_from(layer.url());
  dependency.set_to(layer.destination_path());
  dependency.set_checksum_algorithm(AlgorithmOf(layer));
  dependency.set_checksum_value(layer.digest_value());
  dependency.set_cache_key(layer.digest_value().empty()
                               ? layer.url()
                               : absl::StrCat(AlgorithmOf(layer), ":", layer.digest_value()));
  return dependency;
}

Action ToDownload(const ImageLayer& layer, const std::string& user) {
  Action action;
  models::DownloadAction& download = *action.mutable_download_action();
  download.set_artifact(layer.name());
  download.set_from(layer.url());
  download.set_to(layer.destination_path());
  download.set_cache_key(absl::StrCat(AlgorithmOf(layer), ":", layer.digest_value()));
  download.set_user(user);
  download.set_checksum_algorithm(AlgorithmOf(layer));
  download.set_checksum_value(layer.digest_value());
  return action;
}

Action ToDownload(const models::CachedDependency& dependency, const std::string& user) {
  Action action;
  models::DownloadAction& download = *action.mutable_download_action();
  download.set_artifact(dependency.name());
  download.set_from(dependency.from());
  download.set_to(dependency.to());
  download.set_cache_key(dependency.cache_key());
  download.set_log_source(dependency.log_source());
  download.set_user(user);
  download.set_checksum_algorithm(dependency.checksum_algorithm());
  download.set_checksum_value(dependency.checksum_value());
  return action;
}

// Downloads side by side, then `action`, if there is one.
Action DownloadFirst(models::ParallelAction downloads, const Action* action) {
  Action serial;
  auto* actions = serial.mutable_serial_action()->mutable_actions();
  *actions->Add()->mutable_parallel_action() = std::move(downloads);
  if (action != nullptr) *actions->Add() = *action;
  return serial;
}

// Shared layers go before `dependencies`; what is returned are the downloads of the others.
template <typename Dependencies, typename Layers>
models::ParallelAction TakeLayers(const Layers& layers, const std::string& user,
                                  Dependencies* dependencies) {
  models::ParallelAction downloads;
  Dependencies shared;
  for (const ImageLayer& layer : layers) {
    if (layer.layer_type() == ImageLayer::SHARED) {
      *shared.Add() = ToDependency(layer);
    } else if (layer.layer_type() == ImageLayer::EXCLUSIVE) {
      *downloads.add_actions() = ToDownload(layer, user);
    }
  }
  shared.MergeFrom(*dependencies);
  dependencies->Swap(&shared);
  return downloads;
}

int64_t NanosecondsOf(int64_t milliseconds) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 1000000;
  return std::clamp(milliseconds, -kMost, kMost) * 1000000;
}

void SetDeprecatedTimeouts(Action* action) {
  const auto each = [](auto* actions) {
    for (Action& inner : *actions) SetDeprecatedTimeouts(&inner);
  };
  if (action->has_timeout_action()) {
    models::TimeoutAction& timeout = *action->mutable_timeout_action();
    timeout.set_deprecated_timeout_ns(NanosecondsOf(timeout.timeout_ms()));
    if (timeout.has_action()) SetDeprecatedTimeouts(timeout.mutable_action());
  } else if (action->has_emit_progress_action()) {
    auto* inner = action->mutable_emit_progress_action();
    if (inner->has_action()) SetDeprecatedTimeouts(inner->mutable_action());
  } else if (action->has_try_action()) {
    auto* inner = action->mutable_try_action();
    if (inner->has_action()) SetDeprecatedTimeouts(inner->mutable_action());
  } else if (action->has_parallel_action()) {
    each(action->mutable_parallel_action()->mutable_actions());
  } else if (action->has_serial_action()) {
    each(action->mutable_serial_action()->mutable_actions());
  } else if (action->has_codependent_action()) {
    each(action->mutable_codependent_action()->mutable_actions());
  }
}

}  // namespace

void DowngradeToR2(models::DesiredLRP* lrp) {
  models::ParallelAction downloads = TakeLayers(lrp->image_layers(), lrp->legacy_download_user(),
                                                lrp->mutable_cached_dependencies());
  lrp->clear_image_layers();
  if (downloads.actions().empty()) return;
  const Action* setup = lrp->has_setup() ? &lrp->setup() : nullptr;
  *lrp->mutable_setup() = DownloadFirst(std::move(downloads), setup);
}

void DowngradeToR2(models::TaskDefinition* definition) {
  models::ParallelAction downloads =
      TakeLayers(definition->image_layers(), definition->legacy_download_user(),
                 definition->mutable_cached_dependencies());
  definition->clear_image_layers();
  if (downloads.actions().empty()) return;
  const Action* action = definition->has_action() ? &definition->action() : nullptr;
  *definition->mutable_action() = DownloadFirst(std::move(downloads), action);
}

void DowngradeToR2(models::Task* task) {
  if (task->has_task_definition()) DowngradeToR2(task->mutable_task_definition());
}

void DowngradeToR0(models::DesiredLRP* lrp) {
  DowngradeToR2(lrp);
  if (!lrp->cached_dependencies().empty()) {
    models::ParallelAction downloads;
    for (const models::CachedDependency& dependency : lrp->cached_dependencies()) {
      *downloads.add_actions() = ToDownload(dependency, lrp->legacy_download_user());
    }
    const Action* setup = lrp->has_setup() ? &lrp->setup() : nullptr;
    *lrp->mutable_setup() = DownloadFirst(std::move(downloads), setup);
    lrp->clear_cached_dependencies();
  }
  if (lrp->has_setup()) SetDeprecatedTimeouts(lrp->mutable_setup());
  if (lrp->has_action()) SetDeprecatedTimeouts(lrp->mutable_action());
  if (lrp->has_monitor()) SetDeprecatedTimeouts(lrp->mutable_monitor());
  lrp->set_deprecated_start_timeout_s(static_cast<uint32_t>(lrp->start_timeout_ms() / 1000));
}

}  // namespace diego::wire
