//! Pages against a desk of paper: what they say, in Chinese and English, without server or browser.
//! Long because every page is asked at the same desk.
#![cfg(feature = "ssr")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};

use app::format::Format;
use app::ports::{
    AccountHome, AccountOrder, AccountPage, AccountReturn, Answer, CheckPage, CreditPage, CreditRow, DeskError, ElsewherePage, FindPage,
    GiftsPage, Given, InboxPage, Item, ItemHead, ItemsOrder, ItemsPage, Mistake, Noted, PolicyPage, ReachPage, ReturnPage, RoundPage,
    SendPage, ShopFront, ShopperDesk, ShowItem, ShowPage, ShowSlot, StatementPage, WhyPage, WishPage, WithdrawPage,
};
use app::say::Say;
use async_trait::async_trait;
use domain::credit::CreditKind;
use domain::money::{Currency, Money};
use domain::policy::{ExclusionGround, Sentence, WindowState, reload};
use domain::reason::ReasonTree;
use domain::returns::Status;
use domain::withdrawal::{Items, Statement};
use domain::words::{Locale, Words};
use jiff::tz::TimeZone;
use leptos::prelude::*;

/// Answers what a test wrote on it.
#[derive(Default)]
struct Paper {
    find: Option<FindPage>,
    items: Option<Result<ItemsPage, DeskError>>,
    account: Option<AccountPage>,
    credit: Option<CreditPage>,
    gifts: Option<GiftsPage>,
    show: Option<ShowPage>,
    /// Chinese and English, where nothing else is offered.
    languages: Option<Vec<Locale>>,
    statement: Option<StatementPage>,
    /// What the visitor's last order was paid in.
    currency: Option<Currency>,
    /// When the shop says that somebody is there.
    hours: Words,
}

#[async_trait]
impl ShopperDesk for Paper {
    async fn find_page(&self) -> Result<FindPage, DeskError> {
        self.find.clone().ok_or(DeskError::NotFound)
    }
    async fn items_page(&self, _: &str) -> Result<ItemsPage, DeskError> {
        self.items.clone().unwrap_or(Err(DeskError::NotFound))
    }
    async fn why_page(&self, _: &str) -> Result<WhyPage, DeskError> {
        Err(DeskError::Gone)
    }
    async fn show_page(&self, _: &str) -> Result<ShowPage, DeskError> {
        self.show.clone().ok_or(DeskError::NotFound)
    }
    async fn photos_page(&self, _: &str) -> Result<ShowPage, DeskError> {
        Err(DeskError::Gone)
    }
    async fn wish_page(&self, _: &str) -> Result<WishPage, DeskError> {
        Err(DeskError::Gone)
    }
    async fn send_page(&self, _: &str) -> Result<SendPage, DeskError> {
        Err(DeskError::Gone)
    }
    async fn check_page(&self, _: &str) -> Result<CheckPage, DeskError> {
        Err(DeskError::Gone)
    }
    async fn method_page(&self, _: &str) -> Result<SendPage, DeskError> {
        Err(DeskError::Gone)
    }
    async fn round_page(&self, _: &str) -> Result<RoundPage, DeskError> {
        Err(DeskError::Gone)
    }
    async fn door_page(&self, _: &str) -> Result<SendPage, DeskError> {
        Err(DeskError::Gone)
    }
    async fn return_page(&self, _: &str) -> Result<ReturnPage, DeskError> {
        Err(DeskError::Gone)
    }
    async fn data_page(&self) -> Result<app::ports::DataPage, DeskError> {
        Ok(app::ports::DataPage::Unknown)
    }

