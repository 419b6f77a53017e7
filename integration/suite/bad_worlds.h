// The services in this process, so that sanitizers see them, each with its doors open to whoever
// has a certificate of the CA: whatever is refused is not refused for want of a role.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "libs/http/server.h"
#include "libs/rpc/server.h"
#include "libs/rpc/testing/test_certificates.h"
#include "libs/sync/worker.h"
#include "libs/testing/fake_clock.h"
#include "proto/diego/bbs.grpc.pb.h"
#include "services/auctioneer/server.h"
#include "services/bbs/server.h"
#include "services/locket/server.h"
#include "services/rep/api/cell_service.h"
#include "services/rep/api/http_doors.h"
#include "services/rep/engine/fake_executor.h"
#include "services/rep/engine/fake_records.h"

namespace diego::suite {

// Waits for something that threads bring about; REQUIREs that they do.
void WaitUntil(const std::function<bool()>& condition);

// A Locket; the others when asked for. REQUIREs.
struct World {
  World();
  ~World();
  void StartBbs();
  void StartAuctioneer();  // after the BBS
  // All records of the BBS but its domains, as bytes.
  std::string BbsRecords();

  rpc::TestCertificates certificates;
  rpc::TlsFiles tls;
  std::string directory;
  std::unique_ptr<locket::LocketServer> locket;
  std::unique_ptr<bbs::BbsServer> bbs;
  std::unique_ptr<auctioneer::AuctioneerServer> auctioneer;

 private:
  void StartLocket();

  std::unique_ptr<Bbs::Stub> onlooker_;
};

// A cell's doors with fakes behind them.
struct CellWorld {
  CellWorld();
  ~CellWorld();
  std::unique_ptr<http::Server> Serve(const http::Router& routes);

  rpc::TestCertificates certificates;
  rpc::TlsFiles tls;
  FakeClock clock;
  metrics::Registry registry{"rep"};
  rep::RepMetrics metrics{registry};
  log::Logger log = log::Logger::Discard();
  rep::FakeExecutor executor;
  rep::FakeRecords records{CellId("cell-1")};
  rep::CellNotes notes;
  rep::ReconcileLoop loop{
      {}, {CellId("cell-1"), "", false}, executor, records, notes, clock, metrics, log};
  rep::LogStore store{{}};
  rep::LogStreams streams{store, 2};
  std::unique_ptr<rep::Cell> cell;
  std::unique_ptr<rep::CellCalls> calls;
  std::unique_ptr<rep::CellService> service;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<Worker> pump;
};

}  // namespace diego::suite
