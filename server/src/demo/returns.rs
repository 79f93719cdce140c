//! Returns of the demo shop: at least one for each thing that people at work have to do, made by real commands at past times.
//! Long because each of them has its row, with what was said and done.

use domain::ids::{LineId, OrderNumber};
use domain::item::ItemSaid;
use domain::order::Order;
use domain::policy::{Method, ReviewGround};
use domain::returns::{
    Actor, Command, CommandKind, Disposition, Finding, GrantCause, GrantNo, HoldGround, Inspection, LotNo, OfferAnswer, OutboundKind,
    Outcome, PaidTo, PaymentNo, RemedyNo, RemedyState, ReportedBy, Return, Role, Scan, ScanStatus,
};
use domain::staff::{Member, Roles, StaffLimits};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::error::SeedError;
use super::orders::people::{Person, person};
use super::orders::{Demo, Item, demo, item};
use crate::services::{Access, ChangeError, LineRequest, OpenOutbound, ReturnRequest, Services, Shown};
use crate::store::{self, OrderToPut};

/// Something that was done to a return.
enum Step {
    Approve,
    Ask(&'static str),
    Decline(&'static str),
    /// The carrier saw it.
    Seen(ScanStatus),
    Came(Outcome),
    Found(Inspection, &'static str),
    Put(Disposition),
    /// Half of what was expected is offered.
    OfferHalf,
    Appeal(&'static str),
    /// The customer writes.
    Writes(&'static str),
    /// We answer.
    Answers(&'static str),
    /// The customer says how it went.
    Rates(u8, &'static str),
    Flag,
    OweItem,
    /// It left.
    SendItem(&'static str),
    Promise,
    /// What was promised is stopped.
    Hold(&'static str),
    /// It is sent by bank transfer.
    Transfer(&'static str),
    /// It has left.
    Left,
    Cancel(&'static str),
}

/// A return, as it came about.
struct Story {
    order: Demo,
    reason: (&'static str, &'static str),
    resolution: domain::policy::Resolution,
    exchange: Option<&'static str>,
    condition: Option<&'static str>,
    comment: &'static str,
    method: Method,
    /// It is about goods on their way out.
    outbound: Option<OutboundKind>,
    /// How many hours ago it was asked for.
    opened: i64,
    /// What was done, and how many hours after that.
    steps: Vec<(i64, Step)>,
}

fn story(order: Demo, opened: i64, reason: (&'static str, &'static str)) -> Story {
    Story {
        order,
        reason,
        resolution: domain::policy::Resolution::Refund,
        exchange: None,
        condition: Some("opened"),
        comment: "",
        method: Method::SelfShip,
        outbound: None,
        opened,
        steps: Vec::new(),
    }
}

impl Story {
    fn says(mut self, comment: &'static str) -> Self {
        self.comment = comment;
        self
    }

    fn steps(mut self, steps: impl IntoIterator<Item = (i64, Step)>) -> Self {
        self.steps = steps.into_iter().collect();
        self
    }

    /// It has not reached the customer.
    fn on_its_way(mut self, kind: OutboundKind) -> Self {
        self.outbound = Some(kind);
        self
    }

    fn unopened(mut self) -> Self {
        self.condition = Some("unopened");
        self
    }

    fn by(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    fn wants(mut self, resolution: domain::policy::Resolution, sku: Option<&'static str>) -> Self {
        (self.resolution, self.exchange) = (resolution, sku);
        self
    }
}

const DAY: i64 = 24;
const DISLIKE: (&str, &str) = ("dislike", "");
const FAULT: (&str, &str) = ("quality", "functional_fault");
const FLAW: (&str, &str) = ("quality", "cosmetic_flaw");
const SMALL: (&str, &str) = ("size", "too_small");

fn sun() -> Person {
    person("c-2001", "孙倩", "sunqian@example.com", "+8613800000021", "zh-CN").member("gold")
}

fn zhou() -> Person {
    person("c-2002", "周杰", "zhoujie@example.com", "+8613800000022", "zh-CN").member("diamond")
}

fn xu() -> Person {
    person("c-2003", "徐静", "xujing@example.com", "+8613800000023", "zh-CN")
}

fn he() -> Person {
    person("c-2004", "何磊", "helei@example.com", "+8613800000024", "zh-CN").member("silver")
}

/// Buys for a whole school.
fn school() -> Person {
    person("c-2005", "新芽小学", "xinya@example.com", "+8613800000025", "zh-CN")
}

fn grace() -> Person {
    person("c-2006", "Grace Lee", "grace@example.com", "+8613800000026", "en").member("gold")
}

fn daniel() -> Person {
    person("c-2007", "Daniel Kim", "daniel@example.com", "+8613800000027", "en").member("diamond")
}

fn maya() -> Person {
    person("c-2008", "Maya Rao", "maya@example.com", "+8613800000028", "en")
}

fn marco() -> Person {
    person("c-2009", "Marco Rossi", "marco@example.com", "+8613800000029", "en")
}

fn lena() -> Person {
    let home = json!({"country": "DE", "city": "Hamburg", "postal_code": "20457", "line1": "Am Sandtorkai 30"});
    person("c-2010", "Lena Fischer", "lena@example.com", "+4915100000030", "en").living(home).paying("EUR", "card")
}

fn claire() -> Person {
    let home = json!({"country": "FR", "city": "Paris", "postal_code": "75011", "line1": "18 rue Oberkampf"});
    person("c-2011", "Claire Dubois", "claire@example.com", "+33600000031", "en").living(home).paying("EUR", "card")
}

fn yuki() -> Person {
    let home = json!({"country": "JP", "region": "東京都", "city": "渋谷区", "postal_code": "150-0001", "line1": "神宮前 1-5-8"});
    person("c-2012", "Yuki Tanaka", "yuki@example.com", "+819000000032", "en").living(home).paying("JPY", "card")
}

/// Bought by `buyer`, and received so many days before now.
fn bought(number: &'static str, buyer: Person, delivered: i64, items: impl IntoIterator<Item = Item>) -> Demo {
    demo(number, buyer, delivered + 3, delivered).of(items)
}

fn camera(name: &str) -> Item {
    item("CAM-X100", name, "", "electronics", "8999.00").drawn("camera").guaranteed(24)
}

fn tee(name: &str) -> Item {
    item("TEE-BLK-M", name, "M", "apparel", "99.00").drawn("tee")
}

fn lamp(name: &str) -> Item {
    item("LAMP-BRASS", name, "", "furniture", "268.00").drawn("lamp")
}

fn book(name: &str) -> Item {
    item("BOOK-TEA", name, "", "books", "68.00").drawn("book")
}

fn speaker(name: &str) -> Item {
    item("SPEAKER-BLK", name, "", "electronics", "599.00").drawn("speaker").guaranteed(24)
}

#[allow(clippy::too_many_lines, reason = "a row for each return")]
fn stories() -> Vec<Story> {
    use Step::{
        Answers, Appeal, Approve, Ask, Came, Cancel, Decline, Flag, Found, Hold, Left, OfferHalf, OweItem, Promise, Put, Rates, Seen,
        SendItem, Transfer, Writes,
    };
    use domain::policy::Resolution::{Exchange, Refund, Repair, Replacement};
    let sent = |hours: i64| (hours, Seen(ScanStatus::InTransit));
    let there = |hours: i64| (hours, Seen(ScanStatus::Delivered));
    let came = |hours: i64| (hours, Came(Outcome::Received));
    let good = |hours: i64| (hours, Found(Inspection::Accepted, "As described, complete."));
    // As said, and back on the shelf; what was done after that.
    let restocked = |then: Vec<(i64, Step)>| {
        let shelf = (5 * DAY + 1, Put(Disposition::Restock));
        [sent(DAY), there(3 * DAY), came(4 * DAY), good(5 * DAY), shelf].into_iter().chain(then)
    };
    // Paid after so many days, and rated a week later.
    let rated = |days: i64, reference: &'static str, stars: u8, words: &'static str| {
        let paid = [(days * DAY, Promise), (days * DAY + 1, Transfer(reference)), (days * DAY + 2, Left)];
        restocked(paid.into_iter().chain([((days + 7) * DAY, Rates(stars, words))]).collect())
    };
    vec![
        // Somebody decides.
        story(bought("20401", sun(), 5, [camera("微单相机机身")]), 30, FAULT).says("开机后屏幕一直闪，换电池也一样。"),
        story(bought("20402", daniel(), 4, [camera("Mirrorless camera")]), 20, DISLIKE).says("Too heavy for travelling after all."),
        story(bought("20403", zhou(), 3, [item("SOFA-3", "三人沙发", "米色", "furniture", "4980.00").drawn("sofa")]), 8, FLAW)
            .says("左边扶手有一道划痕。"),
        story(
            bought("20404", lena(), 6, [item("COFFEE-E", "Espresso machine", "steel", "electronics", "749.00").guaranteed(24)]),
            5,
            FAULT,
        )
        .says("It leaks at the bottom whenever it heats up."),
        story(bought("20405", claire(), 5, [item("COAT-W", "Wool coat", "camel / 38", "apparel", "420.00").drawn("coat")]), 3, SMALL)
            .says("Tight in the shoulders."),
        story(bought("20406", xu(), 6, [camera("微单相机机身"), book("茶书")]), 26, DISLIKE)
            .steps([(4, Ask("请补充一张机身序列号的照片，谢谢。"))]),
        story(bought("20407", grace(), 5, [camera("Mirrorless camera")]), 52, DISLIKE)
            .steps([(6, Decline("The shutter count is above 10,000, so it is no longer as new."))]),
        story(bought("20408", yuki(), 4, [item("RICE-C", "Rice cooker", "white", "electronics", "48000").guaranteed(24)]), 12, FLAW)
            .says("The lid does not close."),
        // On their way, or not.
        story(bought("20409", he(), 6, [tee("有机棉T恤")]), 2 * DAY, SMALL).unopened(),
        story(bought("20410", maya(), 24, [book("A book of tea")]), 20 * DAY, DISLIKE).unopened(),
        story(bought("20411", marco(), 47, [tee("Organic tee")]), 42 * DAY, DISLIKE).unopened(),
        story(bought("20412", xu(), 30, [lamp("黄铜台灯")]), 26 * DAY, DISLIKE).unopened().steps([sent(DAY)]),
        story(bought("20413", grace(), 6, [speaker("Bluetooth speaker")]), 3 * DAY, FAULT)
            .steps([sent(DAY), (2 * DAY, Writes("I forgot the charging cable. Shall I send it after, or keep it?"))])
            .says("No sound from the left side."),
        story(
            bought(
                "20414",
                zhou(),
                8,
                [item("BANK-20", "充电宝", "白色", "electronics", "199.00").with(json!({"kinds": ["hazmat:lithium"]}))],
            ),
            DAY,
            FAULT,
        )
        .by(Method::Arranged)
        .steps([(2, Approve)])
        .says("充不进电，外壳有点鼓。"),
        // At the door.
        story(bought("20415", he(), 12, [tee("有机棉T恤").units(3)]), 8 * DAY, SMALL).unopened().steps([sent(DAY), there(3 * DAY)]),
        story(bought("20416", maya(), 10, [lamp("Brass lamp")]), 7 * DAY, DISLIKE).unopened().steps([sent(DAY), there(5 * DAY)]),
        story(bought("20417", marco(), 9, [book("A book of tea").units(2)]), 6 * DAY, DISLIKE)
            .unopened()
            .steps([sent(DAY), there(4 * DAY)]),
        // To be looked at.
        story(bought("20418", grace(), 14, [tee("Organic tee")]), 9 * DAY, SMALL).unopened().steps([
            sent(DAY),
            there(3 * DAY),
            came(4 * DAY),
        ]),
        story(bought("20419", sun(), 15, [speaker("蓝牙音箱")]), 10 * DAY, FAULT)
            .steps([sent(DAY), there(3 * DAY), came(4 * DAY)])
            .says("左声道没有声音。"),
        story(bought("20420", school(), 13, [book("茶书").units(4)]), 9 * DAY, DISLIKE).unopened().steps([
            sent(DAY),
            there(4 * DAY),
            came(5 * DAY),
        ]),
        // Something is not as it should be.
        story(bought("20421", marco(), 14, [lamp("Brass lamp")]), 10 * DAY, DISLIKE).unopened().steps([
            sent(DAY),
            there(3 * DAY),
            (4 * DAY, Came(Outcome::Empty)),
        ]),
        story(bought("20422", xu(), 14, [tee("有机棉T恤")]), 10 * DAY, SMALL).unopened().steps([
            sent(DAY),
            there(3 * DAY),
            (4 * DAY, Came(Outcome::WrongItem)),
        ]),
        story(bought("20423", maya(), 16, [lamp("Brass lamp")]), 12 * DAY, DISLIKE).unopened().steps([
            sent(DAY),
            there(3 * DAY),
            came(4 * DAY),
            (5 * DAY, Found(Inspection::Downgraded, "The shade has a dent.")),
            (5 * DAY + 1, OfferHalf),
            (6 * DAY, Appeal("It was like that when I unpacked it.")),
        ]),
        // Put away, sent back, settled, paid.
        story(bought("20424", grace(), 15, [tee("Organic tee")]), 11 * DAY, SMALL).unopened().steps([
            sent(DAY),
            there(3 * DAY),
            came(4 * DAY),
            good(5 * DAY),
        ]),
        story(bought("20425", he(), 16, [book("茶书")]), 12 * DAY, DISLIKE).unopened().steps([
            sent(DAY),
            there(3 * DAY),
            came(4 * DAY),
            (5 * DAY, Found(Inspection::Rejected, "书页有笔记，已不能再售。")),
            (5 * DAY + 2, Put(Disposition::SendBack)),
        ]),
        story(bought("20426", marco(), 17, [speaker("Bluetooth speaker")]), 13 * DAY, FAULT).says("Crackles.").steps([
            sent(DAY),
            there(3 * DAY),
            came(4 * DAY),
            good(5 * DAY),
            (5 * DAY + 1, Put(Disposition::Quarantine)),
        ]),
        story(bought("20427", sun(), 16, [lamp("黄铜台灯")]), 12 * DAY, DISLIKE).unopened().steps(restocked(vec![(5 * DAY + 3, Promise)])),
        story(bought("20428", maya(), 15, [tee("Organic tee")]), 11 * DAY, SMALL)
            .unopened()
            .wants(Exchange, Some("TEE-BLK-S"))
            .steps(restocked(vec![(5 * DAY + 2, OweItem)])),
        story(bought("20429", daniel(), 18, [speaker("Bluetooth speaker")]), 14 * DAY, FAULT).wants(Replacement, None).steps([
            sent(DAY),
            there(3 * DAY),
            came(4 * DAY),
            good(5 * DAY),
            (5 * DAY + 1, OweItem),
        ]),
        story(
            bought("20433", lena(), 80, [item("GRIND", "Coffee grinder", "steel", "electronics", "129.00").guaranteed(24)]),
            12 * DAY,
            FAULT,
        )
        .wants(Repair, None)
        .says("It stops after a few seconds.")
        .steps([(1, Approve), sent(DAY), there(3 * DAY), came(4 * DAY), good(5 * DAY), (5 * DAY + 1, OweItem)]),
        story(bought("20430", zhou(), 14, [lamp("黄铜台灯")]), 10 * DAY, DISLIKE)
            .unopened()
            .wants(Refund, None)
            .steps([sent(DAY), (2 * DAY, Flag)]),
        story(bought("20431", marco(), 6, [tee("Organic tee")]), 4 * DAY, SMALL)
            .unopened()
            .steps([(DAY, Cancel("Found somebody it fits."))]),
        story(bought("20432", xu(), 9, [camera("微单相机机身")]), 5 * DAY, FAULT).says("对焦不准。").steps([(3, Approve)]),
        // It has not reached the customer.
        story(bought("20441", maya(), 0, [lamp("Brass lamp")]).under_way().with(json!({"deliveries": []})), 2, DISLIKE)
            .on_its_way(OutboundKind::Cancel)
            .says("I ordered it twice by mistake."),
        story(bought("20442", marco(), 1, [tee("T-shirt")]), 6, DISLIKE)
            .on_its_way(OutboundKind::NotReceived)
            .says("It says delivered, and there is nothing at the door."),
        // What came before is kept by shops that are there already: new ones come last.
        story(bought("20443", grace(), 22, [tee("Organic tee")]), 18 * DAY, SMALL).unopened().steps(restocked(vec![
            (5 * DAY + 3, Promise),
            (5 * DAY + 4, Transfer("2026-11/0147")),
            (5 * DAY + 5, Left),
        ])),
        story(bought("20444", daniel(), 18, [lamp("Brass lamp")]), 14 * DAY, DISLIKE)
            .unopened()
            .steps(restocked(vec![(5 * DAY + 3, Promise), (5 * DAY + 4, Hold("The customer wrote that the card is closed."))])),
        story(bought("20445", maya(), 24, [tee("Organic tee")]), 20 * DAY, SMALL)
            .unopened()
            .wants(Exchange, Some("TEE-BLK-XXL"))
            .steps(restocked(vec![(5 * DAY + 2, OweItem)])),
        story(bought("20446", lena(), 40, [speaker("Bluetooth speaker")]), 36 * DAY, FAULT)
            .wants(Replacement, None)
            .says("No sound on the left.")
            .steps([(1, Approve), (4, OweItem), (DAY, SendItem("HB20446-OUT"))]),
        // It is over, and its customer says how it went.
        story(bought("20447", sun(), 55, [tee("有机棉T恤")]), 51 * DAY, SMALL).unopened().steps(
            rated(12, "2026-10/0098", 2, "退款等了快两周，也没人告诉我进度。")
                .chain([(19 * DAY + 5, Answers("很抱歉让您久等了。验货和退款之间的等待，我们已经缩短。"))]),
        ),
        story(bought("20448", xu(), 48, [book("茶书")]), 44 * DAY, DISLIKE).unopened().steps(rated(
            11,
            "2026-10/0121",
            3,
            "面单很方便，退款有点慢。",
        )),
        story(bought("20449", claire(), 36, [tee("Organic tee")]), 32 * DAY, SMALL).unopened().steps(rated(
            6,
            "2026-11/0007",
            5,
            "Two days after it arrived I had my money.",
        )),
        story(bought("20450", he(), 30, [lamp("黄铜台灯")]), 26 * DAY, DISLIKE).unopened().steps(rated(6, "2026-11/0031", 4, "很顺利。")),
        story(bought("20451", lena(), 24, [book("A book of tea")]), 20 * DAY, DISLIKE).unopened().steps(rated(6, "2026-11/0052", 5, "")),
    ]
}

/// How far they are.
const DONE: &str = "demo_returns";

/// Makes the returns of the demo shop, as of now, where they are not there yet; broken off, it goes on where it was.
pub(super) async fn seed(services: &Services) -> Result<(), SeedError> {
    let mut read = services.store.read().await?;
    let done = store::counter(&mut read.conn(), DONE).await?;
    drop(read);
    let ahead = services.clock.ahead();
    let now = services.clock.now();
    let mut failures: Vec<String> = Vec::new();
    for (place, story) in (0_i64..).zip(stories()).skip(usize::try_from(done).unwrap_or_default()) {
        match make(services, story, now, ahead).await {
            Ok(()) => {}
            Err(SeedError::Return(number, why)) => failures.push(format!("{number}: {why}")),
            Err(error) => {
                services.clock.set_ahead(SignedDuration::from_millis(ahead));
                return Err(error);
            }
        }
        services.store.write(move |mut conn| Box::pin(async move { store::set_counter(&mut conn, DONE, place + 1).await })).await?;
    }
    services.clock.set_ahead(SignedDuration::from_millis(ahead));
    let due = now.as_millisecond();
    services.store.write(move |mut conn| Box::pin(async move { store::due_not_before(&mut conn, due).await })).await?;
    // What is to be done was read at past times.
    store::keep_projections(&services.store, now).await?;
    if failures.is_empty() { Ok(()) } else { Err(SeedError::Returns(failures.join("; "))) }
}

/// Sets the clock so many hours before now.
fn set_back(services: &Services, ahead: i64, hours: i64) {
    services.clock.set_ahead(SignedDuration::from_millis(ahead) - SignedDuration::from_hours(hours));
}

async fn make(services: &Services, story: Story, now: Timestamp, ahead: i64) -> Result<(), SeedError> {
    let number = story.order.number;
    let failed = |why: &dyn std::fmt::Display| SeedError::Return(number.to_owned(), why.to_string());
    let document = story.order.document(now).map_err(|error| failed(&error))?;
    let order = Order::parse(&document).map_err(|problems| failed(&problems[0]))?;
    let put = OrderToPut::new(&order, &document)?;
    services.store.write(move |mut conn| Box::pin(async move { store::put_orders(&mut conn, &[put], 0).await.map(|_| ()) })).await?;
    let mut read = services.store.read().await?;
    let there = store::returns_of_order(&mut read.conn(), number).await?;
    drop(read);
    if !there.is_empty() {
        return Ok(());
    }
    set_back(services, ahead, story.opened);
    if let Some(kind) = story.outbound {
        let member = somebody(CommandKind::AnswerOutbound);
        let access = Access::staff_to_open_outbound(&member, order.number.clone(), "demo".into());
        let asked = OpenOutbound {
            kind,
            delivery: None,
            lines: Vec::new(),
            reported_by: ReportedBy::Customer,
            resolution: None,
            words: Some(story.comment.to_owned()),
            note: None,
            until: None,
            channel: "phone".parse().map_err(|error| failed(&error))?,
            locale: None,
        };
        let access = access.ok_or_else(|| failed(&"nobody does this"))?;
        services.open_outbound(access, asked, None).await.map_err(|error| failed(&error))?;
        return Ok(());
    }
    let said = json!({ "condition": story.condition, "comment": Some(story.comment).filter(|comment| !comment.is_empty()) });
    let line = LineRequest {
        order: number.parse::<OrderNumber>().map_err(|error| failed(&error))?,
        line: "1".parse::<LineId>().map_err(|error| failed(&error))?,
        quantity: order.lines.first().map_or(1, |line| line.quantity),
        reason: Some(story.reason.0.to_owned()),
        sub_reason: Some(story.reason.1.to_owned()).filter(|code| !code.is_empty()),
        said: serde_json::from_value::<ItemSaid>(said).map_err(|error| failed(&error))?,
        resolution: Some(story.resolution),
        basis: None,
        exchange_sku: story.exchange.and_then(|sku| sku.parse().ok()),
        evidence: Shown::Nothing,
        agreed: None,
    };
    let request = ReturnRequest {
        lines: vec![line],
        email: None,
        phone: None,
        channel: crate::services::web(),
        locale: None,
        method: Some(story.method),
        pickup: None,
        withdrawal: false,
        from: None,
        proof: None,
        within: None,
        beside: 0,
        declared_at: None,
    };
    let opened = services.open_return(request, Actor::Customer, None).await.map_err(|error| failed(&error))?;
    let rma = opened.request.rma;
    for (hours, step) in story.steps {
        set_back(services, ahead, story.opened - hours);
        let at = services.clock.now();
        let kind = step.kind();
        let access = match step {
            Step::Appeal(_) | Step::Writes(_) | Step::Rates(..) => Access::of_shopper(services, rma, &[rma], None).await?,
            _ => Access::of_staff(&somebody(kind), rma, kind, "demo".into()),
        };
        let access = access.ok_or_else(|| failed(&"nobody does this"))?;
        let carried = services.carry_out(access, None, move |request| Ok::<Command, ChangeError>(step.command(request, at))).await;
        carried.map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// One of the shop's people who may do that.
fn somebody(kind: CommandKind) -> Member {
    let (name, mailbox, role) =
        super::people::PEOPLE.into_iter().find(|(_, _, role)| kind.is_for(*role)).unwrap_or(("Sofia Lind", "admin", Role::Admin));
    Member {
        id: super::people::id_of(mailbox),
        name: name.to_owned(),
        email: super::people::address_of(mailbox).parse().unwrap_or_else(|_| unreachable!("the demo shop's addresses are addresses")),
        roles: Roles::new([role]),
        limits: StaffLimits::default(),
    }
}

impl Step {
    fn kind(&self) -> CommandKind {
        match self {
            Self::Approve => CommandKind::Approve,
            Self::Ask(_) => CommandKind::AskEvidence,
            Self::Decline(_) => CommandKind::Decline,
            Self::Seen(_) => CommandKind::Scan,
            Self::Came(_) => CommandKind::Receive,
            Self::Found(..) => CommandKind::Inspect,
            Self::Put(_) => CommandKind::Dispose,
            Self::OfferHalf => CommandKind::Offer,
            Self::Appeal(_) => CommandKind::AnswerOffer,
            Self::Writes(_) => CommandKind::Answer,
            Self::Answers(_) => CommandKind::Write,
            Self::Rates(..) => CommandKind::Rate,
            Self::Flag => CommandKind::Flag,
            Self::OweItem => CommandKind::OweRemedy,
            Self::SendItem(_) => CommandKind::MoveRemedy,
            Self::Promise => CommandKind::Grant,
            Self::Hold(_) => CommandKind::Hold,
            Self::Transfer(_) => CommandKind::Pay,
            Self::Left => CommandKind::ConfirmPayment,
            Self::Cancel(_) => CommandKind::Cancel,
        }
    }

    fn command(self, request: &Return, at: Timestamp) -> Command {
        let lots: Vec<LotNo> = request.lots().map(|(_, lot)| lot.id).collect();
        let units = || request.lots().map(|(_, lot)| (lot.id, lot.units));
        let part = request.orders.first();
        let (order, settlement) = match part {
            Some(part) => (part.number.clone(), part.settlement.clone()),
            None => unreachable!("a return is of an order"),
        };
        match self {
            Self::Approve => Command::Approve { lots: None, note: None },
            Self::Ask(note) => Command::AskEvidence { lots: None, note: note.to_owned() },
            Self::Decline(reason) => Command::Decline { lots: None, reason: Some(reason.to_owned()), note: None },
            Self::Seen(status) => Command::Scan {
                tracking_number: request.parcel().map(|parcel| parcel.tracking_number.clone()).unwrap_or_default(),
                scan: Scan { status, at, location: None },
            },
            Self::Came(outcome) => Command::Receive {
                warehouse: Some("HZ1".to_owned()),
                tracking_number: request.parcel().map(|parcel| parcel.tracking_number.clone()),
                items: units().map(|(lot, units)| (lot, units, outcome)).collect(),
                beside: Vec::new(),
            },
            Self::Found(found, findings) => {
                let finding = |(lot, units)| Finding { findings: Some(findings.to_owned()), ..Finding::plain(lot, units, found) };
                Command::Inspect { items: units().map(finding).collect() }
            }
            Self::Put(to) => Command::Dispose { lots, to, ground: None, proposed: None },
            Self::OfferHalf => Command::Offer {
                order,
                lots,
                currency: settlement.currency,
                expected: settlement.expected,
                amount: settlement.expected / 2,
                less: Vec::new(),
                until: at + SignedDuration::from_hours(10 * 24),
            },
            Self::Appeal(words) => match request.offers.first() {
                Some(offer) => Command::AnswerOffer { offer: offer.id, answer: OfferAnswer::Appeal(words.to_owned()) },
                None => unreachable!("an offer was made"),
            },
            Self::Writes(words) => Command::Answer { words: words.to_owned() },
            Self::Answers(words) => Command::Write { words: words.to_owned() },
            Self::Rates(stars, words) => Command::Rate { stars, words: Some(words.to_owned()).filter(|words| !words.is_empty()) },
            Self::Flag => Command::Flag { ground: ReviewGround::OrderToldAnew },
            Self::OweItem => Command::OweRemedy { lots },
            Self::SendItem(number) => {
                Command::MoveRemedy { remedy: RemedyNo(1), to: RemedyState::Shipped, reference: Some(number.to_owned()), at: None }
            }
            Self::Promise => Command::Grant {
                order,
                lots,
                cause: GrantCause::Settled,
                currency: settlement.currency,
                amount: settlement.expected,
                bonus: 0,
                receipt: settlement.receipt,
            },
            Self::Hold(why) => Command::Hold {
                grant: GrantNo(1),
                ground: HoldGround::Stopped,
                note: Some(why.to_owned()),
                by: Actor::Staff { name: somebody(CommandKind::Hold).name },
            },
            Self::Transfer(reference) => Command::Pay {
                grant: GrantNo(1),
                to: PaidTo::Manual,
                amount: request.grants.first().map_or(0, |grant| grant.amount),
                reference: Some(reference.to_owned()),
            },
            Self::Left => Command::ConfirmPayment { payment: PaymentNo(1), reference: None },
            Self::Cancel(reason) => Command::Cancel { lots: None, reason: Some(reason.to_owned()) },
        }
    }
}
