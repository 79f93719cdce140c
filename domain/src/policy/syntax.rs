//! What is wrong with a text that is no JSON or TOML, in the words of whoever wrote it.

use jsonc_parser::ParseStringErrorKind as InText;
use jsonc_parser::errors::ParseErrorKind as Json;

/// JSON.
pub(super) fn of_json(kind: &Json) -> &'static str {
    match kind {
        Json::ExpectedColonAfterObjectKey | Json::UnexpectedWord => {
            "a `:` is missing after a name, a text has no quotes around it, or a number begins with 0"
        }
        Json::ExpectedObjectValue => "nothing stands after the `:`",
        Json::ExpectedDigit | Json::ExpectedDigitFollowingNegativeSign | Json::ExpectedPlusMinusOrDigitInNumberLiteral => {
            "a number breaks off here"
        }
        Json::ExpectedStringObjectProperty | Json::UnexpectedTokenInObject => "a name in quotes belongs here, such as \"id\"",
        Json::ExpectedComma => "a comma is missing here",
        Json::MultipleRootJsonValues => {
            "something stands after the end of the policy: one `}` too many before it, or two policies in one file"
        }
        Json::String(InText::UnterminatedStringLiteral) => "a text begins here and is never closed: a `\"` is missing",
        Json::String(_) => "a `\\` in a text is written `\\\\`",
        Json::UnexpectedCloseBrace => "this `}` closes nothing",
        Json::UnexpectedCloseBracket => "this `]` closes nothing",
        Json::UnexpectedColon => "this `:` has no name before it",
        Json::UnexpectedComma => "this comma has nothing before it",
        Json::UnterminatedArray => "a list begins here and is never closed: a `]` is missing",
        Json::UnterminatedObject => "this `{` is never closed: a `}` is missing",
        Json::UnterminatedCommentBlock => "a comment begins here and is never closed: a `*/` is missing",
        Json::NestingDepthExceeded => "is nested too deeply",
        Json::HexadecimalNumbersNotAllowed | Json::UnaryPlusNumbersNotAllowed => "numbers are written in digits alone",
        Json::SingleQuotedStringsNotAllowed => "texts are written in double quotes",
        _ => "cannot be read from here on; a text stands in quotes, a number does not",
    }
}

/// What office programs make of a quote.
pub(super) const CURLY: [char; 7] = ['“', '”', '„', '‟', '‘', '’', '＂'];
pub(super) const CURLY_QUOTE: &str = "this is a typographic quote; a policy is written with plain ones (\")";

/// TOML. `line`: the text's line at which its reader gave up.
pub(super) fn of_toml(said: &str, line: &str) -> String {
    let looks_like_yaml = line.trim_end().ends_with(':') || line.contains(": ") && !line.contains('=');
    let plain = if line.trim_end().ends_with('=') {
        "nothing stands after the `=`"
    } else if looks_like_yaml {
        "looks like YAML; a policy is JSON (it begins with `{`) or TOML (`name = value`)"
    } else if said.contains("duplicate key") {
        "this name is given twice"
    } else if said.contains("quote") || said.contains("basic string") || said.contains("literal string") {
        "a text is written in quotes, on one line: \"…\""
    } else if said.contains("value") && !line.contains('=') || said.contains("key with no value") {
        "a name without a value; a policy is TOML (`name = value`) or JSON (it begins with `{`)"
    } else if said.contains("missing value") {
        "nothing stands after the `=`"
    } else if said.contains("comma") || said.contains("array") {
        "a list is written `[ … , … ]`: a `]` or a comma is missing, or one too many"
    } else if said.contains("inline table") {
        "an object is written `{ name = value, … }` on one line: a `}` or a comma is missing, or one too many"
    } else if said.contains("table") {
        "a table is written `[name]`, a rule of one `[[name]]`"
    } else if said.contains("date") || said.contains("time") {
        "a day is written 2026-12-31"
    } else if said.contains("number") || said.contains("digit") || said.contains("integer") || said.contains("float") {
        "a number is written in digits alone: 7, 12.5"
    } else {
        "cannot be read from here on"
    };
    plain.to_owned()
}
