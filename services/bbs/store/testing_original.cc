#include "services/bbs/store/testing_original.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace diego::bbs::testing {
namespace {

constexpr char kLabel[] = "key-1";
constexpr char kPassphrase[] = "passphrase";
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;

const uint8_t* Bytes(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

std::array<uint8_t, 32> KeyOf(absl::string_view passphrase) {
  std::array<uint8_t, 32> key;
  SHA256(Bytes(passphrase), passphrase.size(), key.data());
  return key;
}

std::string Sealed(absl::string_view plaintext) {
  return OriginalSeal(kLabel, kPassphrase, plaintext);
}
std::string SealedProto(absl::string_view message) { return Sealed(AsProtoColumn(message)); }

// -- what the tables hold --

std::string RunAction(absl::string_view path) {
  const std::string run = TextField(1, path) + TextField(6, "vcap");
  return TextField(3, run);  // Action.run_action
}

// Desired LRP "web" on "apps"; tags were a member until 1722634733.
std::string RunInfo(bool with_tags) {
  const std::string key = TextField(1, "web") + TextField(2, "apps") + TextField(3, "log-guid");
  std::string message = TextField(1, key) + TextField(4, RunAction("/bin/server")) +
                        NumberField(8, 10) + NumberField(9, 8080) + NumberField(9, 8081) +
                        TextField(11, "APP") + NumberField(13, 1700000000000000000) +
                        NumberField(19, 60000);
  if (with_tags) {
    const std::string value = TextField(1, "app-1");
    message += TextField(25, TextField(1, "source_id") + TextField(2, value));
  }
  return message;
}

std::string NetInfo() {
  const std::string ports =
      NumberField(1, 8080) + NumberField(2, 61000) + NumberField(3, 61001) + NumberField(4, 61002);
  return TextField(1, "10.0.0.1") + TextField(2, ports) + TextField(3, "172.16.0.2") +
         NumberField(4, 2);
}

std::string TaskDefinition() {
  return TextField(1, "preloaded:stack") + TextField(3, RunAction("/bin/job")) +
         NumberField(4, 128) + NumberField(5, 64) + TextField(12, "https://example.test/done");
}

std::vector<std::string> Ddl(bool latest) {
  const std::string wide = latest ? "LONGTEXT" : "MEDIUMTEXT";
  std::vector<std::string> statements = {
      "CREATE TABLE configurations (id VARCHAR(255) PRIMARY KEY, value VARCHAR(255))",
      "CREATE TABLE domains (domain VARCHAR(255) PRIMARY KEY, expire_time BIGINT DEFAULT 0)",
      absl::StrCat(
          "CREATE TABLE desired_lrps (process_guid VARCHAR(255) PRIMARY KEY, domain "
          "VARCHAR(255) NOT NULL, log_guid VARCHAR(255) NOT NULL, annotation ",
          wide, ", instances INT NOT NULL, memory_mb INT NOT NULL, disk_mb INT NOT NULL, ",
          "rootfs VARCHAR(1024) NOT NULL, routes ", wide, " NOT NULL, volume_placement ", wide,
          " NOT NULL, modification_tag_epoch VARCHAR(255) NOT NULL, "
          "modification_tag_index INT, run_info ",
          wide, " NOT NULL, placement_tags TEXT, max_pids INTEGER DEFAULT 0",
          latest ? ", metric_tags MEDIUMTEXT, update_strategy INT NOT NULL DEFAULT 0" : "", ")"),
      absl::StrCat(
          "CREATE TABLE actual_lrps (process_guid VARCHAR(255), instance_index INT, evacuating "
          "BOOL DEFAULT false, domain VARCHAR(255) NOT NULL, state VARCHAR(255) NOT NULL, "
          "instance_guid VARCHAR(255) NOT NULL DEFAULT '', cell_id VARCHAR(255) NOT NULL DEFAULT "
          "'', placement_error VARCHAR(1024) NOT NULL DEFAULT '', since BIGINT DEFAULT 0, "
          "net_info ",
          wide,
          " NOT NULL, modification_tag_epoch VARCHAR(255) NOT NULL, modification_tag_index INT, "
          "crash_count INT NOT NULL DEFAULT 0, crash_reason VARCHAR(1024) NOT NULL DEFAULT '', "
          "expire_time BIGINT DEFAULT 0, presence INT NOT NULL DEFAULT 0, internal_routes "
          "MEDIUMTEXT",
          latest ? ", metric_tags MEDIUMTEXT, routable BOOL DEFAULT false, availability_zone "
                   "VARCHAR(255) NOT NULL DEFAULT ''"
                 : "",
          ", PRIMARY KEY (process_guid, instance_index, presence))"),
      absl::StrCat("CREATE TABLE tasks (guid VARCHAR(255) PRIMARY KEY, domain VARCHAR(255) NOT "
                   "NULL, updated_at BIGINT DEFAULT 0, created_at BIGINT DEFAULT 0, "
                   "first_completed_at BIGINT DEFAULT 0, state INT, cell_id VARCHAR(255) NOT NULL "
                   "DEFAULT '', result ",
                   wide,
                   ", failed BOOL DEFAULT false, failure_reason VARCHAR(1024) NOT NULL DEFAULT '', "
                   "task_definition ",
                   wide,
                   " NOT NULL, rejection_count INTEGER NOT NULL DEFAULT 0, rejection_reason "
                   "VARCHAR(1024) NOT NULL DEFAULT '')"),
      "CREATE INDEX domains_expire_time_idx ON domains(expire_time)",
      "CREATE INDEX desired_lrps_domain_idx ON desired_lrps(domain)",
  };
  for (const char* column : {"domain", "cell_id", "since", "state", "expire_time"}) {
    statements.push_back(
        absl::StrCat("CREATE INDEX actual_lrps_", column, "_idx ON actual_lrps(", column, ")"));
  }
  for (const char* column :
       {"domain", "state", "cell_id", "updated_at", "created_at", "first_completed_at"}) {
    statements.push_back(
        absl::StrCat("CREATE INDEX tasks_", column, "_idx ON tasks(", column, ")"));
  }
  return statements;
}

}  // namespace

std::string OriginalSeal(absl::string_view label, absl::string_view passphrase,
                         absl::string_view plaintext) {
  static uint8_t sealed_so_far = 0;
  const std::string nonce(kNonceBytes, static_cast<char>(++sealed_so_far));
  std::string ciphertext(plaintext.size(), '\0');
  std::string tag(kTagBytes, '\0');
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int written = 0;
  const auto key = KeyOf(passphrase);
  DIEGO_CHECK(EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nullptr, key.data(), Bytes(nonce)) ==
              1);
  DIEGO_CHECK(EVP_EncryptUpdate(context, Bytes(ciphertext), &written, Bytes(plaintext),
                                static_cast<int>(plaintext.size())) == 1);
  DIEGO_CHECK(EVP_EncryptFinal_ex(context, Bytes(tag), &written) == 1);
  DIEGO_CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1);
  EVP_CIPHER_CTX_free(context);
  const std::string envelope =
      absl::StrCat(std::string(1, static_cast<char>(label.size())), label, nonce, ciphertext, tag);
  return absl::StrCat("02", absl::Base64Escape(envelope));
}

