//! So many places for each of those who come; a place is free again once it is dropped.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Places, by who takes them. Cheap to clone.
#[derive(Clone)]
pub struct Places<K> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K> Default for Places<K> {
    fn default() -> Self {
        Self { taken: Arc::default() }
    }
}

impl<K: Clone + Eq + Hash> Places<K> {
    /// A place for `who`, where they have fewer than `most`.
    pub fn take(&self, who: K, most: usize) -> Option<Place<K>> {
        let mut taken = lock(&self.taken);
        let count = taken.get(&who).copied().unwrap_or(0);
        if count >= most {
            return None;
        }
        taken.insert(who.clone(), count + 1);
        Some(Place { of: self.clone(), who })
    }

    /// How many are taken, of everybody.
    pub fn taken(&self) -> usize {
        lock(&self.taken).values().sum()
    }
}

/// A place that is taken.
pub struct Place<K: Clone + Eq + Hash> {
    of: Places<K>,
    who: K,
}

impl<K: Clone + Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        let mut taken = lock(&self.of.taken);
        match taken.get_mut(&self.who) {
            Some(count) if *count > 1 => *count -= 1,
            // Who has none is forgotten.
            _ => drop(taken.remove(&self.who)),
        }
    }
}

fn lock<K>(taken: &Mutex<HashMap<K, usize>>) -> MutexGuard<'_, HashMap<K, usize>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_it_was_left() {
        let places = Places::default();
        let one = places.take("anna", 2).unwrap();
        let _two = places.take("anna", 2).unwrap();
        assert!(places.take("anna", 2).is_none());
        assert!(places.take("tom", 2).is_some(), "others have their own");
        drop(one);
        assert!(places.take("anna", 2).is_some());
        assert_eq!(places.taken(), 1, "who has left is forgotten");
    }
}
