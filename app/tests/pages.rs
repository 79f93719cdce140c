//! Pages against a desk of paper: what they say, in both languages, without server or browser.
#![cfg(feature = "ssr")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};

use app::format::Format;
use app::ports::{
    Answer, CheckPage, DeskError, FindPage, Item, ItemHead, ItemsOrder, ItemsPage, Mistake, Noted, PolicyPage, ReturnPage, SendPage,
    ShopFront, ShopperDesk, WhyPage, WishPage,
};
use app::say::Say;
use async_trait::async_trait;
use domain::money::Money;
use domain::policy::{ExclusionGround, Sentence, WindowState, reload};
use domain::reason::ReasonTree;
use domain::words::Locale;
use jiff::tz::TimeZone;
use leptos::prelude::*;

/// Answers what a test wrote on it.
#[derive(Default)]
struct Paper {
    find: Option<FindPage>,
    items: Option<Result<ItemsPage, DeskError>>,
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
    async fn return_page(&self, _: &str) -> Result<ReturnPage, DeskError> {
        Err(DeskError::Gone)
    }
    async fn policy_page(&self) -> Result<PolicyPage, DeskError> {
        let policy = Arc::new(reload(domain::policy::DEFAULT).unwrap());
        Ok(PolicyPage { policy, version: 3, since: "2026-01-01T00:00:00Z".parse().ok(), reasons: ReasonTree::default().all().to_vec() })
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
    let owner = Owner::new_root(None);
    let (status, moved) = (Arc::new(Mutex::new(200)), Arc::new(Mutex::new(None)));
    let (kept, gone) = (status.clone(), moved.clone());
    let view = owner.with(|| {
        let name = [(Locale::ZhCn, "椴木生活".to_owned()), (Locale::En, "Linden & Co.".to_owned())].into_iter().collect();
        provide_context(Arc::new(ShopFront {
            name,
            email: None,
            phone: None,
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
async fn what_was_typed_stays_and_is_never_taken_for_markup() {
    let page = FindPage {
        number: "\"><script>alert(1)</script>".into(),
        contact: "who@example".into(),
        mistakes: vec![Noted { field: "contact".into(), mistake: Mistake::ContactForm }],
        ..FindPage::default()
    };
    for (locale, said) in [(Locale::En, "Enter a whole mail address"), (Locale::ZhCn, "请填写完整的邮箱")] {
        let shown = show(locale, Paper { find: Some(page.clone()), ..Paper::default() }, || view! { <app::find_order::FindOrder/> }).await;
        assert!(!shown.html.contains("<script>"), "{}", shown.html);
        assert!(shown.html.contains("value=\"who@example\""));
        assert_eq!(words(&shown.html).matches(said).count(), 2, "in the summary and beside the field");
        assert!(shown.html.contains("href=\"#f-contact\"") && shown.html.contains("id=\"f-contact\""), "the summary leads to the field");
    }
}

fn item(name: &str, free: WindowState, refusals: Vec<Sentence>) -> Item {
    Item {
        head: ItemHead { key: format!("1|{name}"), name: name.into(), variant: None, category: None, image: None, units: 1 },
        price: Money::new(9_900, "CNY".parse().unwrap()),
        available: 1,
        chosen: 0,
        free,
        refusals,
        fault: WindowState::Open("2026-12-18".parse().unwrap()),
        warranty: false,
        fee: None,
        gift_of: None,
        bundle: false,
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
    let page = ItemsPage { draft: "d".into(), orders: vec![order], joins: None, others: Vec::new(), mistakes: Vec::new() };
    let shown = |locale| show(locale, Paper { items: Some(Ok(page.clone())), ..Paper::default() }, || view! { <Routed/> });
    let en = words(&shown(Locale::En).await.html);
    assert!(en.contains("until Wednesday 25 November"), "{en}");
    assert!(
        en.contains("It was sold at a special price, without return or exchange. if something is wrong with it: until 18 December"),
        "{en}"
    );
    assert!(en.contains("Already in return R-0000-0011"), "{en}");
    let zh = words(&shown(Locale::ZhCn).await.html);
    assert!(
        zh.contains("11月25日（周三）前可退") && zh.contains("这是特价商品，不支持退换。") && zh.contains("已在退货单 R-0000-0011 中"),
        "{zh}"
    );
}

/// The items page under an address that names a draft.
#[component]
fn Routed() -> impl IntoView {
    use leptos_router::components::{Route, Router, Routes};
    use leptos_router::location::RequestUrl;
    use leptos_router::path;
    provide_context(RequestUrl::new("/return/d/items"));
    view! {
        <Router>
            <Routes fallback=|| "none">
                <Route path=path!("/return/:draft/items") view=app::start_return::Items/>
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
async fn the_policy_is_written_out_from_its_document() {
    let shown = |locale| show(locale, Paper::default(), || view! { <app::read_policy::ReadPolicy/> });
    let en = words(&shown(Locale::En).await.html);
    for said in [
        "Version 3",
        "category furniture 30 days from delivery",
        "Diamond members 30 days from delivery",
        "Everything else 7 days from delivery",
        "category furniture, unless our fault or the carrier's fault 10 % depreciation",
        "Gifts come back together with what they came with.",
        "reason: It arrived damaged a photo of the packaging",
    ] {
        assert!(en.contains(said), "{said}: {en}");
    }
    let zh = words(&shown(Locale::ZhCn).await.html);
    for said in ["家具类 签收后 30 天", "钻石会员 签收后 30 天", "其他商品 签收后 7 天", "赠品需要和主商品一起退回。"]
    {
        assert!(zh.contains(said), "{said}: {zh}");
    }
}
