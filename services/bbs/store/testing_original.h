// A database as the original wrote it, from the reference's tables alone: schema, envelope and
// messages are put together here by hand, with nothing of ours, so that a mistake of ours cannot
// hide itself. Source: reference/sql-schema.md, reference/wire-models.md.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/bbs/store/testing_store.h"

namespace diego::bbs::testing {

// -- the envelope --
// Column text: "02", base64 of label length, label, nonce, AES-256-GCM ciphertext and tag.
std::string OriginalSeal(absl::string_view label, absl::string_view passphrase,
                         absl::string_view plaintext);
// Aborts where the original would fail: it slices without asking how long the text is.
std::string OriginalOpen(absl::string_view label, absl::string_view passphrase,
                         absl::string_view text);

// -- protobuf, field by field --
std::string Varint(uint64_t number);
std::string NumberField(int field, uint64_t number);
std::string TextField(int field, absl::string_view bytes);
// Format "proto", version 0.
std::string AsProtoColumn(absl::string_view message);

// -- the schema --
constexpr int64_t kOriginalLatest = 1772581987;
constexpr int64_t kOriginal2022 = 1643660541;
// Tables of version kOriginalLatest or kOriginal2022, with the version row and the key's label
// "key-1" (passphrase "passphrase").
void MakeOriginalDatabase(Handle& handle, int64_t version);
// A desired LRP "web" with two instances (one running, one evacuating), a task and two domains.
void FillOriginalDatabase(Handle& handle, int64_t version);

// Reads every row as the original does at kOriginalLatest, and says what it chokes on; "" for
// nothing.
std::string ComplaintsOfOriginal(Handle& handle);

}  // namespace diego::bbs::testing
