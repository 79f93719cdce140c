//! Every page on one screen.

use leptos::prelude::*;
use leptos_router::SsrMode;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::hooks::use_params_map;
use leptos_router::path;

use crate::account::{EraseMe, Erased, HowReached, Inbox, MyCredit, MyData, MyGifts, MyOrders};
use crate::courier::CourierRound;
use crate::find_order::FindOrder;
use crate::ports::DeskError;
use crate::read_policy::{ReadHelp, ReadPolicy};
use crate::staff::{
    AllMessages, AtDock, Bulk, Case, ChangeFactor, ChangePassword, Claims, Coming, Compensations, Deliveries, Devices, Differences,
    DockCase, Door, FeedbackReport, MacroAhead, Macros, Me, OneBatch, OneClaim, OneMessage, OneOrder, OneParcel, OneRepair, OneTransfer,
    Pair, Parcels, Payments, People, Pickups, Privacy, Queue, Repairs, Replies, Rules, Scan, Search, Stock, Transfers, WelcomePerson,
};
use crate::start::{ByNumber, LinkOver, StartAgain};
use crate::start_return::{AddPhotos, Check, Elsewhere, Items, Send, Show, SwitchMethod, Why, Wish};
use crate::track_return::appeal::LookAgain;
use crate::track_return::bank::NameBank;
use crate::track_return::changes::{CancelReturn, OfferMade};
use crate::track_return::door::AnotherDoor;
use crate::track_return::feedback::RateHere;
use crate::track_return::talk::WriteHere;
use crate::track_return::{Done, Track};
use crate::ui::Refusal;
use crate::withdraw::{ChangeStatement, ShowStatement, Withdraw};

/// Whom a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Whoever comes.
    Anybody,
    /// The visitor who holds the draft, or was recognised for the return, that the address names.
    Holder,
    /// People at work who are signed in.
    Staff,
}

macro_rules! pages {
    ($($path:tt $reader:ident $view:ident;)*) => {
        /// Paths of all pages, as the server's router writes them, and whom each is for.
        #[must_use]
        pub fn pages() -> Vec<(String, Reader)> {
            vec![$((served($path), Reader::$reader)),*]
        }

        #[component]
        pub fn Pages() -> impl IntoView {
            // Async: a page is sent whole, with its status, and works without JavaScript.
            view! {
                <Router>
                    <Routes fallback=|| view! { <Refusal error=DeskError::NotFound/> }>
                        $(<Route path=path!($path) view=$view ssr=SsrMode::Async/>)*
                    </Routes>
                </Router>
            }
        }
    };
}

