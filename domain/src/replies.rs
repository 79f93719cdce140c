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

/// A place that nobody knows how to fill, and where it stands: line and letter, each from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPlace {
    pub name: String,
    pub line: usize,
    pub column: usize,
}

/// The places of a text that are none of those `known`.
pub fn unknown_places(text: &str, known: &[&str]) -> Vec<UnknownPlace> {
    let (mut rest, mut unknown) = (text, Vec::new());
    while let Some((_, name, after)) = next_place(rest) {
        if !known.contains(&name) {
            let before = &text[..text.len() - after.len() - name.len() - 2];
            let line = before.rsplit('\n').next().unwrap_or_default();
            let (line, column) = (before.matches('\n').count() + 1, line.chars().count() + 1);
            unknown.push(UnknownPlace { name: name.to_owned(), line, column });
        }
        rest = after;
    }
    unknown
}

/// Fills a text's places; one that has nothing to fill it with stays as it is, for whoever sends the text to see.
pub fn fill(text: &str, value: impl Fn(Place) -> Option<String>) -> String {
    fill_named(text, |name| Place::named(name).and_then(&value))
}

/// Fills a text's places by their names, once: what a value holds is no place. One without a value stays as it is.
pub fn fill_named<V: AsRef<str>>(mut text: &str, value: impl Fn(&str) -> Option<V>) -> String {
    let mut filled = String::with_capacity(text.len());
    while let Some((before, name, rest)) = next_place(text) {
        filled.push_str(before);
        match value(name) {
            Some(value) => filled.push_str(value.as_ref()),
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

    #[test]
    fn a_place_that_nobody_knows_is_shown_where_it_stands() {
        let at = |name: &str, line, column| UnknownPlace { name: name.to_owned(), line, column };
        for (text, unknown) in [
            ("", vec![]),
            ("{rma} {A} { rma }", vec![]),
            ("{rna}", vec![at("rna", 1, 1)]),
            ("您好，{rma}\n请{day}", vec![at("day", 2, 2)]),
            ("{a}{a}\n\n{rma} {b}", vec![at("a", 1, 1), at("a", 1, 4), at("b", 3, 7)]),
        ] {
            assert_eq!(unknown_places(text, &["rma"]), unknown, "{text}");
        }
    }

    proptest::proptest! {
        /// Whatever a shop writes and whatever stands in the values: nothing of the text but its places is lost, and no value is read again.
        #[test]
        fn any_text_is_filled_once(text in "[{}a-c_\n <&中]{0,40}", value in "[{}a-c<>\r\n]{0,8}") {
            let filled = fill_named(&text, |name| (name == "a").then_some(&value));
            let count = text.matches("{a}").count();
            proptest::prop_assert_eq!(filled.len(), text.len() + count * value.len() - count * "{a}".len());
            for unknown in unknown_places(&text, &["a"]) {
                let line = text.split('\n').nth(unknown.line - 1).unwrap();
                let at: String = line.chars().skip(unknown.column - 1).collect();
                let place = ["{", &unknown.name, "}"].concat();
                proptest::prop_assert!(at.starts_with(&place));
            }
        }
    }
}
