//! Every route on one screen: a row says what answers, who may ask and how much they may send. Pages are rows of [`app::routes`], calls by
//! machine rows of [`api::calls`], commands on a return rows of [`api::command_forms`]. The router serves these rows and nothing else.

use app::routes::Reader;
use axum::routing::{delete, get, post, put};

use super::evidence::{OfDraft, OfReturn};
use super::row::{Body, KeyedCall, Kind, Row, rows};
use super::{
    api, assets, bell, calendar, dock, entry, evidence, export, forms, health, hooks, labels, live, logo, pages, preview, rehearsal, round,
    staff,
};

/// What shoppers meet: pages answer `GET`, the forms on them `POST` to the same or a neighbouring address. Their visitor is known.
pub(super) fn shopper() -> Vec<Row> {
    let page = |(path, reader): (String, Reader)| Row {
        method: "GET",
        path,
        who: reader.into(),
        kind: Kind::Page,
        body: Body::Text,
        answers: get(pages::page),
    };
    let mut rows: Vec<Row> = app::routes::pages().into_iter().map(page).collect();
    rows.extend(rows! {
        get    "/start"                          Anybody Form Text  entry::start;
        get    "/continue/{link}"                Anybody Form Text  entry::carry_on;
        get    "/r/{link}"                       Anybody Form Text  entry::follow_mail;
        get    "/r/{link}/{stars}"               Anybody Form Text  entry::rate_by_mail;
        post   "/"                               Anybody Form Text  forms::find_order;
        post   "/find-return"                    Anybody Form Text  forms::find_return;
        post   "/account/code"                   Anybody Form Text  forms::send_code;
        post   "/account/enter"                  Anybody Form Text  forms::enter_code;
        post   "/account/return"                 Anybody Form Text  forms::return_from_account;
        post   "/account/reach"                  Anybody Form Text  forms::choose_reach;
        post   "/account/erase"                  Anybody Form Text  forms::erase_own;
        get    "/account/data/export"            Anybody Form Text  export::own;
        get    "/account/inbox/live"             Anybody Data Text  bell::follow;
        post   "/account/leave"                  Anybody Form Text  forms::leave;
        post   "/account/stay"                   Anybody Form Text  forms::stay_in_account;
        post   "/account/switch"                 Anybody Form Text  forms::switch_account;
        post   "/return/{draft}/items"           Holder  Form Text  forms::choose_items;
        post   "/return/{draft}/missing"         Holder  Form Text  forms::not_arrived;
        post   "/return/{draft}/orders"          Holder  Form Text  forms::add_order;
        post   "/return/{draft}/why"             Holder  Form Text  forms::tell_why;
        post   "/return/{draft}/wish"            Holder  Form Text  forms::choose_wish;
        post   "/return/{draft}/send"            Holder  Form Text  forms::choose_method;
        post   "/return/{draft}/preview/{step}"  Holder  Data Text  preview::preview;
        post   "/return/{draft}/check"           Holder  Form Text  forms::submit;
        post   "/return/{draft}/show"            Holder  Form Files evidence::form::<OfDraft>;
        post   "/return/{draft}/uploads"         Holder  Data Text  evidence::announce::<OfDraft>;
        get    "/return/{draft}/uploads/{id}"    Holder  Data Text  evidence::upload::<OfDraft>;
        put    "/return/{draft}/uploads/{id}"    Holder  Data Text  evidence::piece::<OfDraft>;
        delete "/return/{draft}/uploads/{id}"    Holder  Data Text  evidence::give_up::<OfDraft>;
        delete "/return/{draft}/evidence/{id}"   Holder  Data Text  evidence::remove;
        post   "/returns/{rma}/photos"           Holder  Form Files evidence::form::<OfReturn>;
        post   "/returns/{rma}/uploads"          Holder  Data Text  evidence::announce::<OfReturn>;
        get    "/returns/{rma}/uploads/{id}"     Holder  Data Text  evidence::upload::<OfReturn>;
        put    "/returns/{rma}/uploads/{id}"     Holder  Data Text  evidence::piece::<OfReturn>;
        delete "/returns/{rma}/uploads/{id}"     Holder  Data Text  evidence::give_up::<OfReturn>;
        get    "/evidence/{id}"                  Holder  Data Text  evidence::file;
        get    "/evidence/{id}/preview"          Holder  Data Text  evidence::preview;
        post   "/returns/{rma}/verify"           Holder  Form Text  forms::verify;
        post   "/returns/{rma}/add"              Holder  Form Text  forms::add_items;
        post   "/returns/{rma}/method"           Holder  Form Text  forms::switch_method;
        post   "/returns/{rma}/door"             Holder  Form Text  forms::another_door;
        post   "/returns/{rma}/bank"             Holder  Form Text  forms::name_account;
        post   "/returns/{rma}/pay"              Holder  Form Text  forms::pay_due;
        post   "/returns/{rma}/label"            Holder  Form Text  forms::new_label;
        get    "/returns/{rma}/label.pdf"        Holder  Form Text  labels::label;
        get    "/returns/{rma}/pickup.ics"       Holder  Form Text  calendar::pickup;
        get    "/returns/{rma}/live"             Holder  Data Text  live::follow;
        post   "/withdraw"                       Anybody Form Text  forms::begin_withdrawal;
        post   "/withdraw/{link}"                Anybody Form Text  forms::confirm_withdrawal;
        post   "/withdraw/{link}/change"         Anybody Form Text  forms::change_withdrawal;
        post   "/withdraw/{link}/again"          Anybody Form Text  forms::acknowledge_again;
        get    "/withdraw/{link}/receipt.pdf"    Anybody Form Text  labels::receipt;
        post   "/staff/sign-in"                  Anybody Form Text  staff::sign_in;
        post   "/staff/sign-on"                  Anybody Form Text  staff::sign_on;
        get    "/staff/sign-on/back"             Anybody Form Text  staff::sign_on_back;
        post   "/staff/sign-out"                 Anybody Form Text  staff::sign_out;
        post   "/staff/welcome/{link}"           Anybody Form Text  staff::begin;
        post   "/staff/me/sessions"              Staff   Form Text  staff::end_other_sessions;
        post   "/staff/me/password"              Staff   Form Text  staff::change_password;
        post   "/staff/me/factor"                Staff   Form Text  staff::change_factor;
        post   "/staff/pair"                     Anybody Form Text  staff::pair;
        post   "/staff/settings/deliveries"      Staff   Form Text  staff::send_again;
        post   "/staff/settings/messages/{occasion}" Staff Form Text staff::word_message;
        get    "/staff/settings/messages/{occasion}/preview" Staff Data Text staff::message_now;
        post   "/staff/settings/messages/{occasion}/preview" Staff Data Text staff::message_ahead;
        post   "/staff/devices"                  Staff   Form Text  staff::make_pairing;
        post   "/staff/devices/{id}/end"         Staff   Form Text  staff::end_device;
        post   "/staff/privacy/erase"            Staff   Form Text  staff::erase_customer;
        get    "/staff/privacy/file"             Staff   Form Text  staff::customer_file;
        post   "/staff/people"                   Staff   Form Text  staff::add_person;
        post   "/staff/people/{id}/change"       Staff   Form Text  staff::change_person;
        post   "/staff/people/{id}/reset"        Staff   Form Text  staff::reset_person;
        post   "/staff/people/{id}/sign-out"    Staff   Form Text  staff::sign_out_person;
        post   "/staff/people/{id}/end"          Staff   Form Text  staff::end_person;
        post   "/staff/returns/{rma}/decide"     Staff   Form Text  staff::decide;
        post   "/staff/returns/{rma}/receive"    Staff   Form Text  staff::receive;
        post   "/staff/returns/{rma}/inspect"    Staff   Form Files staff::inspect;
        post   "/staff/returns/{rma}/put"        Staff   Form Text  staff::put_away;
        post   "/staff/dock/{rma}/receive"       Staff   Form Files dock::receive;
        post   "/staff/dock/{rma}/inspect"       Staff   Form Files dock::inspect;
        get    "/staff/dock/list"                Staff   Data Text  dock::list;
        post   "/staff/returns/{rma}/send-back"  Staff   Form Text  staff::send_back;
        get    "/staff/payments/file"            Staff   Form Text  staff::payments_file;
        post   "/staff/differences"              Staff   Form Text  staff::settle_difference;
        post   "/staff/differences/reports"      Staff   Form Import staff::reconcile;
        post   "/staff/payments/transfers"       Staff   Form Text  staff::make_transfers;
        post   "/staff/payments/accounts"        Staff   Form Text  staff::type_account;
        post   "/staff/payments/transfers/{number}/left" Staff Form Text staff::transfers_left;
        post   "/staff/payments/transfers/{number}/failed" Staff Form Text staff::transfer_failed;
        get    "/staff/payments/transfers/{number}/{file}" Staff Form Text staff::transfers_file;
        post   "/staff/returns/{rma}/offer"      Staff   Form Text  staff::offer;
        post   "/staff/returns/{rma}/grant"      Staff   Form Text  staff::grant;
        post   "/staff/returns/{rma}/hold"       Staff   Form Text  staff::hold;
        post   "/staff/returns/{rma}/release"    Staff   Form Text  staff::release;
        post   "/staff/returns/{rma}/pay"        Staff   Form Text  staff::pay;
        post   "/staff/returns/{rma}/payment"    Staff   Form Text  staff::payment;
        post   "/staff/returns/{rma}/remedy"     Staff   Form Text  staff::remedy;
        post   "/staff/returns/{rma}/collect"    Staff   Form Text  staff::collect;
        post   "/staff/returns/{rma}/replace"    Staff   Form Text  staff::replace;
        post   "/staff/returns/{rma}/waive"      Staff   Form Text  staff::waive;
        post   "/staff/returns/{rma}/take-back"  Staff   Form Text  staff::take_back;
        post   "/staff/returns/{rma}/hand"       Staff   Form Text  staff::hand;
        post   "/staff/returns/{rma}/fill"       Staff   Form Text  staff::fill;
        post   "/staff/replies/{id}"             Staff   Form Text  staff::put_reply;
        post   "/staff/replies/{id}/delete"      Staff   Form Text  staff::drop_reply;
        post   "/staff/returns/{rma}/macro"      Staff   Form Text  staff::press_macro;
        post   "/staff/macros/{id}"              Staff   Form Text  staff::put_macro;
        post   "/staff/macros/{id}/delete"       Staff   Form Text  staff::drop_macro;
        post   "/staff/bulk"                     Staff   Form Text  staff::look_ahead;
        post   "/staff/bulk/{id}"                Staff   Form Text  staff::begin_bulk;
        post   "/staff/bulk/{id}/take-back"      Staff   Form Text  staff::take_back_bulk;
        post   "/staff/views/{id}"               Staff   Form Text  staff::put_view;
        post   "/staff/views/{id}/delete"        Staff   Form Text  staff::drop_view;
        post   "/staff/rules/{id}"               Staff   Form Text  staff::put_rule;
        post   "/staff/rules/{id}/delete"        Staff   Form Text  staff::drop_rule;
        post   "/staff/open"                     Staff   Form Text  staff::open_for;
        post   "/staff/elsewhere"                Staff   Form Text  staff::open_elsewhere;
        post   "/staff/orders/{number}/goodwill" Staff   Form Text  staff::concede;
        post   "/staff/stock/batches"            Staff   Form Text  staff::plan_batch;
        post   "/staff/stock/batches/{number}"   Staff   Form Text  staff::run_batch;
        post   "/staff/stock/alerts"             Staff   Form Text  staff::put_alert;
        post   "/staff/claims"                   Staff   Form Text  staff::open_claim;
        get    "/staff/claims/file"              Staff   Form Text  staff::claims_file;
        post   "/staff/claims/{number}/{step}"   Staff   Form Text  staff::step_claim;
        post   "/staff/pickups/areas"            Staff   Form Text  staff::put_pickup_area;
        post   "/staff/pickups/areas/{id}/delete" Staff  Form Text  staff::delete_pickup_area;
        post   "/staff/pickups/rounds"           Staff   Form Text  staff::give_out_round;
        post   "/staff/pickups/rounds/{id}/withdraw" Staff Form Text staff::withdraw_round;
        post   "/round/{link}/{rma}"             Anybody Form Text  round::say;
        get    "/staff/pickups/file"             Staff   Form Text  staff::pickups_file;
        post   "/staff/pickups/{rma}/{state}"    Staff   Form Text  staff::end_door;
        post   "/staff/reports/feedback"         Staff   Form Text  staff::tag_feedback;
        get    "/staff/reports/feedback/file"    Staff   Form Text  staff::feedback_file;
        get    "/staff/compensations/file"       Staff   Form Text  staff::compensations_file;
        post   "/staff/compensations/{id}/{what}" Staff  Form Text  staff::decide_compensation;
        post   "/staff/parcels"                  Staff   Form Text  staff::shelve_parcel;
        post   "/staff/parcels/{number}/change"  Staff   Form Text  staff::change_parcel;
        post   "/staff/parcels/{number}/link"    Staff   Form Text  staff::link_parcel;
        post   "/staff/parcels/{number}/end"     Staff   Form Text  staff::end_parcel;
        post   "/staff/orders/{number}/outbound" Staff   Form Text  staff::open_outbound;
        post   "/staff/returns/{rma}/outbound"   Staff   Form Text  staff::outbound;
        post   "/staff/repairs/{number}/take"    Staff   Form Text  staff::take_repair;
        post   "/staff/repairs/{number}/progress" Staff  Form Text  staff::progress_repair;
        post   "/staff/repairs/{number}/done"    Staff   Form Text  staff::finish_repair;
        post   "/staff/repairs/{number}/give-up" Staff   Form Text  staff::give_up_repair;
        post   "/staff/next"                     Staff   Form Text  staff::take_next;
        get    "/staff/returns/{rma}/live"       Staff   Data Text  live::follow_case;
        get    "/staff/returns/{rma}/lots/{lot}/label.pdf" Staff Form Text labels::putaway;
        get    "/returns/{rma}/credit-notes/{number}/credit-note.pdf" Holder Form Text labels::credit_note;
        get    "/staff/returns/{rma}/credit-notes/{number}/{file}" Staff Form Text labels::credit_note_at_work;
        post   "/demo/clock"                     Anybody Data Text  rehearsal::move_clock;
    });
    rows.extend(api::command_forms());
    rows
}

/// What needs no visitor.
pub(super) fn plain() -> Vec<Row> {
    rows! {
        get "/healthz"       Anybody Data Text health::alive;
        get "/readyz"        Anybody Data Text health::ready;
        get "/metrics"       Anybody Data Text health::metrics;
        get "/assets/{*path}" Anybody Data Text assets::serve;
        get "/demo/{*path}"  Anybody Data Text rehearsal::picture;
        get "/logo"          Anybody Data Text logo::serve;
        get "/icon.svg"      Anybody Data Text assets::serve;
        get "/staff/worker.js" Anybody Data Text dock::worker;
        get "/round/worker.js" Anybody Data Text dock::worker;
        post "/hooks/stripe" Anybody Data Hook hooks::stripe;
        post "/hooks/twilio/status" Anybody Data Hook hooks::twilio;
        post "/hooks/aliyun/{secret}" Anybody Data Hook hooks::aliyun;
        get "/robots.txt"    Anybody Data Text assets::serve;
    }
}

#[must_use]
pub fn table() -> Vec<Row> {
    shopper().into_iter().chain(plain()).chain(api::beside_calls()).chain(api::calls().into_iter().map(KeyedCall::row)).collect()
}
