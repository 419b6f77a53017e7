// Downloads into the container and uploads out of it.
#pragma once

#include <memory>

#include "services/rep/containers/action.h"
#include "services/rep/containers/steps/step.h"

namespace diego::rep {

class TransferStep : public Step, public std::enable_shared_from_this<TransferStep> {
 public:
  void Start(Finished finished) override;
  void Cancel() override { cancellation_->Cancel(); }

 protected:
  // How a transfer is spoken of in the app's log.
  struct Words {
    std::string artifact;  // empty = it is not spoken of
    std::string log_source;
    std::string doing;    // "Downloading"
    std::string done;     // "Downloaded"
    std::string failure;  // "Downloading NAME failed"
  };
  TransferStep(StepContextPtr context, Words words)
      : context_(std::move(context)), words_(std::move(words)) {}
  virtual void Begin(std::shared_ptr<Cancellation> cancellation, Transfers::Finished finished) = 0;

  const StepContextPtr context_;

 private:
  void OnFinished(const absl::StatusOr<uint64_t>& bytes, const Finished& finished);

  const Words words_;
  const std::shared_ptr<Cancellation> cancellation_ = std::make_shared<Cancellation>();
};

class DownloadStep final : public TransferStep {
 public:
  DownloadStep(StepContextPtr context, DownloadAction action);

 private:
  void Begin(std::shared_ptr<Cancellation> cancellation, Transfers::Finished finished) override;
  const DownloadAction action_;
};

class UploadStep final : public TransferStep {
 public:
  UploadStep(StepContextPtr context, UploadAction action);

 private:
  void Begin(std::shared_ptr<Cancellation> cancellation, Transfers::Finished finished) override;
  const UploadAction action_;
};

}  // namespace diego::rep
