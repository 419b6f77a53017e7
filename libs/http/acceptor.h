// Acceptor: the listening socket; deals connections out to the loops. Internal to libs/http.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/http/loop.h"
#include "libs/http/tls_context.h"

namespace diego::http {

// Lives on the first loop: after Listen only its thread may call it.
class Acceptor {
 public:
  // `tls` null: plain.
  Acceptor(std::vector<std::shared_ptr<Loop>> loops, std::unique_ptr<TlsContext> tls);

  // InvalidArgument: no address, or a plain one where that is not allowed. Unavailable: in use, or
  // not of this machine.
  absl::Status Listen();
  int port() const { return port_; }
  // Begins to accept.
  void Accept();
  // Takes up again what failed for want of descriptors; follows the certificates' files.
  void Sweep();
  void Close();

 private:
  // Those that wait. False: without descriptors it would fail again at once; the next sweep goes
  // on.
  bool AcceptSome();
  void Accepted(size_t loop, boost::asio::ip::tcp::socket socket);

  const std::vector<std::shared_ptr<Loop>> loops_;
  const std::unique_ptr<TlsContext> tls_;
  boost::asio::ip::tcp::acceptor acceptor_;
  int port_ = 0;
  size_t next_loop_ = 0;
  bool accepting_ = false;
  bool closed_ = false;
  absl::Duration refresh_at_;
};

}  // namespace diego::http
