//! What the warehouse is told of goods that are on their way to it.

use domain::words::Locale;
use jiff::Timestamp;

use super::letter::{Content, ItemText, Letter, say, write};
use crate::config::Config;
use crate::services::GoodsComing;

/// Which parcels, what is in them, and until when they should be here; nothing of whoever sends them.
pub fn goods_coming(coming: &GoodsComing, locale: Locale, config: &Config) -> Result<Letter, askama::Error> {
    let say = say(locale, config.shop.zone.clone(), coming.parcels.first().map_or(Timestamp::UNIX_EPOCH, |first| first.by));
    let m = say.m;
    let count = coming.parcels.len() as u64 + coming.more;
    let items = coming.parcels.iter().map(|parcel| {
        let items = parcel.items.iter().map(|(name, units)| if *units > 1 { format!("{name} ×\u{a0}{units}") } else { name.clone() });
        ItemText::of(parcel.rma.to_string(), m.coming_mail_by(say.f.date(say.f.day(parcel.by))), items.collect())
    });
    let content = Content {
        subject: m.coming_mail_subject(count),
        hello: m.mail_hello(&coming.name),
        lead: m.coming_mail_lead(count),
        items: items.collect(),
        notes: (coming.more > 0).then(|| m.coming_mail_more(coming.more, m.staff_coming())).into_iter().collect(),
        follow: m.staff_coming(),
        link: format!("{}/staff/coming", config.public_url),
        footer: m.coming_mail_footer(config.shop.name.get(locale).unwrap_or_default()),
        ..Content::default()
    };
    write(content, config, &say)
}
