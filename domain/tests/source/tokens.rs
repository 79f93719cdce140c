//! Rust text as words and marks.

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Word(String),
    /// `::`
    Then,
    Mark(char),
}

/// Words and marks of a text, without comments, strings and characters.
pub fn tokens_of(text: &str) -> Vec<Token> {
    let letters: Vec<char> = text.chars().collect();
    let at = |place: usize| letters.get(place).copied().unwrap_or(' ');
    let mut tokens = Vec::new();
    let mut place = 0;
    while place < letters.len() {
        let letter = letters[place];
        match letter {
            '/' if at(place + 1) == '/' => {
                while place < letters.len() && letters[place] != '\n' {
                    place += 1;
                }
            }
            '/' if at(place + 1) == '*' => {
                let mut depth = 1;
                place += 2;
                while depth > 0 && place < letters.len() {
                    match (letters[place], at(place + 1)) {
                        ('/', '*') => (depth, place) = (depth + 1, place + 2),
                        ('*', '/') => (depth, place) = (depth - 1, place + 2),
                        _ => place += 1,
                    }
                }
            }
            '"' => place = after_string(&letters, place + 1),
            '\'' => {
                // A lifetime is a quote and a word that no quote ends.
                let lifetime = at(place + 1) != '\\' && at(place + 2) != '\'';
                place += 1;
                if !lifetime {
                    place += if at(place) == '\\' { 2 } else { 1 };
                    while place < letters.len() && letters[place] != '\'' {
                        place += 1;
                    }
                    place += 1;
                }
            }
            _ if letter.is_alphanumeric() || letter == '_' => {
                let start = place;
                while at(place).is_alphanumeric() || at(place) == '_' {
                    place += 1;
                }
                let word: String = letters[start..place].iter().collect();
                let raw = ["r", "br", "cr"].contains(&word.as_str()) && matches!(at(place), '"' | '#');
                let hashes = letters[place..].iter().take_while(|letter| **letter == '#').count();
                if raw && at(place + hashes) == '"' {
                    place = after_raw_string(&letters, place + hashes + 1, hashes);
                } else {
                    tokens.push(Token::Word(word));
                }
            }
            ':' if at(place + 1) == ':' => {
                tokens.push(Token::Then);
                place += 2;
            }
            _ => {
                if !letter.is_whitespace() {
                    tokens.push(Token::Mark(letter));
                }
                place += 1;
            }
        }
    }
    tokens
}

fn after_string(letters: &[char], mut place: usize) -> usize {
    while place < letters.len() && letters[place] != '"' {
        place += if letters[place] == '\\' { 2 } else { 1 };
    }
    place + 1
}

fn after_raw_string(letters: &[char], mut place: usize, hashes: usize) -> usize {
    while place < letters.len() {
        let ends = letters[place] == '"' && letters[place + 1..].iter().take(hashes).filter(|letter| **letter == '#').count() == hashes;
        place += 1;
        if ends {
            return place + hashes;
        }
    }
    place
}

/// The place after the bracket that closes the one at `place`.
pub fn after_group(tokens: &[Token], mut place: usize) -> usize {
    let mut depth = 0;
    while place < tokens.len() {
        match tokens[place] {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        place += 1;
        if depth == 0 {
            break;
        }
    }
    place
}