pages! {
    "/"                        Anybody FindOrder;
    "/start/again"             Anybody StartAgain;
    "/start/by-number"         Anybody ByNumber;
    "/account"                 Anybody MyOrders;
    "/account/credit"          Anybody MyCredit;
    "/account/data"            Anybody MyData;
    "/account/erase"           Anybody EraseMe;
    "/account/erased"          Anybody Erased;
    "/account/gifts"           Anybody MyGifts;
    "/account/inbox"           Anybody Inbox;
    "/account/reach"           Anybody HowReached;
    "/return/:draft/items"     Holder  Items;
    "/return/:draft/why"       Holder  Why;
    "/return/:draft/show"      Holder  Show;
    "/return/:draft/wish"      Holder  Wish;
    "/return/:draft/send"      Holder  Send;
    "/return/:draft/check"     Holder  Check;
    "/return/:draft/elsewhere" Holder  Elsewhere;
    "/returns/:rma"            Holder  Track;
    "/returns/:rma/done"       Holder  Done;
    "/returns/:rma/cancel"     Holder  CancelReturn;
    "/returns/:rma/offer"      Holder  OfferMade;
    "/returns/:rma/appeal"     Holder  LookAgain;
    "/returns/:rma/write"      Holder  WriteHere;
    "/returns/:rma/feedback"   Holder  RateHere;
    "/returns/:rma/bank"       Holder  NameBank;
    "/returns/:rma/method"     Holder  SwitchMethod;
    "/returns/:rma/door"       Holder  AnotherDoor;
    "/returns/:rma/photos"     Holder  AddPhotos;
    "/policy"                  Anybody ReadPolicy;
    "/help"                    Anybody ReadHelp;
    "/withdraw"                Anybody Withdraw;
    "/withdraw/:link"          Anybody ShowStatement;
    "/withdraw/:link/change"   Anybody ChangeStatement;
    "/round/:link"             Anybody CourierRound;
    "/staff"                   Staff   Queue;
    "/staff/sign-in"           Anybody Door;
    "/staff/welcome/:link"     Anybody WelcomePerson;
    "/staff/returns/:rma"      Staff   Case;
    "/staff/search"            Staff   Search;
    "/staff/orders/:number"    Staff   OneOrder;
    "/staff/coming"            Staff   Coming;
    "/staff/payments"          Staff   Payments;
    "/staff/differences"       Staff   Differences;
    "/staff/payments/transfers" Staff  Transfers;
    "/staff/payments/transfers/:number" Staff OneTransfer;
    "/staff/stock"             Staff   Stock;
    "/staff/stock/batches/:number" Staff OneBatch;
    "/staff/claims"            Staff   Claims;
    "/staff/compensations"     Staff   Compensations;
    "/staff/claims/:number"    Staff   OneClaim;
    "/staff/reports/feedback"  Staff   FeedbackReport;
    "/staff/pickups"           Staff   Pickups;
    "/staff/parcels"           Staff   Parcels;
    "/staff/parcels/:number"   Staff   OneParcel;
    "/staff/scan"              Staff   Scan;
    "/staff/dock"              Staff   AtDock;
    "/staff/dock/:rma"         Staff   DockCase;
    "/staff/repairs"           Staff   Repairs;
    "/staff/repairs/:number"   Staff   OneRepair;
    "/staff/returns/:rma/macro" Staff  MacroAhead;
    "/staff/bulk/:id"          Staff   Bulk;
    "/staff/replies"           Staff   Replies;
    "/staff/macros"            Staff   Macros;
    "/staff/rules"             Staff   Rules;
    "/staff/me"                Staff   Me;
    "/staff/me/password"       Staff   ChangePassword;
    "/staff/me/factor"         Staff   ChangeFactor;
    "/staff/devices"           Staff   Devices;
    "/staff/settings/deliveries" Staff Deliveries;
    "/staff/settings/messages" Staff   AllMessages;
    "/staff/settings/messages/:occasion" Staff OneMessage;
    "/staff/pair"              Anybody Pair;
    "/staff/people"            Staff   People;
    "/staff/privacy"           Staff   Privacy;
    "/link-over"               Anybody LinkOver;
    "/gone"                    Anybody Gone;
    "/busy"                    Anybody Busy;
    "/updating"                Anybody Updating;
    "/failed/:reference"       Anybody Failed;
}

/// `/return/:draft/why` as `/return/{draft}/why`.
fn served(path: &str) -> String {
    let part = |part: &str| part.strip_prefix(':').map_or_else(|| part.to_owned(), |name| format!("{{{name}}}"));
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[component]
fn Gone() -> impl IntoView {
    view! { <Refusal error=DeskError::Gone/> }
}

#[component]
fn Busy() -> impl IntoView {
    view! { <Refusal error=DeskError::Busy/> }
}

#[component]
fn Updating() -> impl IntoView {
    view! { <Refusal error=DeskError::Updating/> }
}

/// Where a form leads that could not be taken.
#[component]
fn Failed() -> impl IntoView {
    let named = use_params_map().with_untracked(|params| params.get("reference").unwrap_or_default());
    let reference: String = named.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    view! { <Refusal error=DeskError::Failed { reference }/> }
}
