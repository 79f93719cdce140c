//! The fields for files of one place while the page is awake: one file after the other, each with its entry in the list.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, ClipboardEvent, Element, Event, File, FileList, HtmlButtonElement, HtmlElement, HtmlFormElement, HtmlInputElement,
    HtmlProgressElement, HtmlTemplateElement, SubmitEvent, Url,
};

use super::browser::{all, find, member, on};
use super::reduce::reduced;
use super::send::{Sent, Subject, Watch, remove, send};

/// An item of which something is asked, and a file that the server has.
const ITEM: &str = "[data-want]";
const KEPT: &str = ".thumb[data-id]";

struct Field {
    place: String,
    of: Subject,
    most: f64,
    upload: Element,
    thumbs: Element,
    template: HtmlTemplateElement,
    /// To choose from what there is.
    input: HtmlInputElement,
    /// The camera.
    camera: HtmlInputElement,
    form: HtmlFormElement,
    /// Files that wait, with their entries.
    waiting: RefCell<VecDeque<(File, Element)>>,
    /// Files whose connection did not come back.
    broken: RefCell<Vec<(File, Element)>>,
    busy: Cell<bool>,
    /// Pressed while files were on their way: the form goes off when they have arrived.
    pressed: RefCell<Option<Option<HtmlElement>>>,
}

/// Takes the fields over.
pub(super) fn take_over(part: &Element, place: &str, line: &str, shows: &str, most: u32) {
    if let Some(field) = Field::of(part, place, Subject { line: line.to_owned(), shows: shows.to_owned() }, most) {
        Rc::new(field).listen();
    }
}

impl Field {
    fn of(part: &Element, place: &str, of: Subject, most: u32) -> Option<Self> {
        let input: HtmlInputElement = find(part, "input[type=file]:not([capture])")?;
        let form = input.form()?;
        Some(Self {
            place: place.to_owned(),
            of,
            most: f64::from(most),
            upload: find(part, ".upload")?,
            thumbs: find(part, ".thumbs")?,
            template: find(&form, "template")?,
            camera: find(part, "input[capture]")?,
            form,
            input,
            waiting: RefCell::default(),
            broken: RefCell::default(),
            busy: Cell::new(false),
            pressed: RefCell::new(None),
        })
    }

    fn listen(self: Rc<Self>) {
        for input in [&self.input, &self.camera] {
            let (field, from) = (self.clone(), input.clone());
            on(input, "change", move |_: Event| field.take_chosen(&from));
        }
        let field = self.clone();
        on(&self.thumbs, "click", move |click: Event| field.clicked(&click));
        let field = self.clone();
        on(&self.form, "submit", move |submit: SubmitEvent| field.hold_back(&submit));
        let field = self.clone();
        on(&document(), "paste", move |paste: ClipboardEvent| field.pasted(&paste));
        // The field itself takes what is dropped on it; only its looks change.
        for (event, over) in [("dragenter", true), ("dragover", true), ("dragleave", false), ("drop", false)] {
            let upload = self.upload.clone();
            on(&self.input, event, move |_: Event| {
                let _ = upload.class_list().toggle_with_force("over", over);
            });
        }
        // Chosen before the page was awake.
        self.take_chosen(&self.input);
        self.take_chosen(&self.camera);
    }

    fn take_chosen(self: &Rc<Self>, input: &HtmlInputElement) {
        self.take(input.files());
        input.set_value("");
    }

    fn take(self: &Rc<Self>, files: Option<FileList>) {
        let Some(files) = files.filter(|files| files.length() > 0) else { return };
        if let Some(old) = find::<Element>(&self.upload, ".errors-here") {
            old.set_inner_html("");
        }
        let _ = self.input.remove_attribute("aria-invalid");
        for file in (0..files.length()).filter_map(|place| files.get(place)) {
            if let Some(entry) = self.entry(&file.name()) {
                self.waiting.borrow_mut().push_back((file, entry));
            }
        }
        self.go_on();
    }

    /// From the clipboard: for the place that is being worked on, the first where nothing is yet, or the last.
    fn pasted(self: &Rc<Self>, paste: &ClipboardEvent) {
        let files = paste.clipboard_data().and_then(|data| data.files()).filter(|files| files.length() > 0);
        let active = document().active_element().and_then(|element| element.closest(".upload").ok().flatten());
        let mine = active.or_else(|| find(&self.form, ".upload:not(:has(.thumb))")).or_else(|| all(&self.form, ".upload").pop());
        // Once one has taken it, another is the first where nothing is yet.
        if files.is_some() && mine.as_ref() == Some(&self.upload) && !paste.default_prevented() {
            paste.prevent_default();
            self.take(files);
        }
    }

