//! What a mail says: one layout, filled for each occasion.

use app::format::Format;
use app::messages::{Occasion, filled};
use app::say::Say;
use askama::Template;
use domain::money::Money;
use domain::policy::{Decision, Resolution};
use domain::returns::{EntryState, Recorded, Return, Status, timeline};
use domain::words::Locale;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::config::Config;

/// A mail, ready to be sent.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Subject.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
    /// Whether the label goes with it.
    pub with_label: bool,
}

/// A returned item in a mail.
pub(super) struct ItemText {
    name: String,
    note: String,
    why: Vec<String>,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    lang: &'a str,
    subject: &'a str,
    shop: &'a str,
    brand: &'a str,
    hello: &'a str,
    lead: &'a str,
    code: &'a str,
    quote: &'a str,
    facts: &'a [(String, String)],
    items: &'a [ItemText],
    rows: &'a [(String, String)],
    totals: &'a [(String, String)],
    steps: &'a [String],
    notes: &'a [String],
    follow: &'a str,
    link: &'a str,
    footer: &'a str,
}

#[derive(Template)]
#[template(path = "mail/letter.txt", escape = "none")]
struct Plain<'a> {
    hello: &'a str,
    lead: &'a str,
    code: &'a str,
    quote: &'a str,
    facts: &'a [String],
    items: &'a [ItemText],
    rows: &'a [String],
    totals: &'a [String],
    steps: &'a [String],
    notes: &'a [String],
    follow: &'a str,
    footer: &'a str,
}

/// What one occasion puts into the layout.
#[derive(Default)]
pub(super) struct Content {
    pub(super) subject: String,
    pub(super) hello: String,
    pub(super) lead: String,
    pub(super) code: String,
    /// In their own words.
    pub(super) quote: String,
    /// Names and values.
    pub(super) facts: Vec<(String, String)>,
    pub(super) items: Vec<ItemText>,
    pub(super) rows: Vec<(String, String)>,
    pub(super) totals: Vec<(String, String)>,
    pub(super) steps: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) follow: &'static str,
    pub(super) link: String,
    pub(super) footer: String,
    pub(super) with_label: bool,
}

pub(super) fn say(locale: Locale, zone: TimeZone, now: Timestamp) -> Say {
    Say::new(Format::new(locale, zone, now))
}

/// What is told of a return on an occasion. `link` shows how it stands.
pub fn about_return(
    occasion: Occasion,
    request: &Return,
    events: &[Recorded],
    config: &Config,
    zone: TimeZone,
    now: Timestamp,
    link: &str,
) -> Result<Letter, askama::Error> {
    let say = say(request.locale, zone, now);
    let texts = occasion.mail(say.m.locale);
    let instead = match request.status() {
        Status::InReview => texts.lead_in_review,
        Status::Declined => texts.lead_declined,
        _ => None,
    };
    let (rma, date) = (request.rma.to_string(), say.f.by(request.promises.decided.unwrap_or(request.promises.sent)));
    let shop = config.shop.name.get(say.m.locale).unwrap_or_default();
    let values = [("rma", rma.as_str()), ("date", date.as_str()), ("shop", shop)];
    let body = if occasion.is_whole() { whole(request, events, config, &say, link) } else { about(request, config, &say, link) };
    let note = texts.note.map(|note| filled(note, &values));
    let content = Content {
        subject: filled(texts.subject, &values),
        lead: filled(instead.unwrap_or(texts.lead), &values),
        notes: body.notes.iter().cloned().chain(note).collect(),
        ..body
    };
    write(content, config, &say)
}

/// The whole return: its items, the money, what comes next, the label.
fn whole(request: &Return, events: &[Recorded], config: &Config, say: &Say, link: &str) -> Content {
    let m = say.m;
    let items = request.lines.iter().map(|line| {
        let asked = &line.asked;
        let declined = asked.verdict == Decision::Declined;
        let units = if asked.quantity > 1 { format!(" × {}", asked.quantity) } else { String::new() };
        ItemText {
            name: format!("{}{units}", asked.name),
            note: match declined {
                true => m.mail_not_possible(),
                false if request.units_held(line) == 0 && !request.status().is_end() => m.status_cancelled(),
                false => say.resolution(asked.resolution),
            }
            .to_owned(),
            why: if declined { asked.why.iter().map(|sentence| say.sentence(sentence)).collect() } else { Vec::new() },
        }
    });
    let differs = request.orders.iter().any(|part| !part.settlement.receipt.is_empty());
    let pays = differs && request.live_lines().next().is_some();
    let (rows, totals) = if pays { receipt(request, say) } else { (Vec::new(), Vec::new()) };
    let steps = timeline(request, events).into_iter().filter(|entry| entry.state != EntryState::Done).map(|entry| {
        let step = say.moment(&entry.moment);
        entry.promised_by.map_or_else(|| step.clone(), |by| m.mail_step(m.track_promised(say.f.by(by)), &step))
    });
    // One that is being made again takes the place of the one there is.
    let follows = request.wanted.as_ref().is_some_and(|wanted| wanted.refused.is_none());
    let with_label = request.has_label() && !follows;
    let label = if follows { Some(m.mail_label_follows()) } else { with_label.then(|| m.mail_label_attached()) };
    Content {
        items: items.collect(),
        rows,
        totals,
        steps: steps.collect(),
        // Whoever reads only the mail must not post it either.
        notes: label.or(request.danger().map(|danger| say.danger(danger))).map(str::to_owned).into_iter().collect(),
        with_label,
        ..about(request, config, say, link)
    }
}

