#include "deploy/certs/certs_command.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "libs/base/clock.h"
#include "libs/rpc/tls.h"

namespace diego::certs {
namespace {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    char name[] = "/tmp/diego-certs-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Ran {
  int code;
  std::string out;
  std::string err;
};
Ran Call(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = Run(arguments, RealClock().Now(), out, err);
  return {code, out.str(), err.str()};
}

TEST_CASE("diego-certs: a CA is made once, and certificates of it are good", "[certs]") {
  TemporaryDirectory directory;
  const std::string dir = directory.path() + "/ca";
  REQUIRE(Call({"init", dir}).code == 0);
  const Ran again = Call({"init", dir});
  CHECK(again.code == 1);
  CHECK(again.err.find("exists") != std::string::npos);
  const Ran issued =
      Call({"issue", "--dir", dir, "--role", "rep", "--cell", "cell-1", "--host", "127.0.0.1,c1"});
  INFO(issued.err);
  REQUIRE(issued.code == 0);
  CHECK(issued.out == dir + "/cell-1.crt\n" + dir + "/cell-1.key\n");
  const rpc::TlsFiles files{dir + "/ca.crt", dir + "/cell-1.crt", dir + "/cell-1.key"};
  CHECK(rpc::CheckTlsFiles(files, RealClock().Now()).ok());
  CHECK_FALSE(rpc::CheckTlsFiles(files, RealClock().Now() + absl::Hours(24 * 366)).ok());
  CHECK(Call({"issue", "--dir", dir, "--role", "bbs", "--key", "rsa", "--name", "b", "--days", "1"})
            .out == dir + "/b.crt\n" + dir + "/b.key\n");
  // Issued anew over the old: rotation.
  CHECK(Call({"issue", "--dir", dir, "--role", "rep", "--cell", "cell-1"}).code == 0);
}

TEST_CASE("diego-certs: what is not understood ends with 2 and the remedy", "[certs]") {
  const auto [arguments, expected] = GENERATE(table<std::vector<std::string>, std::string>({
      {std::vector<std::string>{}, "diego-certs init DIR"},
      {{"frobnicate"}, "diego-certs init DIR"},
      {{"init"}, "give one directory"},
      {{"init", "/tmp/x", "--days", "0"}, "--days is \"0\""},
      {{"init", "/tmp/x", "--key", "dsa"}, "--key is \"dsa\""},
      {{"init", "/tmp/x", "--what", "y"}, "--what is unknown"},
      {{"issue", "--role"}, "--role has no value"},
      {{"issue", "--role", "bbs"}, "--dir is missing"},
      {{"issue", "--dir", "/tmp/x", "--role", "king"}, "--role is \"king\""},
      {{"issue", "--dir", "/tmp/x", "--role", "bbs", "--name", "../b"}, "--name is \"../b\""},
      {{"issue", "--dir", "/tmp/x", "--role", "bbs", "--name", "ca"}, "--name is \"ca\""},
      {{"issue", "stray"}, "\"stray\" is not understood"},
  }));
  const Ran ran = Call(arguments);
  CHECK(ran.code == 2);
  INFO(ran.err);
  CHECK(ran.err.find(expected) != std::string::npos);
}

TEST_CASE("diego-certs: no CA where one is named is an error", "[certs]") {
  const Ran ran = Call({"issue", "--dir", "/no/such", "--role", "bbs"});
  CHECK(ran.code == 1);
  CHECK(ran.err.find("\"/no/such/ca.crt\" is missing") != std::string::npos);
  CHECK(Call({"help"}).code == 0);
}

}  // namespace
}  // namespace diego::certs
