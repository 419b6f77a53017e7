// The files that prove who we are.
#pragma once

#include <string>

namespace diego::rpc {

// PEM files. All three are required: every connection is mutually authenticated.
struct TlsFiles {
  std::string ca_file;    // one or more CA certificates that a peer must descend from
  std::string cert_file;  // our certificate, then any intermediates
  std::string key_file;   // its private key
};

}  // namespace diego::rpc