    async fn reach_page(&self) -> Result<ReachPage, DeskError> {
        Err(DeskError::Gone)
    }
    async fn inbox_page(&self, _: Option<&str>) -> Result<InboxPage, DeskError> {
        Err(DeskError::Gone)
    }
    async fn gifts_page(&self) -> Result<GiftsPage, DeskError> {
        self.gifts.clone().ok_or(DeskError::NotFound)
    }
    async fn credit_page(&self) -> Result<CreditPage, DeskError> {
        self.credit.clone().ok_or(DeskError::NotFound)
    }
    async fn account_page(&self) -> Result<AccountPage, DeskError> {
        self.account.clone().ok_or(DeskError::NotFound)
    }
    async fn elsewhere_page(&self, draft: &str) -> Result<ElsewherePage, DeskError> {
        let link = format!("https://r.example/continue/{draft}.7d0.x");
        Ok(ElsewherePage { link, minutes: 30, back: format!("/return/{draft}/why") })
    }
    async fn withdraw_page(&self, _: Option<&str>) -> Result<WithdrawPage, DeskError> {
        Err(DeskError::NotFound)
    }
    async fn change_statement_page(&self, _: &str) -> Result<WithdrawPage, DeskError> {
        Err(DeskError::NotFound)
    }
    async fn statement_page(&self, _: &str) -> Result<StatementPage, DeskError> {
        self.statement.clone().ok_or(DeskError::NotFound)
    }
    async fn policy_page(&self) -> Result<PolicyPage, DeskError> {
        let policy = Arc::new(reload(domain::policy::DEFAULT).unwrap());
        Ok(PolicyPage {
            policy,
            version: 3,
            since: "2026-01-01T00:00:00Z".parse().ok(),
            reasons: ReasonTree::default().all().to_vec(),
            currency: self.currency,
        })
    }
}

struct Shown {
    html: String,
    status: u16,
    moved: Option<String>,
}

/// Renders a page as the server does.
async fn show<V: IntoView + 'static>(locale: Locale, paper: Paper, page: impl FnOnce() -> V + 'static) -> Shown {
    let _ = any_spawner::Executor::init_tokio();
    let owner = Owner::new_root(Some(Arc::new(hydration_context::SsrSharedContext::new_islands())));
    let (status, moved) = (Arc::new(Mutex::new(200)), Arc::new(Mutex::new(None)));
    let (kept, gone) = (status.clone(), moved.clone());
    let view = owner.with(|| {
        let name = [(Locale::ZhCn, "椴木生活".to_owned()), (Locale::En, "Linden & Co.".to_owned())].into_iter().collect();
        provide_context(Arc::new(ShopFront {
            name,
            languages: paper.languages.clone().unwrap_or_else(|| vec![Locale::ZhCn, Locale::En]),
            email: Some("help@linden.example".into()),
            phone: Some("+49 30 000000".into()),
            hours: paper.hours.clone(),
            brand: (168.0, 0.07),
            logo: None,
            demo: false,
            public_url: "https://r.example".into(),
            style: String::new(),
            islands: None,
        }));
        provide_context(Say::new(Format::new(locale, TimeZone::get("Asia/Shanghai").unwrap(), "2026-11-21T04:00:00Z".parse().unwrap())));
        provide_context::<Arc<dyn ShopperDesk>>(Arc::new(paper));
        provide_context(Answer {
            status: Arc::new(move |code| *kept.lock().unwrap() = code),
            redirect: Arc::new(move |path: &str| *gone.lock().unwrap() = Some(path.to_owned())),
        });
        leptos_meta::provide_meta_context();
        page().into_any().resolve()
    });
    let html = view.await.to_html();
    let (status, moved) = (*status.lock().unwrap(), moved.lock().unwrap().clone());
    drop(owner);
    Shown { html, status, moved }
}