    /// A new entry of the list.
    fn entry(&self, name: &str) -> Option<Element> {
        let entry: Element = self.template.content().first_element_child()?.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
        self.thumbs.append_child(&entry).ok()?;
        find::<Element>(&entry, ".name")?.set_text_content(Some(name));
        for labelled in ["button[name=remove]", "progress"] {
            let labelled: Element = find(&entry, labelled)?;
            let label = labelled.get_attribute("aria-label").unwrap_or_default();
            labelled.set_attribute("aria-label", &label.replace("{name}", name)).ok()?;
        }
        Some(entry)
    }

    /// Sends what waits, one after the other.
    fn go_on(self: &Rc<Self>) {
        if self.busy.replace(true) {
            return;
        }
        let field = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            loop {
                let next = field.waiting.borrow_mut().pop_front();
                let Some((file, entry)) = next else { break };
                field.send(file, entry).await;
            }
            field.busy.set(false);
            let pressed = field.pressed.borrow_mut().take();
            if let Some(button) = pressed.filter(|_| field.all_is_well()) {
                let _ = field.form.request_submit_with_submitter(button.as_ref());
            }
        });
    }

    async fn send(&self, file: File, entry: Element) {
        if !entry.is_connected() {
            return;
        }
        let small = reduced(&file).await;
        let (name, blob): (String, Blob) = match small {
            Some(small) => (with_ending(&file.name(), "jpg"), small),
            None => (file.name(), file.clone().unchecked_into()),
        };
        show_picture(&entry, &blob);
        if blob.size() > self.most {
            return self.refuse(&entry, &self.word("large"));
        }
        self.say("sending", &name);
        let watch = Entry { field: self, entry: &entry };
        match send(&self.place, &self.of, &name, &blob, &watch).await {
            Sent::Kept(evidence) => self.keep(&entry, &evidence),
            Sent::Refused(why) => self.refuse(&entry, &why),
            Sent::Broken => {
                self.refuse(&entry, &self.word("broken"));
                if let Some(again) = find::<HtmlElement>(&entry, ".again") {
                    again.set_hidden(false);
                }
                self.broken.borrow_mut().push((file, entry));
            }
            Sent::GivenUp => {}
        }
    }

    /// The server has it.
    fn keep(&self, entry: &Element, evidence: &JsValue) {
        let text = |name: &str| member(evidence, name).and_then(|value| value.as_string()).unwrap_or_default();
        let (id, name) = (text("id"), text("name"));
        let _ = entry.set_attribute("data-id", &id);
        if let Some(button) = find::<HtmlButtonElement>(entry, "button[name=remove]") {
            button.set_value(&id);
        }
        if let Some(link) = find::<Element>(entry, "a") {
            let label = link.get_attribute("data-label").unwrap_or_default();
            let _ = link.set_attribute("aria-label", &label.replace("{name}", &name));
            let _ = link.set_attribute("href", &format!("/evidence/{id}"));
            link.set_inner_html(&format!("<img src=\"/evidence/{id}/preview\" alt=\"\" width=\"96\" height=\"96\">"));
        }
        if let Some(progress) = find::<Element>(entry, "progress") {
            progress.remove();
        }
        self.note(entry, "");
        self.say("kept", &name);
        self.recount();
    }

    fn refuse(&self, entry: &Element, why: &str) {
        let _ = entry.class_list().add_1("bad");
        if let Some(progress) = find::<HtmlElement>(entry, "progress") {
            progress.set_hidden(true);
        }
        self.note(entry, why);
        let name = find::<Element>(entry, ".name").and_then(|name| name.text_content()).unwrap_or_default();
        self.announce(&format!("{name}: {why}"));
    }

    fn clicked(self: &Rc<Self>, click: &Event) {
        let Some(button) = click.target().and_then(|target| target.dyn_into::<Element>().ok()?.closest("button").ok()?) else { return };
        let Some(entry) = button.closest("li").ok().flatten() else { return };
        click.prevent_default();
        if button.class_list().contains("again") {
            return self.try_again(&entry);
        }
        let id = entry.get_attribute("data-id");
        let field = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            if let Some(id) = id
                && !remove(&field.place, &id).await
            {
                return field.note(&entry, &field.word("broken"));
            }
            let name = find::<Element>(&entry, ".name").and_then(|name| name.text_content()).unwrap_or_default();
            // Who sends it just now sees that it is gone, and gives up.
            entry.remove();
            let _ = field.input.focus();
            field.say("removed", &name);
            field.recount();
        });
    }

    fn try_again(self: &Rc<Self>, entry: &Element) {
        let found = self.broken.borrow().iter().position(|(_, broken)| broken == entry);
        let Some((file, entry)) = found.map(|place| self.broken.borrow_mut().remove(place)) else { return };
        let _ = entry.class_list().remove_1("bad");
        for (what, hidden) in [("progress", false), (".again", true)] {
            if let Some(part) = find::<HtmlElement>(&entry, what) {
                part.set_hidden(hidden);
            }
        }
        self.note(&entry, "");
        self.waiting.borrow_mut().push_back((file, entry));
        self.go_on();
    }

    /// The form waits for what is on its way.
    fn hold_back(&self, submit: &SubmitEvent) {
        if self.busy.get() {
            submit.prevent_default();
            *self.pressed.borrow_mut() = Some(submit.submitter());
            self.announce(&self.word("waiting"));
        }
    }

    fn all_is_well(&self) -> bool {
        find::<Element>(&self.thumbs, ".bad").is_none()
    }

    /// What is missing, and whether one can go on without, is only said where something is.
    fn recount(&self) {
        if find::<Element>(&self.thumbs, KEPT).is_some() {
            forget_missing(&self.upload);
        }
        if let Some(item) = self.upload.closest(ITEM).ok().flatten().filter(is_complete) {
            all(&item, ".upload").iter().for_each(forget_missing);
        }
        if let Some(without) = find::<HtmlElement>(&self.form, ".without") {
            without.set_hidden(all(&self.form, ITEM).iter().all(is_complete));
        }
    }

    fn note(&self, entry: &Element, text: &str) {
        if let Some(note) = find::<Element>(entry, ".meta") {
            note.set_text_content(Some(text));
        }
    }

    fn word(&self, name: &str) -> String {
        self.form.get_attribute(&format!("data-{name}")).unwrap_or_default()
    }

    fn say(&self, word: &str, name: &str) {
        self.announce(&self.word(word).replace("{name}", name));
    }

    fn announce(&self, text: &str) {
        if let Some(status) = find::<Element>(&self.upload, "[role=status]") {
            status.set_text_content(Some(text));
        }
    }
}

