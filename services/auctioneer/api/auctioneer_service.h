// diego.Auctioneer on gRPC: takes requests for the next round and answers at once.
// Source: reference/rep-auctioneer-http-api.md "Auctioneer".
#pragma once

#include "libs/base/clock.h"
#include "libs/rpc/identity.h"
#include "proto/diego/auctioneer.grpc.pb.h"
#include "services/auctioneer/engine/auction_loop.h"
#include "services/auctioneer/engine/metrics.h"

namespace diego::auctioneer {

// For the BBS and operators. Thread-safe.
class AuctioneerService final : public diego::Auctioneer::CallbackService {
 public:
  AuctioneerService(AuctionLoop& loop, const Clock& clock, AuctioneerMetrics& metrics,
                    rpc::PeerRules peers);

  grpc::ServerUnaryReactor* RequestLRPAuctions(grpc::CallbackServerContext* context,
                                               const LRPAuctionsRequest* request,
                                               AuctionsResponse* response) override;
  grpc::ServerUnaryReactor* RequestTaskAuctions(grpc::CallbackServerContext* context,
                                                const TaskAuctionsRequest* request,
                                                AuctionsResponse* response) override;

 private:
  template <typename Auctions, typename Take>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context, const Auctions& auctions,
                                  AuctionsResponse* response, Take take);

  AuctionLoop& loop_;
  const Clock& clock_;
  AuctioneerMetrics& metrics_;
  const rpc::PeerRules peers_;
};

}  // namespace diego::auctioneer
