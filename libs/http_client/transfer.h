// One request in the hands of libcurl. Internal to libs/http_client.
#pragma once

#include <curl/curl.h>

#include <memory>

#include "libs/http_client/request.h"

namespace diego::http_client {

// Not movable: libcurl holds pointers into it.
class Transfer {
 public:
  explicit Transfer(Request request);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() const { return handle_; }
  // Once, after libcurl is done with it.
  Outcome Finish(CURLcode code);

 private:
  static size_t OnBody(char* data, size_t size, size_t count, void* self);
  static size_t OnHeader(char* data, size_t size, size_t count, void* self);
  static size_t OnRead(char* data, size_t size, size_t count, void* self);
  static int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  void SetUp();
  void SetBody();
  void SetTls();
  void SetServerName();

  int Status() const;
  void TellStatus();

  const Request request_;
  CURL* handle_;
  curl_slist* headers_ = nullptr;
  curl_slist* connect_to_ = nullptr;
  Answer answer_;
  bool too_large_ = false;
  bool told_status_ = false;
};

}  // namespace diego::http_client