std::string OriginalOpen(absl::string_view label, absl::string_view passphrase,
                         absl::string_view text) {
  DIEGO_CHECK(text.size() >= 2) << "the original panics: column of " << text.size() << " bytes";
  DIEGO_CHECK(text.substr(0, 2) == "02") << "Unknown encoding: " << std::string(text.substr(0, 2));
  std::string envelope;
  DIEGO_CHECK(absl::Base64Unescape(text.substr(2), &envelope));
  const absl::string_view all = envelope;
  DIEGO_CHECK(static_cast<size_t>(all[0]) == label.size());
  DIEGO_CHECK(all.substr(1, label.size()) == label);
  const absl::string_view nonce = all.substr(1 + label.size(), kNonceBytes);
  const absl::string_view sealed = all.substr(1 + label.size() + kNonceBytes);
  const absl::string_view ciphertext = sealed.substr(0, sealed.size() - kTagBytes);
  std::string tag(sealed.substr(ciphertext.size()));
  std::string plaintext(ciphertext.size() + 1, '\0');
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int written = 0;
  const auto key = KeyOf(passphrase);
  DIEGO_CHECK(EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nullptr, key.data(), Bytes(nonce)) ==
              1);
  DIEGO_CHECK(EVP_DecryptUpdate(context, Bytes(plaintext), &written, Bytes(ciphertext),
                                static_cast<int>(ciphertext.size())) == 1);
  DIEGO_CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1);
  DIEGO_CHECK(EVP_DecryptFinal_ex(context, Bytes(plaintext) + written, &written) == 1);
  EVP_CIPHER_CTX_free(context);
  plaintext.resize(ciphertext.size());
  return plaintext;
}

