//! What a mail says: one layout, filled for each occasion.
//! Long because the layout stands beside what fills it.

use app::format::Format;
use app::messages::{Occasion, Texts};
use app::say::{Say, WayCost, name_of};
use askama::Template;
use domain::ids::LineId;
use domain::money::Money;
use domain::policy::{Decision, Method, Resolution};
use domain::returns::{EntryState, Event, MOST_STARS, Recorded, Return, Status, timeline};
use domain::words::Locale;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use qrcodegen::{QrCode, QrCodeEcc};

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
    /// What the HTML shows at [`CODE`]: a PNG.
    pub code_picture: Option<Vec<u8>>,
}

/// The Content-ID of the picture that is shown to who takes the parcel.
pub const CODE: &str = "code";

/// A returned item in a mail.
pub(super) struct ItemText {
    /// Where the shop has a picture of it, by https: the reader's mail program fetches it or not, and nobody else does.
    image: Option<String>,
    name: String,
    note: String,
    why: Vec<String>,
}

impl ItemText {
    /// Without a picture.
    pub(super) fn of(name: String, note: String, why: Vec<String>) -> Self {
        Self { image: None, name, note, why }
    }
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
    number_label: &'a str,
    number: &'a str,
    code: &'a str,
    code_alt: &'a str,
    code_show: &'a str,
    quote: &'a str,
    facts: &'a [(String, String)],
    items: &'a [ItemText],
    rows: &'a [(String, String)],
    totals: &'a [(String, String)],
    steps: &'a [String],
    notes: &'a [String],
    follow: &'a str,
    link: &'a str,
    links: &'a [(String, String)],
    footer: &'a str,
}

#[derive(Template)]
#[template(path = "mail/letter.txt", escape = "none")]
struct Plain<'a> {
    hello: &'a str,
    lead: &'a str,
    number: &'a str,
    code: &'a str,
    quote: &'a str,
    facts: &'a [String],
    items: &'a [ItemText],
    rows: &'a [String],
    totals: &'a [String],
    steps: &'a [String],
    notes: &'a [String],
    follow: &'a str,
    links: &'a [String],
    footer: &'a str,
}

/// What one occasion puts into the layout.
#[derive(Default)]
pub(super) struct Content {
    pub(super) subject: String,
    pub(super) hello: String,
    pub(super) lead: String,
    /// The return's number, large: to read out, to write on a slip.
    pub(super) number: String,
    pub(super) code: String,
    /// What a clerk scans, as a QR code.
    pub(super) shown: Option<String>,
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
    /// Further ones: what they lead to, and where.
    pub(super) links: Vec<(String, String)>,
    pub(super) footer: String,
    pub(super) with_label: bool,
}

pub(super) fn say(locale: Locale, zone: TimeZone, now: Timestamp) -> Say {
    Say::new(Format::new(locale, zone, now))
}

/// What is so when a letter goes out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Now {
    /// The label that the return had then still works.
    pub label: bool,
    /// It says that money is to go by bank transfer, of which nobody has said to which account.
    pub asks_account: bool,
}

/// What is told of a return on an occasion, as the return and its `events` were then. `link` shows how it stands.
pub fn about_return(
    (occasion, texts): (Occasion, &Texts),
    request: &Return,
    events: &[Recorded],
    config: &Config,
    zone: TimeZone,
    link: &str,
    stands: Now,
) -> Result<Letter, askama::Error> {
    let now = events.last().map_or(request.opened_at, |last| last.at);
    let say = say(request.locale, zone, now);
    let words = say.told_of_return(occasion, texts, request, events, config.shop.name.get(say.m.locale).unwrap_or_default());
    let body =
        if occasion.is_whole() { whole(request, events, config, &say, link, stands.label) } else { about(request, config, &say, link) };
    let body = match events.last().map(|last| &last.event) {
        Some(Event::Granted { grant }) if occasion == Occasion::MoneyGranted => Content { rows: say.rows_of_grant(request, grant), ..body },
        _ => body,
    };
    let account = stands.asks_account.then(|| say.m.bank_lead().to_owned());
    let body = match occasion {
        // Each answer is a click.
        Occasion::FeedbackAsked => {
            Content { links: (1..=MOST_STARS).rev().map(|stars| (say.stars(stars), below(link, stars))).collect(), ..body }
        }
        _ => body,
    };
    let content = Content {
        subject: words.subject,
        lead: words.lead,
        notes: body.notes.iter().cloned().chain(words.notes).chain(account).collect(),
        quote: words.quote.unwrap_or_default(),
        ..body
    };
    write(content, config, &say)
}

