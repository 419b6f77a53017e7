#include "services/rep/containers/steps/transfer_steps.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace diego::rep {
namespace {

// "512B", "1.5K", "20M"
std::string SizeText(uint64_t bytes) {
  const char* unit = "B";
  double value = static_cast<double>(bytes);
  for (const char* next : {"K", "M", "G", "T"}) {
    if (value < 1024) break;
    value /= 1024;
    unit = next;
  }
  std::string text = absl::StrFormat("%.1f", value);
  if (text.size() > 2 && text.substr(text.size() - 2) == ".0") text.resize(text.size() - 2);
  return absl::StrCat(text, unit);
}

}  // namespace

void TransferStep::Start(Finished finished) {
  if (!words_.artifact.empty()) {
    context_->log->Write(Stream::kStdout, words_.log_source,
                         absl::StrCat(words_.doing, " ", words_.artifact, "..."));
  }
  EventLoop* loop = context_->loop;
  Begin(cancellation_, [loop, self = shared_from_this(),
                        finished = std::move(finished)](absl::StatusOr<uint64_t> bytes) {
    loop->Post([self, finished, bytes = std::move(bytes)] { self->OnFinished(bytes, finished); });
  });
}

void TransferStep::OnFinished(const absl::StatusOr<uint64_t>& bytes, const Finished& finished) {
  if (bytes.ok()) {
    if (!words_.artifact.empty()) {
      context_->log->Write(
          Stream::kStdout, words_.log_source,
          absl::StrCat(words_.done, " ", words_.artifact, " (", SizeText(*bytes), ")"));
    }
    return finished(StepResult::Done());
  }
  if (cancellation_->cancelled()) return finished(StepResult::Cancelled());
  context_->log->Write(Stream::kStderr, words_.log_source,
                       absl::StrCat(words_.failure, ": ", bytes.status().message()));
  finished(StepResult::Failed(words_.failure));
}

DownloadStep::DownloadStep(StepContextPtr context, DownloadAction action)
    : TransferStep(std::move(context),
                   {action.artifact, action.log_source, "Downloading", "Downloaded",
                    absl::StrCat("Downloading", action.artifact.empty() ? "" : " ", action.artifact,
                                 " failed")}),
      action_(std::move(action)) {}

void DownloadStep::Begin(std::shared_ptr<Cancellation> cancellation, Transfers::Finished finished) {
  context_->transfers->Download(
      {action_.from, action_.cache_key, action_.checksum_algorithm, action_.checksum_value},
      context_->container_guid, action_.to, action_.user, std::move(cancellation),
      std::move(finished));
}

UploadStep::UploadStep(StepContextPtr context, UploadAction action)
    : TransferStep(std::move(context),
                   {action.artifact, action.log_source, "Uploading", "Uploaded",
                    absl::StrCat("Uploading", action.artifact.empty() ? "" : " ", action.artifact,
                                 " failed")}),
      action_(std::move(action)) {}

void UploadStep::Begin(std::shared_ptr<Cancellation> cancellation, Transfers::Finished finished) {
  context_->transfers->Upload(action_.to, context_->container_guid, action_.from, action_.user,
                              std::move(cancellation), std::move(finished));
}

}  // namespace diego::rep
