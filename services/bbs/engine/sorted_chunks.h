// SortedChunks<R>: records in key order, cut into small immutable pieces, so that a snapshot of all
// of them costs a pointer a piece and a change costs a copy of one piece at most.
//
// A piece made since the last snapshot is nobody else's and is edited in place; an older one is
// copied first. So writing costs next to nothing while nobody lists, and a reader of a snapshot
// holds no lock and blocks nobody. Not thread-safe itself; its snapshots are.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "services/bbs/core/change.h"

namespace diego::bbs {

template <typename R>
using RecordChunk = std::vector<Record<R>>;
template <typename R>
using RecordChunks = std::vector<std::shared_ptr<const RecordChunk<R>>>;

// `KeyOf::Of(const R&)` gives the key of a record, or a view of it; keys are ordered by <.
template <typename R, typename KeyOf>
class SortedChunks {
 public:
  // Puts the record in the place of the one with its key, or adds it.
  void Put(Record<R> record) {
    if (pieces_.empty()) {
      pieces_.push_back(
          {std::make_shared<RecordChunk<R>>(RecordChunk<R>{std::move(record)}), generation_});
      ++size_;
      return;
    }
    const auto& key = KeyOf::Of(*record);
    const size_t place = PieceFor(key);
    RecordChunk<R>& rows = Editable(place);
    const auto at = LowerBound(rows, key);
    if (at != rows.end() && !(key < KeyOf::Of(**at))) {
      *at = std::move(record);
      return;
    }
    rows.insert(at, std::move(record));
    ++size_;
    if (rows.size() > kMostInPiece) Split(place);
  }

  void Remove(const R& record) {
    if (pieces_.empty()) return;
    const auto& key = KeyOf::Of(record);
    const size_t place = PieceFor(key);
    RecordChunk<R>& rows = Editable(place);
    const auto at = LowerBound(rows, key);
    if (at == rows.end() || key < KeyOf::Of(**at)) return;
    rows.erase(at);
    --size_;
    if (rows.empty()) pieces_.erase(pieces_.begin() + static_cast<ptrdiff_t>(place));
  }

  // nullptr when there is none.
  template <typename K>
  Record<R> Find(const K& key) const {
    Record<R> found;
    Scan(key, [&](const Record<R>& record) {
      if (!(key < KeyOf::Of(*record))) found = record;
      return false;
    });
    return found;
  }

  // Visits records from the first that is not below `key`, until `visit` returns false.
  template <typename K, typename Visit>
  void Scan(const K& key, Visit&& visit) const {
    if (pieces_.empty()) return;
    size_t place = PieceFor(key);
    auto at = LowerBound(*pieces_[place].rows, key);
    while (true) {
      const RecordChunk<R>& rows = *pieces_[place].rows;
      for (; at != rows.end(); ++at) {
        if (!visit(*at)) return;
      }
      if (++place == pieces_.size()) return;
      at = pieces_[place].rows->begin();
    }
  }

  // All records as they stand now. Whatever changes later is not seen in it.
  RecordChunks<R> Snapshot() {
    ++generation_;
    RecordChunks<R> all;
    all.reserve(pieces_.size());
    for (const Piece& piece : pieces_) all.push_back(piece.rows);
    return all;
  }

  size_t size() const { return size_; }

 private:
  static constexpr size_t kMostInPiece = 128;
  struct Piece {
    std::shared_ptr<RecordChunk<R>> rows;
    uint64_t made_in;
  };

  // The last piece whose first key is not above `key`, or the first piece.
  template <typename K>
  size_t PieceFor(const K& key) const {
    const auto after = std::upper_bound(
        pieces_.begin(), pieces_.end(), key,
        [](const K& k, const Piece& piece) { return k < KeyOf::Of(*piece.rows->front()); });
    return after == pieces_.begin() ? 0 : static_cast<size_t>(after - pieces_.begin()) - 1;
  }
  template <typename Rows, typename K>
  static auto LowerBound(Rows& rows, const K& key) {
    return std::lower_bound(rows.begin(), rows.end(), key, [](const Record<R>& record, const K& k) {
      return KeyOf::Of(*record) < k;
    });
  }
  RecordChunk<R>& Editable(size_t place) {
    Piece& piece = pieces_[place];
    if (piece.made_in != generation_) {
      piece = {std::make_shared<RecordChunk<R>>(*piece.rows), generation_};
    }
    return *piece.rows;
  }
  void Split(size_t place) {
    RecordChunk<R>& rows = *pieces_[place].rows;
    const auto middle = rows.begin() + static_cast<ptrdiff_t>(rows.size() / 2);
    auto upper = std::make_shared<RecordChunk<R>>(std::make_move_iterator(middle),
                                                  std::make_move_iterator(rows.end()));
    rows.erase(middle, rows.end());
    pieces_.insert(pieces_.begin() + static_cast<ptrdiff_t>(place) + 1,
                   {std::move(upper), generation_});
  }

  std::vector<Piece> pieces_;
  uint64_t generation_ = 0;
  size_t size_ = 0;
};

}  // namespace diego::bbs