/// As many files are kept of an item as are asked for, wherever they were put.
fn is_complete(item: &Element) -> bool {
    let wanted = item.get_attribute("data-want").and_then(|wanted| wanted.parse().ok()).unwrap_or(0);
    all(item, KEPT).len() >= wanted
}

/// What was missing when the page was sent is there now: nobody is asked for it any more.
fn forget_missing(upload: &Element) {
    if let Some(told) = find::<Element>(upload, ".errors-here") {
        told.set_inner_html("");
    }
    let Some(summary) = document().query_selector(".errors").ok().flatten() else { return };
    for link in all(&summary, &format!("a[href=\"#{}\"]", upload.id())) {
        if let Some(entry) = link.closest("li").ok().flatten() {
            entry.remove();
        }
    }
    if find::<Element>(&summary, "li").is_none() {
        summary.remove();
    }
}

struct Entry<'a> {
    field: &'a Field,
    entry: &'a Element,
}

impl Watch for Entry<'_> {
    fn wanted(&self) -> bool {
        self.entry.is_connected()
    }

    fn arrived(&self, part: f64) {
        self.field.note(self.entry, "");
        if let Some(progress) = find::<HtmlProgressElement>(self.entry, "progress") {
            progress.set_value(part);
        }
    }

    fn broke(&self) {
        let text = self.field.word("offline");
        self.field.note(self.entry, &text);
        self.field.announce(&text);
    }
}

/// The picture that is being sent; a document has none yet.
fn show_picture(entry: &Element, blob: &Blob) {
    let picture = find::<Element>(entry, "img").filter(|_| blob.type_().starts_with("image/"));
    if let (Some(picture), Ok(address)) = (picture, Url::create_object_url_with_blob(blob)) {
        let _ = picture.set_attribute("src", &address);
    }
}

fn with_ending(name: &str, ending: &str) -> String {
    format!("{}.{ending}", name.rsplit_once('.').map_or(name, |(stem, _)| stem))
}
