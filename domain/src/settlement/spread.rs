//! [`split`] where it is asked again and again over many parts.

use crate::money::split;

/// An amount over weights, in proportion, the last minor units to the largest remainders, at equal remainders to the first place.
pub(super) struct Spread {
    parts: Vec<(usize, i64)>,
}

impl Spread {
    /// `total` over (place, weight), both at least 0. Nothing where nothing weighs anything.
    pub(super) fn of(total: i64, weights: impl Iterator<Item = (usize, i64)>) -> Self {
        if total == 0 {
            return Self { parts: weights.map(|(place, _)| (place, 0)).collect() };
        }
        let mut parts: Vec<(usize, i64)> = weights.filter(|(_, weight)| *weight > 0).collect();
        let sum: i128 = parts.iter().map(|(_, weight)| i128::from(*weight)).sum();
        let fits = u64::try_from(sum).ok().filter(|sum| (total as u64).checked_mul(*sum).is_some());
        let Some(sum) = fits else {
            parts.sort_unstable();
            let weights: Vec<i64> = parts.iter().map(|(_, weight)| *weight).collect();
            for ((_, part), share) in parts.iter_mut().zip(split(total, &weights)) {
                *part = share;
            }
            return Self { parts };
        };
        if sum == 0 {
            return Self { parts };
        }
        let whole = total as u64;
        let mut given = 0;
        let mut remainders: Vec<(u64, usize, usize)> = Vec::with_capacity(parts.len());
        for (at, (place, part)) in parts.iter_mut().enumerate() {
            let exact = whole * *part as u64;
            let share = exact / sum;
            given += share;
            remainders.push((sum - (exact - share * sum), *place, at));
            *part = share as i64;
        }
        let left = (whole - given) as usize;
        if left > 0 {
            if left < remainders.len() {
                remainders.select_nth_unstable(left);
            }
            for (_, _, at) in &remainders[..left] {
                parts[*at].1 += 1;
            }
        }
        Self { parts }
    }

    pub(super) fn give(self, mut to: impl FnMut(usize, i64)) {
        self.parts.into_iter().for_each(|(place, part)| to(place, part));
    }

    /// Each of so many places' part.
    pub(super) fn by_place(self, places: usize) -> Vec<i64> {
        let mut all = vec![0; places];
        self.give(|place, part| all[place] = part);
        all
    }
}
