// Transport: bytes in and out of one accepted connection, with or without TLS. Never blocks.
// Internal to libs/http.
#pragma once

#include <cstddef>
#include <optional>

#include "libs/http/tls_context.h"
#include "libs/rpc/identity.h"

namespace diego::http {

// One thread at a time. The descriptor belongs to somebody else and outlives it.
class Transport {
 public:
  // `ssl` null: plain.
  Transport(int fd, SslPointer ssl) : fd_(fd), ssl_(std::move(ssl)) {}

  enum class Io {
    kDone,
    kWantRead,   // again when the descriptor can be read
    kWantWrite,  // again when it can be written
    kClosed,     // the peer has ended its side
    kFailed,     // of no further use
  };
  // At once on plain connections.
  Io Handshake();
  // kDone: at least one byte.
  Io Read(char* data, size_t size, size_t* count);
  Io Write(const char* data, size_t size, size_t* count);
  // What the peer still sends, undeciphered, to be thrown away.
  Io Discard(char* data, size_t size, size_t* count);
  // Tells the peer that no more comes. Best effort.
  void Close();

  // After the handshake; nothing on plain connections.
  std::optional<rpc::PeerIdentity> Peer() const;

 private:
  Io SslResult(int result);

  const int fd_;
  SslPointer ssl_;
  bool usable_ = true;
};

}  // namespace diego::http