/// Text without tags.
fn words(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            _ if !inside => text.push(letter),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_menu_has_the_other_languages_that_are_offered() {
    let menu = async |here, offered: &[Locale]| {
        let paper = Paper { find: Some(FindPage::default()), languages: Some(offered.to_vec()), ..Paper::default() };
        let html = show(here, paper, || view! { <app::find_order::FindOrder/> }).await.html;
        let header = html.split("<header").nth(1).unwrap().split("</header>").next().unwrap().to_owned();
        let links: Vec<String> = header.split("?lang=").skip(1).map(|link| link.split('"').next().unwrap().to_owned()).collect();
        (links.join(" "), header.contains("<details"))
    };
    let both = [Locale::ZhCn, Locale::En];
    assert_eq!(menu(Locale::En, &both).await, ("zh-CN".into(), false));
    assert_eq!(menu(Locale::ZhCn, &both).await, ("en".into(), false));
    assert_eq!(menu(Locale::De, &both).await, ("zh-CN en".into(), true), "spoken and not offered");
    assert_eq!(menu(Locale::De, &Locale::ALL).await, ("zh-CN en fr".into(), true));
    assert_eq!(menu(Locale::De, &[Locale::De]).await, (String::new(), false));
}

#[tokio::test]
async fn what_was_typed_stays_and_is_never_taken_for_markup() {
    let page = FindPage {
        number: "\"><script>alert(1)</script>".into(),
        contact: "who@example".into(),
        mistakes: vec![Noted { field: "contact".into(), mistake: Mistake::ContactForm }],
        ..FindPage::default()
    };
    for (locale, said) in [(Locale::En, "Enter a full email address"), (Locale::ZhCn, "请填写完整的邮箱")] {
        let shown = show(locale, Paper { find: Some(page.clone()), ..Paper::default() }, || view! { <app::find_order::FindOrder/> }).await;
        assert!(!shown.html.contains("<script>"), "{}", shown.html);
        assert!(shown.html.contains("value=\"who@example\""));
        assert_eq!(words(&shown.html).matches(said).count(), 2, "in the summary and beside the field");
        assert!(shown.html.contains("href=\"#f-contact\"") && shown.html.contains("id=\"f-contact\""), "the summary leads to the field");
    }
}

fn item(name: &str, free: WindowState, refusals: Vec<Sentence>) -> Item {
    Item {
        head: ItemHead {
            key: format!("1|{name}").parse().unwrap(),
            name: name.into(),
            variant: None,
            category: None,
            image: None,
            units: 1,
        },
        price: Money::new(9_900, "CNY".parse().unwrap()),
        total: Money::new(9_900, "CNY".parse().unwrap()),
        delivered: None,
        early: None,
        early_unopened: None,
        in_state: None,
        over: false,
        available: 1,
        chosen: 0,
        free,
        refusals,
        fault: WindowState::Open("2026-12-18".parse().unwrap()),
        warranty: false,
        fee: None,
        gift_of: None,
        came_for: None,
        gifts: Vec::new(),
        bundle: false,
        set_with: Vec::new(),
        in_returns: Vec::new(),
    }
}

#[tokio::test]
async fn each_item_says_until_when_or_why_not_and_what_is_possible() {
    let mut taken = item("Tee", WindowState::Never, Vec::new());
    taken.available = 0;
    taken.in_returns = vec![(domain::rma::RmaNumber::from_random(1).unwrap(), 1)];
    let order = ItemsOrder {
        number: "10248".parse().unwrap(),
        placed: "2026-11-15".parse().unwrap(),
        delivered: "2026-11-18".parse().ok(),
        cancelled: false,
        sent: Vec::new(),
        items: vec![
            item("Lamp", WindowState::Open("2026-11-25".parse().unwrap()), Vec::new()),
            item(
                "Coat",
                WindowState::Open("2026-11-25".parse().unwrap()),
                vec![Sentence::Excluded { ground: ExclusionGround::SpecialPrice }],
            ),
            taken,
        ],
    };
    let page = ItemsPage {
        draft: "d".into(),
        seen: String::new(),
        orders: vec![order],
        joins: None,
        others: Vec::new(),
        worth: None,
        sought: Default::default(),
        mistakes: Vec::new(),
    };
    let shown = |locale| show(locale, Paper { items: Some(Ok(page.clone())), ..Paper::default() }, || view! { <Routed/> });
    let en = words(&shown(Locale::En).await.html);
    assert!(en.contains("Return by Wednesday 25 November"), "{en}");
    assert!(en.contains("It was sold at a special price, without return or exchange. Faulty? Tell us by 18 December"), "{en}");
    assert!(en.contains("Already in return R-0000-0011"), "{en}");
    let zh = words(&shown(Locale::ZhCn).await.html);
    assert!(
        zh.contains("可退至11月25日（周三）") && zh.contains("这是特价商品，不支持退换。") && zh.contains("已在退货单 R-0000-0011 中"),
        "{zh}"
    );
}

/// The pages of a draft under an address that names one.
#[component]
fn Routed(#[prop(default = "items")] page: &'static str) -> impl IntoView {
    use leptos_router::components::{Route, Router, Routes};
    use leptos_router::location::RequestUrl;
    use leptos_router::path;
    provide_context(RequestUrl::new(&format!("/return/d/{page}")));
    view! {
        <Router>
            <Routes fallback=|| "none">
                <Route path=path!("/return/:draft/items") view=app::start_return::Items/>
                <Route path=path!("/return/:draft/show") view=app::start_return::Show/>
                <Route path=path!("/return/:draft/elsewhere") view=app::start_return::Elsewhere/>
                <Route path=path!("/return/:link/statement") view=app::withdraw::ShowStatement/>
            </Routes>
        </Router>
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_shown_says_so_with_its_status() {
    for (error, status, said) in [
        (DeskError::NotFound, 404, "We cannot find this page"),
        (DeskError::Gone, 410, "This page has been open for a while"),
        (DeskError::Busy, 429, "That was a lot in a short time"),
        (DeskError::Failed { reference: "k7Qz".into() }, 500, "tell us this number: k7Qz"),
    ] {
        let shown = show(Locale::En, Paper { items: Some(Err(error)), ..Paper::default() }, || view! { <Routed/> }).await;
        assert_eq!(shown.status, status);
        assert!(words(&shown.html).contains(said), "{}", words(&shown.html));
    }
    let paper = Paper { items: Some(Err(DeskError::Moved("/returns/R".into()))), ..Paper::default() };
    assert_eq!(show(Locale::En, paper, || view! { <Routed/> }).await.moved.as_deref(), Some("/returns/R"));
}

#[tokio::test]
async fn what_should_be_shown_is_asked_for_with_its_reason() {
    use domain::policy::Shows;
    let slot = |shows, nth, given| ShowSlot { shows, nth, given };
    let file = |id: &str, name: &str, shows| Given { id: id.into(), name: name.into(), pages: Some(2), shows };
    let head = item("Vase", WindowState::Unlimited, Vec::new()).head;
    let key = head.key.clone();
    let wrong = |slot: &str, mistake| Noted { field: format!("files{slot}|{key}"), mistake };
    let page = ShowPage {
        draft: Some("d".into()),
        rma: None,
        asked: None,
        items: vec![ShowItem {
            head,
            slots: vec![
                slot(Shows::Damage, 1, vec![]),
                slot(Shows::Damage, 2, vec![]),
                slot(Shows::TestReport, 1, vec![file("ev_1", "<i>.pdf", None)]),
            ],
            beyond: vec![file("ev_2", "manual.pdf", Some(Shows::SerialNumber))],
            complete: false,
        }],
        most_bytes: 20 << 20,
        mistakes: vec![
            wrong(".damage.2", Mistake::EvidenceMissing { name: "Vase".into(), photos: 1, reports: 0, shows: Some("damage".into()) }),
            wrong(".damage", Mistake::EvidenceRefused { file: "<b>.heic".into(), code: "heic".into() }),
            // Noted by a server of before.
            wrong("", Mistake::EvidenceMissing { name: "Vase".into(), photos: 2, reports: 0, shows: None }),
        ],
    };
    for (locale, said) in [
        (
            Locale::En,
            [
                "The damage So that we see what happened to it. A good photo is close and sharp",
                "The damage (2)",
                "The test report So that we need not test it once more.",
                "Anything else",
                "up to 20 MB each",
                "The serial number PDF, 2 pages",
                "Vase: please add a photo of the damage",
                "add 2 more photos of Vase",
                "Continue without photos",
            ],
        ),
        (
            Locale::ZhCn,
            [
                "损坏处 让我们看到它坏成什么样。",
                "损坏处（2）",
                "检测报告 这样我们就不用再检测一遍。",
                "其他",
                "每个不超过 20 MB",
                "序列号 PDF，2 页",
                "Vase：请添加损坏处的照片",
                "请为Vase再添加 2 张照片",
                "不添加照片，直接继续",
            ],
        ),
    ] {
        let shown = show(locale, Paper { show: Some(page.clone()), ..Paper::default() }, || view! { <Routed page="show"/> }).await;
        let text = words(&shown.html);
        said.iter().for_each(|said| assert!(text.contains(said), "{said}: {text}"));
        assert!(
            shown.html.contains("enctype=\"multipart/form-data\"")
                && shown.html.contains("accept=\"image/jpeg,image/png,image/webp,application/pdf\"")
        );
        let places = shown.html.split("<fieldset").skip(1).map(|place| place.split("</fieldset>").next().unwrap()).collect::<Vec<_>>();
        assert_eq!(places.len(), 4, "one for each that is asked, and one for anything else");
        for (place, (question, holds)) in places.iter().zip([(".damage", ""), (".damage.2", ""), (".test_report", "ev_1"), ("", "ev_2")]) {
            assert_eq!(place.matches(&format!("name=\"files{question}|{key}\"")).count(), 2, "to choose, and the camera: {place}");
            assert!(place.contains("accept=\"image/*\" capture=\"environment\"") && place.contains("class=\"example\""), "{place}");
            assert_eq!(place.matches("data-id=").count(), usize::from(!holds.is_empty()), "{place}");
            assert!(place.contains(&format!("data-id=\"{holds}")) || holds.is_empty(), "{place}");
        }
        assert!(shown.html.contains("href=\"/evidence/ev_1\"") && shown.html.contains("value=\"ev_1\""), "seen and removed");
        assert!(!shown.html.contains("<i>.pdf") && !shown.html.contains("<b>.heic"), "names are never markup");
        assert_eq!(shown.html.matches("class=\"error\"").count(), 3, "each mistake beside its field");
    }
}

#[tokio::test]
async fn the_policy_begins_with_five_sentences_and_says_what_is_different_by_product() {
    let shown = |locale, currency| async move {
        show(locale, Paper { currency, ..Paper::default() }, || view! { <app::read_policy::ReadPolicy/> }).await.html
    };
    let html = shown(Locale::En, None).await;
    let en = words(&html);
    for said in [
        "In short Most things can come back: 7 days from delivery. Faulty, wrong or broken on the way? Tell us: 30 days from delivery. What you can get: \
         Refund, Exchange or store credit with 5% more. You pay return shipping; when it is our mistake, we do. Once it is here we check it within 2 \
         working days, and within 2 working days after that your money is on its way.",
        "What is taken off 10% depreciation, unless it is our fault or the carrier's fault How to send it Pickup at your door (CN¥ 80.00) or Send it yourself",
        "with a hygiene seal What does not come back opened, unless it is our fault or the carrier's fault: no return (hygiene)",
        "Drop it off (CN¥ 60.00 / € 6.90 / £ 5.90 / $ 7.90)",
    ] {
        assert!(en.contains(said), "{said}: {en}");
    }
    let targets: Vec<&str> = html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(targets.len() > 10, "{targets:?}");
    for target in targets {
        assert_eq!(html.matches(&format!("id=\"{target}\"")).count(), 1, "{target}");
    }
    for (locale, currency, mine, other) in [
        (Locale::En, "EUR".parse().ok(), "Drop it off (€ 6.90)", "60.00"),
        (Locale::En, "EUR".parse().ok(), "paid € 300.00 or more It is worth a lot", "2,000.00"),
        (Locale::ZhCn, None, "自送网点（¥ 60.00）", "€"),
        (Locale::ZhCn, "USD".parse().ok(), "自送网点（US$ 7.90）", "€"),
    ] {
        let text = words(&shown(locale, currency).await);
        assert!(text.contains(mine) && !text.contains(other), "{mine}, not {other}: {text}");
    }
}

#[tokio::test]
async fn help_says_how_it_goes_and_how_the_shop_is_reached() {
    let shown = |paper| show(Locale::En, paper, || view! { <app::read_policy::ReadHelp/> });
    let silent = shown(Paper::default()).await.html;
    assert!(silent.contains("href=\"tel:+4930000000\"") && silent.contains("href=\"mailto:help@linden.example\""), "{silent}");
    assert!(silent.contains("href=\"/help?lang=zh-CN\"") && !words(&silent).contains("We are there"), "{silent}");
    let hours = [(Locale::En, "Monday to Friday, 9:00 to 18:00".to_owned())].into_iter().collect();
    let told = words(&shown(Paper { hours, ..Paper::default() }).await.html);
    assert!(told.contains("We are there: Monday to Friday, 9:00 to 18:00") && told.contains("the label is valid that long"), "{told}");
}

#[tokio::test]
async fn the_policy_is_written_out_from_its_document() {
    let shown = |locale| show(locale, Paper::default(), || view! { <app::read_policy::ReadPolicy/> });
    let en = words(&shown(Locale::En).await.html);
    for said in [
        "Version 3",
        "furniture 30 days from delivery",
        "Diamond members 30 days from delivery",
        "Everything else 7 days from delivery",
        "furniture, unless it is our fault or the carrier's fault 10% depreciation",
        "outside mainland China Drop it off",
        "special price, unless it is our fault or the carrier's fault",
        "unopened, and from day 8 after delivery",
        "It has a flaw, and within 30 days of delivery",
        "6 or more returns in the last year",
        "Gifts come back together with what they came with.",
        "reason: It arrived damaged a photo of the damage a photo of the packaging",
    ] {
        assert!(en.contains(said), "{said}: {en}");
    }
    let zh = words(&shown(Locale::ZhCn).await.html);
    for said in [
        "家具类 签收后 30 天",
        "钻石会员 签收后 30 天",
        "其他商品 签收后 7 天",
        "赠品需要和主商品一起退回。",
        "日期按北京时间零点计算。",
        "清仓商品或特价商品，因我们或承运方造成的除外",
        "未拆封，并且签收后第 8 天起",
        "签收后 30 天内",
        "近一年退货 6 次及以上",
        "寄往中国大陆以外 自送网点",
        "不支持退货（特价商品）",
    ] {
        assert!(zh.contains(said), "{said}: {zh}");
    }
}

fn own_order(number: &str, left: u32, returns: Vec<AccountReturn>) -> AccountOrder {
    let lamp = ItemHead { key: "1|1".parse().unwrap(), name: "Brass lamp".into(), variant: None, category: None, image: None, units: 2 };
    AccountOrder {
        number: number.parse().unwrap(),
        placed: "2026-11-15".parse().unwrap(),
        cancelled: false,
        items: vec![lamp],
        more: 1,
        returns,
        left,
        until: "2026-12-01".parse().ok(),
    }
}

#[tokio::test]
async fn all_orders_are_shown_with_their_returns_and_what_can_be_done() {
    let rma = domain::rma::RmaNumber::from_random(1).unwrap();
    let page = AccountPage::Home(Box::new(AccountHome {
        email: Some("wang@example.com".into()),
        orders: vec![own_order("#2", 1, Vec::new()), own_order("1", 0, vec![AccountReturn { rma, status: Status::InTransit }])],
        only: Some(50),
        ..AccountHome::default()
    }));
    let shown = |locale| show(locale, Paper { account: Some(page.clone()), ..Paper::default() }, || view! { <app::account::MyOrders/> });
    let en = shown(Locale::En).await.html;
    assert_eq!(en.matches("action=\"/account/return\"").count(), 1, "what is all gone cannot be asked for");
    assert!(en.contains("value=\"#2\"") && en.contains(&format!("href=\"/returns/{rma}\"")), "{en}");
    let said = words(&en);
    for part in [
        "Your account",
        "wang@example.com",
        "Your orders",
        "Brass lamp × 2 and 1 more item",
        "On its way back to us",
        "These are the latest 50 orders.",
        "Tuesday 1 December",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let zh = words(&shown(Locale::ZhCn).await.html);
    assert!(zh.contains("这是最近的 50 个订单。") && zh.contains("还有 1 种商品"), "{zh}");
    let none = AccountPage::Home(Box::default());
    let none = show(Locale::En, Paper { account: Some(none), ..Paper::default() }, || view! { <app::account::MyOrders/> }).await;
    assert!(words(&none.html).contains("There are no orders here yet."));
}

#[tokio::test]
async fn credit_is_shown_with_where_it_came_from() {
    let yuan = |minor| Money::new(minor, "CNY".parse().unwrap());
    let rma = domain::rma::RmaNumber::from_random(1).unwrap();
    let row =
        |kind, minor| CreditRow { day: "2026-11-15".parse().unwrap(), amount: yuan(minor), kind, rma: None, order: None, until: None };
    let page = CreditPage::Credit {
        balances: vec![yuan(8_900)],
        entries: vec![
            CreditRow { order: Some("<77>".into()), ..row(CreditKind::Redeem, -1_000) },
            CreditRow { rma: Some(rma), until: "2027-11-15".parse().ok(), ..row(CreditKind::Refund, 9_900) },
        ],
        only: Some(100),
    };
    for (locale, parts) in [
        (Locale::En, ["89.00", "Spent", "Order &lt;77&gt;", "Use it by", "the latest 100 entries"]),
        (Locale::ZhCn, ["89.00", "已使用", "77", "请最晚", "最近的 100 笔"]),
        (Locale::De, ["89,00", "Ausgegeben", "77", "Nutzbar bis", "neuesten 100"]),
        (Locale::Fr, ["89,00", "Dépensé", "77", "À utiliser d’ici", "Voici les 100"]),
    ] {
        let shown =
            show(locale, Paper { credit: Some(page.clone()), ..Paper::default() }, || view! { <app::account::MyCredit/> }).await.html;
        assert!(shown.contains(&format!("href=\"/returns/{rma}\"")) && !shown.contains("<77>"), "{shown}");
        for part in parts {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }
    let unknown = Paper { credit: Some(CreditPage::Unknown), ..Paper::default() };
    assert!(show(Locale::En, unknown, || view! { <app::account::MyCredit/> }).await.html.contains("href=\"/account\""));
    let orders = |credit| AccountPage::Home(Box::new(AccountHome { credit, ..AccountHome::default() }));
    for (credit, link) in
        [(None, None), (Some(vec![yuan(8_900)]), Some("Store credit CN¥")), (Some(Vec::new()), Some("Store credit Nothing left"))]
    {
        let paper = Paper { account: Some(orders(credit)), ..Paper::default() };
        let shown = show(Locale::En, paper, || view! { <app::account::MyOrders/> }).await.html;
        assert_eq!(shown.contains("/account/credit"), link.is_some(), "{shown}");
        assert!(link.is_none_or(|said| words(&shown).contains(said)), "{shown}");
    }
}

#[tokio::test]
async fn the_code_is_asked_for_with_a_way_to_a_new_one() {
    let wrong = |mistake| vec![Noted { field: "code".into(), mistake }];
    for (mistake, said, open) in
        [(Mistake::CodeWrong { left: 1 }, "You can try 1 more time.", false), (Mistake::CodeOver, "Ask for a new one below.", true)]
    {
        let page = AccountPage::Code { email: "<b>@example.com".into(), minutes: 15, mistakes: wrong(mistake) };
        let shown = show(Locale::En, Paper { account: Some(page), ..Paper::default() }, || view! { <app::account::MyOrders/> }).await;
        assert_eq!(words(&shown.html).matches(said).count(), 2, "in the summary and beside the field");
        assert!(shown.html.contains("autocomplete=\"one-time-code\"") && !shown.html.contains("<b>@"), "{}", shown.html);
        assert_eq!(shown.html.contains("<details open"), open, "{}", shown.html);
    }
}

#[tokio::test]
async fn another_device_gets_a_code_and_a_link() {
    for (locale, said) in [(Locale::En, "It works for 30 minutes."), (Locale::ZhCn, "30 分钟内有效。")] {
        let shown = show(locale, Paper::default(), || view! { <Routed page="elsewhere"/> }).await;
        assert!(
            shown.html.contains("class=\"qr\"") && shown.html.contains("value=\"https://r.example/continue/d.7d0.x\""),
            "{}",
            shown.html
        );
        assert!(shown.html.contains("href=\"/return/d/why\"") && words(&shown.html).contains(said));
    }
}

#[tokio::test]
async fn links_that_do_not_open_say_what_to_do() {
    let again = show(Locale::ZhCn, Paper::default(), || view! { <app::start::StartAgain/> }).await;
    assert_eq!(again.status, 410);
    assert!(words(&again.html).contains("请回到商店再点一次"));
    let over = show(Locale::En, Paper::default(), || view! { <app::start::LinkOver/> }).await;
    assert!(over.status == 410 && words(&over.html).contains("find your order here by its number"));
    let by_number = show(Locale::En, Paper::default(), || view! { <app::start::ByNumber/> }).await;
    assert!(by_number.status == 200 && by_number.html.contains("href=\"/\""));
}

#[tokio::test]
async fn a_statement_is_confirmed_by_one_button_that_says_that_and_nothing_else() {
    for (locale, label) in [(Locale::En, "Confirm withdrawal"), (Locale::ZhCn, "确认撤回")] {
        let statement = Statement {
            name: "<Anna>".into(),
            order: "7".into(),
            items: Items::Whole,
            email: "anna@example.com".parse().unwrap(),
            locale,
            channel: "web".parse().unwrap(),
            sentence: "I withdraw <7>.".into(),
        };
        let due = "2026-11-24T15:59:59Z".parse().unwrap();
        let page =
            StatementPage { link: "l".into(), version: 3, to: "a…a@example.com".into(), statement, due, ahead: None, received: None };
        let paper = Paper { statement: Some(page), ..Paper::default() };
        let html = show(locale, paper, || view! { <Routed page="statement"/> }).await.html;
        let buttons: Vec<&str> = html.split("<button").skip(1).map(|rest| rest.split("</button>").next().unwrap()).collect();
        assert!(buttons.len() == 1 && buttons[0].ends_with(&format!(">{label}")), "{buttons:?}");
        assert!(html.contains("I withdraw &lt;7&gt;.") && html.contains("&lt;Anna&gt;") && !html.contains("anna@example.com"), "{html}");
    }
}
