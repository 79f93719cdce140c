//! Saved replies: what their places are called, and what a case fills them with.

use domain::money::Money;
use domain::policy::Method;
use domain::replies::{self, Place};
use domain::returns::{Return, Status};

use super::Say;

impl Say {
    /// What a place is filled with, in words.
    #[must_use]
    pub fn place(&self, place: Place) -> &'static str {
        let m = self.m;
        match place {
            Place::CustomerName => m.desk_place_customer_name(),
            Place::ReturnNumber => m.desk_place_return_number(),
            Place::OrderNumber => m.desk_place_order_number(),
            Place::Items => m.desk_place_items(),
            Place::Wish => m.desk_place_wish(),
            Place::Amount => m.desk_place_amount(),
            Place::SendBy => m.desk_place_send_by(),
            Place::TrackingNumber => m.desk_place_tracking_number(),
            Place::ShopName => m.desk_place_shop_name(),
        }
    }

    /// A saved text, filled from a return; what is not known of it stays as a place.
    #[must_use]
    pub fn filled(&self, text: &str, request: &Return, shop: Option<&str>) -> String {
        replies::fill(text, |place| self.known(place, request, shop).filter(|value| !value.is_empty()))
    }

    pub(super) fn known(&self, place: Place, request: &Return, shop: Option<&str>) -> Option<String> {
        let lines = || {
            let live: Vec<_> = request.live_lines().collect();
            if live.is_empty() { request.lines.iter().collect() } else { live }
        };
        let each = |said: Vec<String>| {
            let mut once: Vec<String> = Vec::new();
            said.into_iter().for_each(|text| {
                if !once.contains(&text) {
                    once.push(text)
                }
            });
            self.m.list(&once)
        };
        match place {
            Place::CustomerName => request.contact.name.clone(),
            Place::ReturnNumber => Some(request.rma.to_string()),
            Place::OrderNumber => Some(each(request.orders.iter().map(|part| part.number.to_string()).collect())),
            Place::Items => Some(each(lines().iter().map(|line| line.asked.name.clone()).collect())),
            Place::Wish => Some(each(lines().iter().map(|line| self.wish_of(&line.asked)).collect())),
            Place::Amount => {
                let sums = request.expected().into_iter().filter(|(_, minor)| *minor > 0);
                Some(each(sums.map(|(currency, minor)| self.f.money(Money::new(minor, currency))).collect()))
            }
            // Before it is approved nobody should send anything, and on its way it is sent.
            Place::SendBy => {
                (request.status() == Status::Approved && request.method != Method::None).then(|| self.f.by(request.promises.sent))
            }
            Place::TrackingNumber => request.parcel().map(|parcel| parcel.tracking_number.clone()),
            Place::ShopName => shop.map(str::to_owned),
        }
    }
}
