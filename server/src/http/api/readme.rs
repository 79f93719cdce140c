//! The README's calls: what it tells people to send is what the document shows as examples, and what the tests send.

use serde_json::Value;

const README: &str = include_str!("../../../../README.md");

/// Calls to the interface stand below this.
const HEADING: &str = "\n## By machine\n";

/// How the README names the number of a return that was answered.
pub const ANSWERED: &str = "R-…";

/// A call by `curl`, as the README has it.
#[derive(Debug, PartialEq)]
pub struct Call {
    /// `GET`, `PUT` or `POST`.
    pub method: String,
    /// Below `/api`: `/v1/orders/A-1`; with [`ANSWERED`] in it where it is about a return.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub sent: Sent,
}

/// What a call brings.
#[derive(Debug, PartialEq)]
pub enum Sent {
    Nothing,
    Json(Value),
    /// The content of a file of this name.
    File(String),
    /// Fields of a form; a file's content is `@` and its name.
    Form(Vec<(String, String)>),
}

/// All of them in their order. `ago`: the moment so many days ago, as calls write it.
///
/// # Errors
/// What of a call cannot be read.
pub fn calls(ago: impl Fn(i64) -> String) -> Result<Vec<Call>, String> {
    let part = README.split_once(HEADING).and_then(|(_, rest)| rest.split("\n## ").next()).ok_or("there is no such heading")?;
    let shell = part.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    let commands = shell.flat_map(|block| commands(block, &ago));
    commands.filter(|words| words.first().is_some_and(|word| word == "curl")).map(|words| call(&words)).collect()
}

/// The words of each command, as a shell takes them apart: as far as the README goes.
fn commands(shell: &str, ago: &impl Fn(i64) -> String) -> Vec<Vec<String>> {
    let (mut commands, mut words, mut word) = (Vec::new(), Vec::new(), None::<String>);
    let mut rest = shell.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '\'' => word.get_or_insert_default().extend(rest.by_ref().take_while(|letter| *letter != '\'')),
            '"' => word.get_or_insert_default().extend(rest.by_ref().take_while(|letter| *letter != '"')),
            '$' if rest.as_str().starts_with('(') => {
                let command: String = rest.by_ref().take_while(|letter| *letter != ')').collect();
                let days = command.split('-').nth(3).and_then(|text| text.split(' ').next()?.parse().ok());
                word.get_or_insert_default().push_str(&days.map(ago).unwrap_or(command));
            }
            '#' if word.is_none() => {
                let _ = rest.by_ref().find(|letter| *letter == '\n');
                commands.push(std::mem::take(&mut words));
            }
            ' ' => words.extend(word.take()),
            '\n' => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    commands.push(words);
    commands
}

fn call(words: &[String]) -> Result<Call, String> {
    let (mut method, mut path, mut headers, mut form, mut sent) = ("GET", None, Vec::new(), Vec::new(), Sent::Nothing);
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().map(String::as_str).ok_or_else(|| format!("nothing follows {word}"));
        let parted = |text: &str, by: &str| text.split_once(by).map(|(name, value)| (name.to_owned(), value.to_owned()));
        match word.as_str() {
            "-X" => method = value()?,
            "-H" => headers.extend(parted(value()?, ": ")),
            "-F" => form.extend(parted(value()?, "=")),
            "-o" => drop(value()?),
            "-d" => sent = Sent::Json(serde_json::from_str(value()?).map_err(|error| format!("{path:?}: {error}"))?),
            "--data-binary" => sent = Sent::File(value()?.trim_start_matches('@').to_owned()),
            address => {
                path = Some(address.strip_prefix("$API").map(|path| format!("/v1{path}")).ok_or_else(|| format!("what is {address}?"))?)
            }
        }
    }
    if !form.is_empty() {
        sent = Sent::Form(form);
    }
    Ok(Call { method: method.to_owned(), path: path.ok_or("a call has no address")?, headers, sent })
}
