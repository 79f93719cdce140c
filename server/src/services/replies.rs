//! A saved text as a customer reads it.

use app::format::Format;
use app::say::Say;
use domain::returns::Return;
use domain::words::Words;

use super::Services;

impl Services {
    /// A saved text, filled from a return: in its reader's language; else in one of the shop's, written as that language writes; else in any there is.
    pub fn filled(&self, words: &Words, request: &Return) -> String {
        let languages = [request.locale].into_iter().chain(self.own_languages.iter().copied()).chain(words.languages());
        let Some((locale, text)) = languages.into_iter().find_map(|locale| Some((locale, words.own(locale)?))) else {
            return String::new();
        };
        let say = Say::new(Format::new(locale, self.shop_zone(), self.clock.now()));
        say.filled(text, request, self.config.shop.name.get(locale))
    }
}
