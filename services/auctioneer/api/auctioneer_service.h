// diego.Auctioneer on gRPC: takes requests for the next round and answers at once.
// Source: proto/diego/auctioneer.proto.
#pragma once

#include "proto/diego/auctioneer.grpc.pb.h"
#include "services/auctioneer/api/auction_calls.h"

namespace diego::auctioneer {

// Thread-safe.
class AuctioneerService final : public diego::Auctioneer::CallbackService {
 public:
  explicit AuctioneerService(AuctionCalls& calls) : calls_(calls) {}

  grpc::ServerUnaryReactor* RequestLRPAuctions(grpc::CallbackServerContext* context,
                                               const LRPAuctionsRequest* request,
                                               AuctionsResponse* response) override;
  grpc::ServerUnaryReactor* RequestTaskAuctions(grpc::CallbackServerContext* context,
                                                const TaskAuctionsRequest* request,
                                                AuctionsResponse* response) override;

 private:
  AuctionCalls& calls_;
};

}  // namespace diego::auctioneer