/// Where a link to a return leads that says how it went.
fn below(link: &str, stars: u8) -> String {
    match link.split_once('?') {
        Some((path, query)) => format!("{path}/{stars}?{query}"),
        None => format!("{link}/{stars}"),
    }
}

/// The whole return: its items, the money, what comes next, the label.
fn whole(request: &Return, events: &[Recorded], config: &Config, say: &Say, link: &str, label: bool) -> Content {
    let m = say.m;
    let items = request.lines.iter().map(|line| {
        let asked = &line.asked;
        let declined = line.is_declined();
        let units = if asked.quantity > 1 { format!(" ×\u{a0}{}", asked.quantity) } else { String::new() };
        ItemText {
            image: asked.image.clone().filter(|image| image.starts_with("https://")),
            name: format!("{}{units}", asked.name),
            note: match declined {
                true => m.mail_not_possible().to_owned(),
                false if request.units_held(line) == 0 && !request.status().is_end() => m.status_cancelled().to_owned(),
                false => say.wish_of(asked),
            },
            why: if declined && asked.verdict == Decision::Declined {
                asked.why.iter().map(|sentence| say.sentence(sentence)).collect()
            } else {
                Vec::new()
            },
        }
    });
    let differs = request.orders.iter().any(|part| !part.settlement.receipt.is_empty());
    let pays = differs && request.live_lines().next().is_some();
    let (rows, totals) = if pays { receipt(request, say) } else { (Vec::new(), Vec::new()) };
    let steps = timeline(request, events, events.last().map_or(request.opened_at, |last| last.at))
        .into_iter()
        .filter(|entry| entry.state != EntryState::Done)
        .map(|entry| {
            let overdue = entry.late.map(|_| m.track_overdue().to_owned());
            let by: Vec<String> = say.promised(&entry).into_iter().chain(overdue).collect();
            let step = say.moment(&entry.moment);
            if by.is_empty() { step } else { m.mail_step(by.join(" · "), step) }
        });
    let cost = WayCost::of_return(request).map(|cost| (m.send_cost().to_owned(), say.way_cost_line(cost)));
    // One that is being made again takes the place of the one there is.
    let follows = request.wanted.as_ref().is_some_and(|wanted| wanted.refused.is_none());
    let with_label = request.has_label() && !follows && label;
    let parcel = request.parcel().filter(|_| with_label);
    let label = if follows { Some(m.mail_label_follows()) } else { with_label.then(|| m.mail_label_attached()) };
    Content {
        items: items.collect(),
        rows,
        totals,
        steps: steps.collect(),
        // Whoever reads only the mail must not post it either.
        notes: label.or(request.danger().map(|danger| say.danger(danger))).map(str::to_owned).into_iter().collect(),
        with_label,
        facts: pickup(request, say).into_iter().chain(cost).collect(),
        shown: parcel.filter(|_| request.method == Method::DropOff).map(|parcel| parcel.tracking_number.clone()),
        links: parcel
            .and_then(|parcel| config.tracking_link(parcel))
            .map(|link| (m.parcel_follow().to_owned(), link))
            .into_iter()
            .collect(),
        ..about(request, config, say, link)
    }
}

/// When the door is called at, and which.
fn pickup(request: &Return, say: &Say) -> Rows {
    let stands = request.method == Method::Pickup && matches!(request.status(), Status::Approved | Status::InReview);
    let Some(pickup) = request.pickup.as_ref().filter(|_| stands) else { return Vec::new() };
    let m = say.m;
    let time = m.mail_pickup_time(say.f.date(pickup.date), say.slot(&pickup.slot));
    let at = request.from.as_ref().map(|from| (m.mail_pickup_at().to_owned(), say.f.address(from).join(", ")));
    std::iter::once((m.mail_pickup_when().to_owned(), time)).chain(at).collect()
}

