//! Saved replies: texts with places in braces (`{send_by}`), which are filled from a case.

macro_rules! places {
    ($($place:ident $code:literal;)+) => {
        /// What can be filled in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Place {
            $($place),+
        }

        impl Place {
            pub const ALL: &'static [Self] = &[$(Self::$place),+];

            /// Its name, between the braces.
            pub fn code(self) -> &'static str {
                match self { $(Self::$place => $code),+ }
            }

            pub fn named(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|place| place.code() == code)
            }
        }
    };
}

places! {
    CustomerName "customer_name";
    ReturnNumber "return_number";
    OrderNumber "order_number";
    Items "items";
    Wish "wish";
    Amount "amount";
    SendBy "send_by";
    TrackingNumber "tracking_number";
    ShopName "shop_name";
}

/// The text before the first place, the place's name, and what comes after it. Braces around anything but small letters and `_` are the writer's own.
fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| from + at) {
        let name = &text[open + 1..];
        let end = name.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_').unwrap_or(name.len());
        if end > 0 && name[end..].starts_with('}') {
            return Some((&text[..open], &name[..end], &name[end + 1..]));
        }
        from = open + 1;
    }
    None
}

/// The names of a text's places, each once, whether we know them or not.
pub fn places_of(mut text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    while let Some((_, name, rest)) = next_place(text) {
        if !names.contains(&name) {
            names.push(name);
        }
        text = rest;
    }
    names
}

/// Fills a text's places; one that has nothing to fill it with stays as it is, for whoever sends the text to see.
pub fn fill(mut text: &str, value: impl Fn(Place) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    while let Some((before, name, rest)) = next_place(text) {
        filled.push_str(before);
        match Place::named(name).and_then(&value) {
            Some(value) => filled.push_str(&value),
            None => filled.extend(["{", name, "}"]),
        }
        text = rest;
    }
    filled.push_str(text);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_what_cannot_be_stays() {
        let value = |place| (place == Place::CustomerName).then(|| "Anna {items}".to_owned());
        for (text, filled, places) in [
            ("", "", &[][..]),
            ("Dear {customer_name}, {send_by}!", "Dear Anna {items}, {send_by}!", &["customer_name", "send_by"]),
            ("{customer_name}{customer_name}", "Anna {items}Anna {items}", &["customer_name"]),
            ("{foo} {", "{foo} {", &["foo"]),
            ("{{customer_name}} }{", "{Anna {items}} }{", &["customer_name"]),
            ("{} {A} {a b} {1} 亲{customer_name}爱", "{} {A} {a b} {1} 亲Anna {items}爱", &["customer_name"]),
        ] {
            assert_eq!((fill(text, value).as_str(), places_of(text)), (filled, places.to_vec()), "{text}");
        }
    }
}
