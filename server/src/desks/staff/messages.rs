//! What customers are told, worded by the shop.

use app::forms::{Fields, noted};
use app::messages::{MessageChannel, Occasion, Part, TemplateOf};
use app::ports::{DeskError, MessageAsked, MessagePage, MessageVersion, MessagesPage, Mistake, StaffTold};
use app::say::Say;
use app::staff::{MessageForm, message_path};
use domain::words::Locale;
use jiff::Timestamp;

use super::{StaffDesk, StaffNext};
use crate::config::TextsBy;
use crate::desks::failed;
use crate::mailer::{self, Looked};
use crate::services::{AtMessages, NotKept};
use crate::store::TemplateRow;

const PAGE: &str = "/staff/settings/messages";
/// Fields of the form that are kept where something is wrong with them.
const MOST_FIELDS: usize = 12;
/// Letters of a return's number, as typed.
const LONGEST_NUMBER: usize = 40;

impl StaffDesk {
    fn at_messages(&self) -> Result<AtMessages, DeskError> {
        let access = AtMessages::of_staff(self.member()?, self.services.seal_of(self.visitor.address));
        access.ok_or_else(|| DeskError::NotForYou { who: vec![domain::returns::Role::Admin] })
    }

    /// Which words are meant; of a language or channel that there is not, the first that there is.
    fn template_of(&self, occasion: &str, channel: Option<&str>, language: Option<&str>) -> Result<TemplateOf, DeskError> {
        let occasion = Occasion::named(occasion).ok_or(DeskError::NotFound)?;
        let channels = occasion.channels();
        let channel = channel.and_then(MessageChannel::named).filter(|channel| channels.contains(channel)).unwrap_or(channels[0]);
        let spoken = &self.services.config.languages;
        let language = language.and_then(|tag| tag.parse().ok()).filter(|locale: &Locale| spoken.contains(locale));
        let locale = language.or(Some(self.visitor.locale).filter(|locale| spoken.contains(locale)));
        let locale = locale.or(spoken.first().copied()).unwrap_or(Locale::En);
        Ok(TemplateOf { occasion, locale, channel })
    }

    pub(super) async fn messages(&self) -> Result<MessagesPage, DeskError> {
        let access = self.at_messages()?;
        let kept = self.take_kept(PAGE).await?;
        let own = self.services.all_own_words(&access).await.map_err(|error| failed(&error))?;
        Ok(MessagesPage { rail: self.rail(kept.told).await?, own })
    }

    pub(super) async fn message(&self, occasion: &str, asked: MessageAsked) -> Result<MessagePage, DeskError> {
        let access = self.at_messages()?;
        let of = self.template_of(occasion, asked.channel.as_deref(), asked.language.as_deref())?;
        let kept = self.take_kept(&message_path(of)).await?;
        let rows = self.services.versions(&access, of).await.map_err(|error| failed(&error))?;
        let (version, own) = rows.first().map(|row| (row.version, row.parts.clone())).unwrap_or_default();
        let again: Option<i64> = asked.version.and_then(|version| version.parse().ok());
        let again = again.and_then(|version| rows.iter().find(|row| row.version == version)).and_then(|row| row.parts.clone());
        let mut parts = of.standard();
        if of.channel == MessageChannel::Inbox && own.is_none() {
            // What it says as things are: what the mail does.
            let texts = self.services.texts(of, self.services.clock.now()).await.map_err(|error| failed(&error))?;
            parts.iter_mut().for_each(|(part, text)| texts.part(*part).unwrap_or_default().clone_into(text));
        }
        let follows_mail = of.channel == MessageChannel::Inbox && own.is_none();
        let is_own = own.is_some();
        for (part, text) in again.or(own).into_iter().flatten().filter(|(part, _)| of.standard().contains_key(part)) {
            parts.insert(part, text);
        }
        if !kept.mistakes.is_empty() {
            let typed = kept.fields();
            parts.iter_mut().for_each(|(part, text)| typed.get(part.code()).clone_into(text));
        }
        let people = self.names().await?;
        let version_of = |row: TemplateRow| {
            let by = people.iter().find(|(id, _)| *id == row.made_by).map(|(_, name)| name.clone()).unwrap_or_default();
            let at = Timestamp::from_millisecond(row.made_at).unwrap_or_default();
            MessageVersion { version: row.version, by, at, is_standard: row.parts.is_none() }
        };
        let versions = rows.into_iter().map(version_of).collect();
        Ok(MessagePage {
            rail: self.rail(kept.told).await?,
            languages: self.services.config.languages.clone(),
            parts,
            version,
            is_own,
            follows_mail,
            worded_elsewhere: of.channel == MessageChannel::Text
                && self.services.config.sms.routes.values().any(|by| *by == TextsBy::Aliyun),
            sample: asked.rma.and_then(|rma| rma.parse().ok()),
            versions,
            mistakes: kept.mistakes,
            of,
        })
    }