/// "Here is your code."
pub fn login_code(code: &str, life: SignedDuration, locale: Locale, texts: &Texts, config: &Config) -> Result<Letter, askama::Error> {
    let say = say(locale, TimeZone::UTC, Timestamp::UNIX_EPOCH);
    let m = say.m;
    let shop = config.shop.name.get(locale).unwrap_or_default();
    let minutes = life.as_mins().to_string();
    let words = say.told_with(texts, &[("shop", shop), ("minutes", minutes.as_str())], None);
    let content = Content {
        subject: words.subject,
        hello: m.mail_hello_plain().to_owned(),
        lead: words.lead,
        code: code.to_owned(),
        notes: words.notes,
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
        number: request.rma.to_string(),
        footer: m.mail_footer(config.shop.name.get(m.locale).unwrap_or_default()),
        ..Content::default()
    }
}

type Rows = Vec<(String, String)>;

fn receipt(request: &Return, say: &Say) -> (Rows, Rows) {
    let name = |line: &LineId| name_of(request, line);
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
        // Which card it is, where there is but one; else how much goes where.
        match &settled.tenders[..] {
            [one] if one.card_ending.is_some() => totals.push((say.m.receipt_all_to_tender(say.means_of_tender(one)), String::new())),
            [_] => {}
            several => totals.extend(
                several.iter().map(|share| (say.m.receipt_to_tender(say.means_of_tender(share)), say.f.amount(money(share.amount)))),
            ),
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
    let Content {
        subject,
        hello,
        lead,
        number,
        code,
        shown,
        quote,
        facts,
        items,
        rows,
        totals,
        steps,
        notes,
        follow,
        link,
        links,
        footer,
        with_label,
    } = content;
    let code_picture = shown.as_deref().and_then(qr_png);
    let code_alt = shown.as_deref().filter(|_| code_picture.is_some()).map(|shown| say.m.label_qr_alt(shown)).unwrap_or_default();
    let (facts, items, rows, totals, steps, notes) = (&facts[..], &items[..], &rows[..], &totals[..], &steps[..], &notes[..]);
    let (hello, lead, code, quote, link, footer) = (&hello[..], &lead[..], &code[..], &quote[..], &link[..], &footer[..]);
    let (number, links) = (&number[..], &links[..]);
    let brand = &config.shop.colour.hex()[..];
    let html = Html {
        lang: locale.tag(),
        subject: &subject,
        shop,
        brand,
        hello,
        lead,
        number_label: say.m.label_return_number(),
        number,
        code,
        code_alt: &code_alt,
        code_show: say.m.mail_code_show(),
        quote,
        facts,
        items,
        rows,
        totals,
        steps,
        notes,
        follow,
        link,
        links,
        footer,
    }
    .render()?;
    let line = |(what, sum): &(String, String)| if sum.is_empty() { what.clone() } else { say.m.format_pair(what, sum) };
    let lines = |rows: &[(String, String)]| rows.iter().map(line).collect::<Vec<_>>();
    let (rows, totals, facts, links) = (&lines(rows)[..], &lines(totals)[..], &lines(facts)[..], &lines(links)[..]);
    let number = if number.is_empty() { String::new() } else { say.m.format_pair(say.m.label_return_number(), number) };
    let follow = if link.is_empty() { String::new() } else { say.m.format_pair(follow, link) };
    // Each line stands as far in as the first.
    let quote = &quote.replace('\n', "\n    ")[..];
    let text =
        Plain { hello, lead, number: &number, code, quote, facts, items, rows, totals, steps, notes, follow: &follow, links, footer }
            .render()?;
    Ok(Letter { subject, text, html, with_label, code_picture })
}

/// A QR code as a picture, with the four modules of quiet around it that ISO/IEC 18004 asks for: mail programs show no drawings.
fn qr_png(text: &str) -> Option<Vec<u8>> {
    const MODULE: i32 = 8;
    const QUIET: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = (code.size() + 2 * QUIET) * MODULE;
    let light = |x: i32, y: i32| !code.get_module(x.div_euclid(MODULE) - QUIET, y.div_euclid(MODULE) - QUIET);
    let grey: Vec<u8> = (0..side).flat_map(|y| (0..side).map(move |x| (x, y))).map(|(x, y)| if light(x, y) { 255 } else { 0 }).collect();
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, side as u32, side as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().ok()?.write_image_data(&grey).ok()?;
    Some(png)
}
