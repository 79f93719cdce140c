//! A withdrawal in words: the sentence that is confirmed, what is told of its receipt.

use domain::withdrawal::{Items, Statement, Withdrawn};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Say;
use crate::format::Format;
use crate::messages::Messages;

/// What the two controls of the withdrawal function are called: words that the law gives, or that say the same as clearly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Leads to it, on every page.
    pub withdraw: &'static str,
    /// Confirms the statement; nothing else stands on that control.
    pub confirm: &'static str,
}

impl Messages {
    /// Names of the withdrawal function's controls in this language: as the directive's version in it has them, else words that say the same.
    #[must_use]
    pub fn withdrawal_labels(self) -> Labels {
        match domain::law::labels(None, self.locale.tag()) {
            Some(by_law) => Labels { withdraw: &by_law.withdraw, confirm: &by_law.confirm },
            None => Labels { withdraw: self.withdraw_entry(), confirm: self.withdraw_confirm() },
        }
    }
}

impl Say {
    /// The customer's own sentence.
    #[must_use]
    pub fn withdrawal_sentence(&self, order: &str, items: &Items) -> String {
        match items {
            Items::Whole => self.m.withdraw_sentence(order),
            Items::Lines(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| self.withdrawn(line)).collect();
                self.m.withdraw_sentence_part(self.m.list(&lines), order)
            }
            Items::Words(words) => self.m.withdraw_sentence_part(words.trim_end_matches(['.', '。']), order),
        }
    }

    fn withdrawn(&self, line: &Withdrawn) -> String {
        let name = line.name.clone().unwrap_or_else(|| self.m.withdraw_line(&line.line));
        match line.quantity {
            Some(units) => self.m.withdraw_units_of(name, units),
            None => name,
        }
    }

    /// The moment it was received: day with its year, time to the second, and the zone that both are of.
    #[must_use]
    pub fn received(&self, at: Timestamp, zone: &str) -> String {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let local = at.to_zoned(zone.clone());
        // The year is written however near it is: this is kept.
        let dates = Format::new(self.f.locale, TimeZone::UTC, Timestamp::MIN);
        // This is kept: the zone's own name where it has no other.
        let name = zone.iana_name().unwrap_or("UTC");
        let named = self.m.zone(name).unwrap_or(name);
        self.m.withdraw_moment(dates.date(local.date()), local.strftime("%H:%M:%S"), self.m.withdraw_zone(local.strftime("%:z"), named))
    }

    /// What is told of its receipt beside the sentence: names and values.
    #[must_use]
    pub fn withdrawal_facts(&self, statement: &Statement, id: &str, received: &str) -> Vec<(String, String)> {
        let m = self.m;
        [
            (m.withdraw_by(), statement.name.as_str()),
            (m.withdraw_order(), &statement.order),
            (m.withdraw_received_at(), received),
            (m.withdraw_number(), id),
            (m.withdraw_answer_to(), statement.email.as_str()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }
}