    /// "Save", and "back to the product's words".
    pub async fn word_message(&mut self, occasion: &str, fields: &Fields) -> Result<StaffNext, DeskError> {
        let access = self.at_messages()?;
        let of =
            self.template_of(occasion, fields.maybe(MessageForm::CHANNEL).as_deref(), fields.maybe(MessageForm::LANGUAGE).as_deref())?;
        let form = MessageForm::parse(fields, of);
        let path = message_path(of);
        if !form.mistakes.is_empty() {
            return self.form_again(path, String::new(), fields, MOST_FIELDS, form.mistakes).await;
        }
        let parts = Some(form.parts).filter(|_| !form.reset);
        match self.services.word(&access, of, form.version, parts).await {
            Ok(()) => {
                let say = Say::new(app::format::Format::new(self.visitor.locale, self.services.shop_zone(), self.services.clock.now()));
                self.told(StaffTold::Saved { name: say.occasion(of.occasion) }, path).await
            }
            Err(NotKept::Changed) => {
                let mistake = noted(of.standard().into_keys().next().unwrap_or(Part::Subject).code(), Mistake::MessageChanged);
                self.form_again(path, String::new(), fields, MOST_FIELDS, vec![mistake]).await
            }
            Err(NotKept::Store(error)) => Err(failed(&error)),
        }
    }

    /// The page that shows what is being written, or, where nothing was sent, what is said now.
    pub async fn preview_message(&self, occasion: &str, fields: &Fields, sent: bool) -> Result<String, DeskError> {
        let access = self.at_messages()?;
        let of =
            self.template_of(occasion, fields.maybe(MessageForm::CHANNEL).as_deref(), fields.maybe(MessageForm::LANGUAGE).as_deref())?;
        let services = &self.services;
        let now = services.clock.now();
        let (parts, mut mistakes) = if sent {
            let form = MessageForm::parse(fields, of);
            (form.parts, form.mistakes)
        } else if of.channel == MessageChannel::Text {
            let own = services.own_words(of.occasion, of.locale).await.map_err(|error| failed(&error))?;
            let mut parts = of.standard();
            parts.extend(own.body(of.occasion, now).map(|own| (Part::Body, own.to_owned())));
            (parts, Vec::new())
        } else {
            let texts = services.texts(of, now).await.map_err(|error| failed(&error))?;
            let part = |part: Part| Some((part, texts.part(part)?.to_owned()));
            (Part::ALL.into_iter().filter_map(part).collect(), Vec::new())
        };
        let typed: String = fields.get(MessageForm::RMA).trim().chars().take(LONGEST_NUMBER).collect();
        let rma = (!typed.is_empty()).then(|| typed.parse());
        let sample = match rma {
            _ if !of.occasion.is_of_return() => None,
            Some(Err(_)) => {
                mistakes.push(noted(MessageForm::RMA, Mistake::NoMatch));
                None
            }
            Some(Ok(rma)) => {
                let found = services.sample(&access, of.occasion, Some(rma)).await.map_err(|error| failed(&error))?;
                if found.is_none() {
                    mistakes.push(noted(MessageForm::RMA, Mistake::NoMatch));
                }
                found
            }
            None => services.sample(&access, of.occasion, None).await.map_err(|error| failed(&error))?,
        };
        let say = Say::new(app::format::Format::new(self.visitor.locale, services.shop_zone(), now));
        let told = |wrong: &app::ports::Noted| {
            if wrong.field == MessageForm::RMA { say.m.wording_no_sample().to_owned() } else { say.mistake(&wrong.mistake) }
        };
        let mistakes: Vec<String> = mistakes.iter().map(told).collect();
        let looked = Looked { of, parts: &parts, sample: sample.as_ref(), mistakes: &mistakes };
        mailer::preview(&looked, &say, &services.config, services.shop_zone()).map_err(|error| failed(&error))
    }
}
