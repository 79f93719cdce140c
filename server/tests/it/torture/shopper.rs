//! A shopper by the forms of the pages, as a browser sends them: finds the order, says what came broken, shows it, sends it off.

use reqwest::multipart::{Form, Part};
use reqwest::{RequestBuilder, Response, StatusCode, header};

use super::load::{Customer, CutOff, Visit, heard, sent};
use super::{mail_of, picture};

const SESSION: &str = "__Host-homebound";

/// What the browser knows.
#[derive(Clone, Default)]
pub struct Shopper {
    /// The session's cookie.
    pub session: Option<String>,
    /// Where the draft is: `/return/…`.
    pub draft: Option<String>,
    /// Photos that were sent with a form, and those that were told to be kept; a form is told no names.
    pub sent: usize,
    pub kept: usize,
    /// The last upload in pieces.
    pub upload: Option<Upload>,
    /// The draft is complete: all that is missing is the button.
    pub complete: bool,
    /// The button was pressed.
    pub pressed: bool,
}

/// An upload in pieces.
#[derive(Clone)]
pub struct Upload {
    /// Of a draft or a return, and its own name.
    pub of: String,
    id: String,
    /// Bytes that were told to be there.
    told: usize,
}

impl Shopper {
    /// A request with the session.
    pub fn call(&self, customer: &Customer, method: &str, path: &str) -> RequestBuilder {
        let request = customer.client.request(method.parse().unwrap(), format!("{}{path}", customer.base)).header("accept-language", "en");
        match &self.session {
            Some(session) => request.header(header::COOKIE, format!("{SESSION}={session}; lang=en")),
            None => request,
        }
    }

    /// Sends a form; answers where it leads.
    pub async fn post(&mut self, customer: &Customer, path: &str, fields: &[(&str, &str)]) -> Result<String, CutOff> {
        let answer = sent(self.call(customer, "POST", path).form(fields)).await?;
        Ok(self.led(path, &answer))
    }

    fn led(&mut self, path: &str, answer: &Response) -> String {
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            if name == SESSION {
                self.session = Some(rest.split(';').next().unwrap().to_owned());
            }
        }
        answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
    }

    /// From the order to the return, and a little further.
    pub async fn visit(&mut self, customer: &Customer, visit: &mut Visit) -> Result<(), CutOff> {
        self.fill_in(customer, visit).await?;
        let rma = self.press(customer).await?;
        visit.rma = Some(rma.clone());
        let page = format!("/returns/{rma}");
        let (status, text) = heard(self.call(customer, "GET", &page)).await?;
        assert!(status == StatusCode::OK && text.as_str().unwrap().contains(&rma), "{status}");
        match rand::random_range(0..4) {
            0 => {
                visit.cancelling = true;
                assert_eq!(self.post(customer, &format!("{page}/cancel"), &[]).await?, page);
                visit.cancelled = true;
            }
            1 => self.show_by_form(customer, &visit.number, &format!("{page}/photos")).await?,
            2 => visit.shown.push(self.show_in_pieces(customer, &visit.number, &page).await?),
            _ => {}
        }
        Ok(())
    }

    /// From the order to the last button.
    pub async fn fill_in(&mut self, customer: &Customer, visit: &mut Visit) -> Result<(), CutOff> {
        let number = visit.number.clone();
        let items = self.post(customer, "/", &[("number", &number), ("contact", &mail_of(&number))]).await?;
        let draft = items.strip_suffix("/items").unwrap_or_else(|| panic!("{number} was not found: {items}")).to_owned();
        self.draft = Some(draft.clone());
        let field = |name: &str| format!("{name}|{number}|2");
        let why = format!("{draft}/why");
        assert_eq!(self.post(customer, &items, &[(&field("units"), "1")]).await?, why);
        let because = [(field("reason"), "damaged_in_transit"), (field("condition"), "opened")];
        let because: Vec<_> = because.iter().map(|(name, value)| (&**name, *value)).collect();
        assert_eq!(self.post(customer, &why, &because).await?, format!("{draft}/show"));
        self.show_by_form(customer, &number, &format!("{draft}/show")).await?;
        visit.shown.push(self.show_in_pieces(customer, &number, &draft).await?);
        assert_eq!(self.post(customer, &format!("{draft}/wish"), &[(&field("wish"), "refund")]).await?, format!("{draft}/send"));
        assert_eq!(self.post(customer, &format!("{draft}/send"), &[("method", "drop_off")]).await?, format!("{draft}/check"));
        self.complete = true;
        Ok(())
    }

    async fn show_by_form(&mut self, customer: &Customer, number: &str, page: &str) -> Result<(), CutOff> {
        let form = Form::new().part(format!("files|{number}|2"), Part::bytes(picture()).file_name("box.jpg")).text("action", "upload");
        self.sent += 1;
        let answer = sent(self.call(customer, "POST", page).multipart(form)).await?;
        assert_eq!(self.led(page, &answer), page);
        self.kept += 1;
        Ok(())
    }

    async fn show_in_pieces(&mut self, customer: &Customer, number: &str, of: &str) -> Result<String, CutOff> {
        let bytes = picture();
        let form = [("line", format!("{number}|2")), ("name", "flaw.jpg".to_owned()), ("size", bytes.len().to_string())];
        let (status, begun) = heard(self.call(customer, "POST", &format!("{of}/uploads")).form(&form)).await?;
        assert_eq!(status, StatusCode::CREATED, "{begun}");
        let mut upload = Upload { of: of.to_owned(), id: begun["id"].as_str().unwrap().to_owned(), told: 0 };
        self.upload = Some(upload.clone());
        upload.told = bytes.len() / 2;
        self.piece(customer, &upload, 0, &bytes[..upload.told]).await?;
        self.upload = Some(upload.clone());
        self.piece(customer, &upload, upload.told, &bytes[upload.told..]).await
    }

    /// Sends a piece; answers the photo's name after the last.
    async fn piece(&self, customer: &Customer, upload: &Upload, offset: usize, bytes: &[u8]) -> Result<String, CutOff> {
        let put = self.call(customer, "PUT", &format!("{}/uploads/{}?offset={offset}", upload.of, upload.id));
        let (status, answer) = heard(put.body(bytes.to_vec())).await?;
        assert_eq!(status, StatusCode::OK, "{answer}");
        Ok(answer["evidence"]["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Takes the upload up where it has come to; answers the photo's name.
    pub async fn carry_on(&self, customer: &Customer) -> Option<String> {
        let upload = self.upload.as_ref()?;
        let (status, now) = heard(self.call(customer, "GET", &format!("{}/uploads/{}", upload.of, upload.id))).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{now}");
        let offset = usize::try_from(now["offset"].as_u64().unwrap()).unwrap();
        assert!(offset >= upload.told, "byte {} was told, and it has come to {offset} now", upload.told);
        let name = self.piece(customer, upload, offset, &picture()[offset..]).await.unwrap();
        assert!(name.starts_with("ev_"), "{name}");
        Some(name)
    }

    /// Presses the last button, or once more; answers the return's number.
    pub async fn press(&mut self, customer: &Customer) -> Result<String, CutOff> {
        let draft = self.draft.clone().unwrap();
        self.pressed = true;
        let led = self.post(customer, &format!("{draft}/check"), &[]).await?;
        let rma = led.strip_prefix("/returns/").and_then(|rest| rest.strip_suffix("/done"));
        Ok(rma.unwrap_or_else(|| panic!("{draft} leads to {led}")).to_owned())
    }
}
