//! Rows that belong together: a table has a row for each line, and an order is whole when its last row has come.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// Groups that are being read. A few may be open at once, because exports do not always keep the rows of one order together;
/// which groups were closed is remembered by hash, so that memory does not grow with the documents.
pub(super) struct Groups<T> {
    most: usize,
    open: VecDeque<(String, T)>,
    closed: HashSet<u64>,
    hasher: RandomState,
    /// The number that came back too late, as long as its rows last.
    late: Option<String>,
}

/// Where a row belongs.
pub(super) enum Place<'g, T> {
    /// To this group.
    Open(&'g mut T),
    /// To a group that was closed before: this is its first row since then.
    Late,
    /// To the same group as the row before, which was late.
    StillLate,
}

impl<T> Groups<T> {
    /// At most `most` groups are open at once.
    pub fn new(most: usize) -> Self {
        Self { most: most.max(1), open: VecDeque::new(), closed: HashSet::new(), hasher: RandomState::new(), late: None }
    }

    /// The group of `key`, begun with `begin` where it is new. Where that makes one too many, `close` gets the oldest.
    pub fn place<E>(&mut self, key: &str, begin: impl FnOnce() -> T, close: impl FnOnce(T) -> Result<(), E>) -> Result<Place<'_, T>, E> {
        if self.late.as_deref() == Some(key) {
            return Ok(Place::StillLate);
        }
        self.late = None;
        // Most rows belong to the group begun last.
        if let Some(at) = self.open.iter().rposition(|(open, _)| open == key) {
            return Ok(Place::Open(&mut self.open[at].1));
        }
        if self.closed.contains(&self.hasher.hash_one(key)) {
            self.late = Some(key.to_owned());
            return Ok(Place::Late);
        }
        if self.open.len() == self.most
            && let Some((old, group)) = self.open.pop_front()
        {
            self.closed.insert(self.hasher.hash_one(old.as_str()));
            close(group)?;
        }
        self.open.push_back((key.to_owned(), begin()));
        let last = self.open.len() - 1;
        Ok(Place::Open(&mut self.open[last].1))
    }

    /// Closes what is open, the oldest first.
    pub fn finish<E>(self, mut close: impl FnMut(T) -> Result<(), E>) -> Result<(), E> {
        self.open.into_iter().try_for_each(|(_, group)| close(group))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(most: usize, keys: &[&str]) -> (Vec<String>, usize, usize) {
        let mut groups = Groups::new(most);
        let (mut closed, mut late, mut still_late) = (Vec::new(), 0, 0);
        for key in keys {
            let mut done = None;
            let place = groups.place(key, String::new, |group| {
                done = Some(group);
                Ok::<_, ()>(())
            });
            match place.unwrap() {
                Place::Open(group) => group.push_str(key),
                Place::Late => late += 1,
                Place::StillLate => still_late += 1,
            }
            closed.extend(done);
        }
        let mut close = |group| {
            closed.push(group);
            Ok::<_, ()>(())
        };
        groups.finish(&mut close).unwrap();
        (closed, late, still_late)
    }

    #[test]
    fn rows_of_one_order_may_be_some_orders_apart() {
        assert_eq!(read(2, &["a", "a", "b", "a", "b", "c"]), (vec!["aaa".into(), "bb".into(), "c".into()], 0, 0));
    }

    #[test]
    fn a_number_that_comes_back_too_late_is_said_once() {
        assert_eq!(read(1, &["a", "b", "a", "a", "b"]), (vec!["a".into(), "bb".into()], 1, 1));
    }
}