std::string Varint(uint64_t number) {
  std::string bytes;
  while (number >= 0x80) {
    bytes.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  bytes.push_back(static_cast<char>(number));
  return bytes;
}
std::string NumberField(int field, uint64_t number) {
  return Varint(static_cast<uint64_t>(field) << 3) + Varint(number);
}
std::string TextField(int field, absl::string_view bytes) {
  return absl::StrCat(Varint((static_cast<uint64_t>(field) << 3) | 2), Varint(bytes.size()), bytes);
}
std::string AsProtoColumn(absl::string_view message) {
  return absl::StrCat(absl::string_view("\x02\x00", 2), message);
}

void MakeOriginalDatabase(Handle& handle, int64_t version) {
  // Whoever makes the database for the original gives it a character set for all of Unicode.
  if (handle.database->flavor() == sql::Flavor::kMysql) {
    const absl::Status set = handle.database->ExecuteSchema("ALTER DATABASE CHARACTER SET utf8mb4");
    DIEGO_CHECK(set.ok()) << set.ToString();
  }
  for (const std::string& statement : Ddl(version == kOriginalLatest)) {
    const absl::Status made = handle.database->ExecuteSchema(statement);
    DIEGO_CHECK(made.ok()) << statement << ": " << made.ToString();
  }
  if (version == kOriginalLatest) {
    const bool mysql = handle.database->flavor() == sql::Flavor::kMysql;
    const absl::Status made = handle.database->ExecuteSchema(
        absl::StrCat("CREATE TABLE bbs_health_check (id ",
                     mysql ? "int AUTO_INCREMENT PRIMARY KEY" : "INTEGER PRIMARY KEY",
                     ", time bigint NOT NULL)"));
    DIEGO_CHECK(made.ok()) << made.ToString();
  }
  handle.Run("INSERT INTO configurations (id, value) VALUES (?, ?)",
             {"version", absl::StrCat("{\"CurrentVersion\":", version, "}")});
  handle.Run("INSERT INTO configurations (id, value) VALUES (?, ?)",
             {"encryption_key_label", kLabel});
}

void FillOriginalDatabase(Handle& handle, int64_t version) {
  const bool latest = version == kOriginalLatest;
  handle.Run("INSERT INTO domains (domain, expire_time) VALUES ('apps', 1900000000000000000)");
  handle.Run("INSERT INTO domains (domain, expire_time) VALUES ('forever', 9223372036854775807)");
  handle.Run(
      "INSERT INTO desired_lrps (process_guid, domain, log_guid, annotation, instances, memory_mb, "
      "disk_mb, rootfs, routes, volume_placement, modification_tag_epoch, modification_tag_index, "
      "run_info, placement_tags, max_pids) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {"web", "apps", "log-guid", "note", int64_t{2}, int64_t{128}, int64_t{512}, "preloaded:stack",
       Sealed(R"({"cf-router":[{"hostnames":["a.example"],"port":8080}]})"),
       SealedProto(TextField(1, "driver-1")), "4f0c4a38-5b1e-4d8e-9e57-2d5b1b0e8f6a", int64_t{4},
       SealedProto(RunInfo(!latest)), "null", int64_t{100}});
  for (const int64_t presence : {0, 1}) {
    handle.Run(
        "INSERT INTO actual_lrps (process_guid, instance_index, presence, domain, state, "
        "instance_guid, cell_id, since, net_info, modification_tag_epoch, modification_tag_index, "
        "internal_routes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {"web", int64_t{0}, presence, "apps", "RUNNING", absl::StrCat("instance-", presence),
         "cell-1", int64_t{1700000000000000000}, SealedProto(NetInfo()), "epoch", int64_t{1},
         Sealed(R"([{"hostname":"a.internal"}])")});
  }
  handle.Run(
      "INSERT INTO tasks (guid, domain, created_at, updated_at, first_completed_at, state, "
      "cell_id, "
      "task_definition) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {"job", "apps", int64_t{1700000000000000000}, int64_t{1700000000000000000}, int64_t{0},
       int64_t{2}, "cell-1", SealedProto(TaskDefinition())});
  if (!latest) return;
  handle.Run("UPDATE desired_lrps SET metric_tags = ?, update_strategy = 1",
             {Sealed(R"({"source_id":{"static":"app-1"}})")});
  handle.Run("UPDATE actual_lrps SET metric_tags = ?, routable = true, availability_zone = 'z1'",
             {Sealed(R"({"app":"one"})")});
}

