//! A shop's own words for what customers are told. They hold for what happens after they were saved: a message says the same however late it goes out,
//! however often, and by which channel.

use std::collections::BTreeMap;

use app::messages::{MessageChannel, Occasion, Part, TemplateOf, Texts};
use domain::returns::{Recorded, Return};
use domain::rma::RmaNumber;
use domain::words::Locale;
use jiff::Timestamp;

use super::Services;
use super::access::AtMessages;
use super::reactions::reactions;
use crate::store::{self, AuditNote, Conn, InboxSubject, ReturnPage, StoreError, TemplateRow};

/// Versions that are looked at.
const MOST_VERSIONS: i64 = 50;

/// Why words were not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// Others were saved since they were opened.
    #[error("somebody else saved other words meanwhile")]
    Changed,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A return of which something is told.
#[derive(Clone, Debug)]
pub struct Sample {
    pub request: Return,
    pub events: Vec<Recorded>,
    /// It has happened to it: it is shown as it was then.
    pub happened: bool,
}

/// A shop's own words in a language, with all their versions.
#[derive(Clone, Debug)]
pub struct OwnWords {
    locale: Locale,
    /// The latest first.
    rows: Vec<TemplateRow>,
}

impl OwnWords {
    /// Those for some occasions.
    pub(super) async fn read(conn: &mut Conn<'_>, locale: Locale, occasions: &[Occasion]) -> Result<Self, StoreError> {
        Ok(Self { locale, rows: store::templates_of(conn, locale, occasions).await? })
    }

    /// Those of `at`; nothing where it said what the product says.
    fn of(&self, occasion: Occasion, channel: MessageChannel, at: Timestamp) -> Option<&BTreeMap<Part, String>> {
        let of = TemplateOf { occasion, locale: self.locale, channel };
        let then = self.rows.iter().find(|row| row.of == of && row.made_at <= at.as_millisecond());
        then.and_then(|row| row.parts.as_ref())
    }

    /// What an occasion says by mail or in the inbox, in the words of `at`. The inbox says what the mail does until it has words of its own.
    pub fn texts(&self, occasion: Occasion, channel: MessageChannel, at: Timestamp) -> Texts {
        let own = self.of(occasion, channel, at).or_else(|| self.of(occasion, MessageChannel::Mail, at));
        let texts = Texts::of(occasion, self.locale);
        match own {
            Some(own) => texts.with(own),
            None => texts,
        }
    }

    /// All that a text to a phone says, in the words of `at`; nothing where it has none of its own.
    pub fn body(&self, occasion: Occasion, at: Timestamp) -> Option<&str> {
        self.of(occasion, MessageChannel::Text, at)?.get(&Part::Body).map(String::as_str)
    }
}

impl Services {
    /// A shop's own words for an occasion.
    pub async fn own_words(&self, occasion: Occasion, locale: Locale) -> Result<OwnWords, StoreError> {
        let mut read = self.store.read().await?;
        OwnWords::read(&mut read.conn(), locale, &[occasion]).await
    }

    /// What an occasion says by mail or in the inbox, in the words of `at`.
    pub async fn texts(&self, of: TemplateOf, at: Timestamp) -> Result<Texts, StoreError> {
        Ok(self.own_words(of.occasion, of.locale).await?.texts(of.occasion, of.channel, at))
    }

    /// What has words of the shop's own.
    pub async fn all_own_words(&self, _access: &AtMessages) -> Result<Vec<TemplateOf>, StoreError> {
        let mut read = self.store.read().await?;
        let own = store::own_templates(&mut read.conn()).await?;
        // What this version does not know is for one that does.
        let known = own.into_iter().filter_map(|(occasion, locale, channel)| {
            let (occasion, channel) = (Occasion::named(&occasion)?, MessageChannel::named(&channel)?);
            Some(TemplateOf { occasion, locale: locale.parse().ok()?, channel })
        });
        let mut known: Vec<TemplateOf> = known.collect();
        known.sort_by_key(|of| of.channel);
        Ok(known)
    }

    /// Versions of one, the latest first.
    pub async fn versions(&self, _access: &AtMessages, of: TemplateOf) -> Result<Vec<TemplateRow>, StoreError> {
        let mut read = self.store.read().await?;
        store::list_templates(&mut read.conn(), of, MOST_VERSIONS).await
    }

    /// Saves words that were changed from `version`, 0 where there was none; nothing: the product's come back. What says what the product says is the product's.
    pub async fn word(
        &self,
        access: &AtMessages,
        of: TemplateOf,
        version: i64,
        parts: Option<BTreeMap<Part, String>>,
    ) -> Result<(), NotKept> {
        let parts = parts.filter(|parts| *parts != of.standard());
        let now = self.clock.now();
        let subject = format!("message:{}:{}:{}", of.occasion.code(), of.locale.tag(), of.channel.code());
        let note = access.by().note(now, "word_message", subject);
        let made_by = access.by().actor.clone();
        let written = self.store.write(move |mut conn| {
            Box::pin(async move {
                let conn = &mut conn;
                let before = store::list_templates(conn, of, 1).await?.pop();
                let last = before.as_ref().map_or(0, |before| before.version);
                let stood = before.and_then(|before| before.parts);
                // Pressed twice.
                if stood == parts {
                    return Ok(true);
                }
                if last != version {
                    return Ok(false);
                }
                let said = |parts: &Option<BTreeMap<Part, String>>| {
                    let named = |parts: &BTreeMap<Part, String>| {
                        parts.iter().map(|(part, text)| format!("{}: {text}", part.code())).collect::<Vec<_>>()
                    };
                    parts.as_ref().map(|parts| named(parts).join("\n"))
                };
                let note = AuditNote { before: said(&stood), after: said(&parts), ..note };
                let row = TemplateRow { of, version: last + 1, parts, made_by, made_at: now.as_millisecond() };
                let put = store::put_template(conn, &row).await?;
                if put {
                    store::note_audit(conn, &note).await?;
                }
                Ok::<_, StoreError>(put)
            })
        });
        if written.await? { Ok(()) } else { Err(NotKept::Changed) }
    }

    /// A return to look at: that one; else the last that was told of it; else the latest there is.
    pub async fn sample(&self, _access: &AtMessages, occasion: Occasion, rma: Option<RmaNumber>) -> Result<Option<Sample>, StoreError> {
        let mut read = self.store.read().await?;
        let conn = &mut read.conn();
        let last = match rma {
            Some(_) => None,
            None => store::last_told(conn, occasion).await?,
        };
        let (rma, event) = match (rma, last) {
            (Some(rma), _) => (rma, None),
            (None, Some(InboxSubject::Return { rma, event })) => (rma, Some(event)),
            _ => match store::list_returns(conn, &ReturnPage { status: None, after: None, limit: 1 }).await?.pop() {
                Some(listed) => (listed.request.rma, None),
                None => return Ok(None),
            },
        };
        let mut events = store::events_of(conn, rma).await?;
        drop(read);
        let tells = |event: usize| {
            let then = Return::replay(&events[..=event]);
            then.is_some_and(|then| reactions(&events[event], &then).iter().any(|job| job.kind() == occasion.mail_job()))
        };
        let told = match event {
            Some(seq) => events.iter().rposition(|recorded| recorded.seq <= seq),
            None => (0..events.len()).rev().find(|event| tells(*event)),
        };
        if let Some(told) = told {
            events.truncate(told + 1);
        }
        let request = Return::replay(&events);
        Ok(request.map(|request| Sample { request, events, happened: told.is_some() }))
    }
}