/// "Here is your code."
pub fn login_code(code: &str, life: SignedDuration, locale: Locale, config: &Config) -> Result<Letter, askama::Error> {
    let say = say(locale, TimeZone::UTC, Timestamp::UNIX_EPOCH);
    let m = say.m;
    let shop = config.shop.name.get(locale).unwrap_or_default();
    let texts = Occasion::LoginCode.mail(locale);
    let minutes = life.as_mins().to_string();
    let values = [("shop", shop), ("minutes", minutes.as_str())];
    let content = Content {
        subject: filled(texts.subject, &values),
        hello: m.mail_hello_plain().to_owned(),
        lead: filled(texts.lead, &values),
        code: code.to_owned(),
        notes: texts.note.map(|note| filled(note, &values)).into_iter().collect(),
        follow: m.mail_code_follow(),
        link: config.page_in(locale, "/account"),
        footer: m.mail_code_footer(shop),
        ..Content::default()
    };
    write(content, config, &say)
}

/// What every mail about a return has.
fn about(request: &Return, config: &Config, say: &Say, link: &str) -> Content {
    let m = say.m;
    Content {
        hello: request.contact.name.as_ref().map_or_else(|| m.mail_hello_plain().to_owned(), |name| m.mail_hello(name)),
        follow: m.mail_follow(),
        link: link.to_owned(),
        footer: m.mail_footer(config.shop.name.get(m.locale).unwrap_or_default()),
        ..Content::default()
    }
}

type Rows = Vec<(String, String)>;

fn receipt(request: &Return, say: &Say) -> (Rows, Rows) {
    let name = |line: &domain::ids::LineId| {
        let known = request.lines.iter().find(|known| known.asked.line == *line);
        known.map_or_else(|| line.to_string(), |known| known.asked.name.clone())
    };
    let (mut rows, mut totals) = (Vec::new(), Vec::new());
    for part in request.orders.iter().filter(|part| request.is_live(part)) {
        let settled = &part.settlement;
        let money = |minor: i64| Money::new(minor, settled.currency);
        rows.extend(settled.receipt.iter().map(|line| (say.receipt(line, name), say.f.amount(money(line.amount)))));
        let credit = request.live_lines().any(|line| line.asked.resolution == Resolution::StoreCredit);
        if settled.due > 0 {
            totals.push((say.m.receipt_total_due().to_owned(), say.f.money(money(settled.due))));
        } else if settled.refund() > 0 || !credit {
            totals.push((say.m.receipt_total().to_owned(), say.f.money(money(settled.refund()))));
        }
        if settled.store_credit > 0 {
            totals.push((say.m.receipt_total_credit().to_owned(), say.f.money(money(settled.store_credit + settled.bonus))));
        }
    }
    (rows, totals)
}

pub(super) fn write(content: Content, config: &Config, say: &Say) -> Result<Letter, askama::Error> {
    let locale = say.m.locale;
    let shop = config.shop.name.get(locale).unwrap_or_default();
    let Content { subject, hello, lead, code, quote, facts, items, rows, totals, steps, notes, follow, link, footer, with_label } = content;
    let (facts, items, rows, totals, steps, notes) = (&facts[..], &items[..], &rows[..], &totals[..], &steps[..], &notes[..]);
    let (hello, lead, code, quote, link, footer) = (&hello[..], &lead[..], &code[..], &quote[..], &link[..], &footer[..]);
    let brand = &config.shop.colour.hex()[..];
    let html = Html {
        lang: locale.tag(),
        subject: &subject,
        shop,
        brand,
        hello,
        lead,
        code,
        quote,
        facts,
        items,
        rows,
        totals,
        steps,
        notes,
        follow,
        link,
        footer,
    }
    .render()?;
    let lines = |rows: &[(String, String)]| rows.iter().map(|(what, sum)| say.m.format_pair(what, sum)).collect::<Vec<_>>();
    let (rows, totals, facts) = (&lines(rows)[..], &lines(totals)[..], &lines(facts)[..]);
    let follow = if link.is_empty() { String::new() } else { say.m.format_pair(follow, link) };
    let text = Plain { hello, lead, code, quote, facts, items, rows, totals, steps, notes, follow: &follow, footer }.render()?;
    Ok(Letter { subject, text, html, with_label })
}