namespace {

enum class Form { kProto, kJsonObject, kJsonList };
constexpr absl::string_view kActualLrps = "actual_lrps";
struct Expected {
  absl::string_view table;
  const char* column;
  Form form;
};
constexpr Expected kSealedColumns[] = {
    {"desired_lrps", "run_info", Form::kProto},
    {"desired_lrps", "volume_placement", Form::kProto},
    {"desired_lrps", "routes", Form::kJsonObject},
    {"desired_lrps", "metric_tags", Form::kJsonObject},
    {"actual_lrps", "net_info", Form::kProto},
    {"actual_lrps", "internal_routes", Form::kJsonList},
    {"actual_lrps", "metric_tags", Form::kJsonObject},
    {"tasks", "task_definition", Form::kProto},
};

// Values that the original's columns may hold.
constexpr const char* kOddRows[] = {
    ("SELECT COUNT(*) FROM actual_lrps WHERE presence NOT IN (0, 1, 2) OR state NOT IN "
     "('UNCLAIMED', 'CLAIMED', 'RUNNING', 'CRASHED') OR routable IS NULL"),
    "SELECT COUNT(*) FROM desired_lrps WHERE update_strategy NOT IN (0, 1)",
    "SELECT COUNT(*) FROM tasks WHERE state NOT IN (1, 2, 3, 4)",
    "SELECT COUNT(*) FROM domains WHERE expire_time < 0",
};

}  // namespace

std::string ComplaintsOfOriginal(Handle& handle) {
  std::string complaints;
  const std::string version = handle.Configuration("version");
  if (version != absl::StrCat("{\"CurrentVersion\":", kOriginalLatest, "}")) {
    absl::StrAppend(&complaints, "version row ", version, "\n");
  }
  if (handle.Configuration("encryption_key_label") != kLabel) complaints += "key label\n";
  for (const Expected& expected : kSealedColumns) {
    const absl::Status read = handle.database->Read([&](sql::Transaction& tx) {
      return tx.Query(absl::StrCat("SELECT ", expected.column, " FROM ", expected.table), {},
                      [&](const sql::Row& row) {
                        // Those of actual LRPs came with a migration: NULL in rows from before.
                        const bool may_be_empty = expected.table == kActualLrps;
                        if (may_be_empty && row.Text(0).empty()) return absl::OkStatus();
                        const std::string plain = OriginalOpen(kLabel, kPassphrase, row.Text(0));
                        const bool fits =
                            expected.form == Form::kProto
                                ? absl::StartsWith(plain, absl::string_view("\x02\x00", 2))
                                : absl::StartsWith(plain,
                                                   expected.form == Form::kJsonObject ? "{" : "[");
                        if (!fits)
                          absl::StrAppend(&complaints, expected.table, ".", expected.column, "\n");
                        return absl::OkStatus();
                      });
    });
    if (!read.ok()) absl::StrAppend(&complaints, read.ToString(), "\n");
  }
  for (const char* odd : kOddRows) {
    if (handle.First(odd) != "0") absl::StrAppend(&complaints, odd, "\n");
  }
  return complaints;
}

}  // namespace diego::bbs::testing
